"""票决结果报告单: the result of a vote, for the presidium to sign and the archive box."""

from liaison.core.pdf import paper

from .models import Ballot


def result_sheet(ballot: Ballot) -> bytes:
    """The PDF. Raises NotAllowed where a character has no glyph."""
    lines = list(ballot.lines.in_order().select_related("project__department"))
    chosen = [line for line in lines if line.result == line.Result.CHOSEN]
    return paper("suggestions/projects/result_pdf.html", {"ballot": ballot, "lines": lines, "chosen": chosen})
