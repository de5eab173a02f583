"""编组方案: the rows of one proposal, as its page shows them; what an office lays before its chairs."""

from deputies.proposals.filters import ProposalRowFilter
from deputies.proposals.models import ProposalRow
from deputies.proposals.views import READERS
from liaison.core.filters import WholeNumberFilter

from .listing import Asked, Column, Listing, column


class OfOneProposal(ProposalRowFilter):
    """Without a proposal there is nothing; without a kind of change there is what would change, as on the page."""

    proposal = WholeNumberFilter(label="方案")

    def filter_queryset(self, rows):
        if not self.form.cleaned_data.get("proposal"):
            return rows.none()
        found = super().filter_queryset(rows)
        return found if self.form.cleaned_data.get("change") else found.changing()


def _kilometres(name: str) -> Column:
    heading = {"metres_before": "原距离（公里）", "metres_after": "新距离（公里）"}[name]

    def value(row: ProposalRow, asked: Asked) -> float | None:
        metres = getattr(row, name)
        return None if metres is None else round(metres / 1000, 1)

    return Column(heading, value, 14)


LISTING = Listing(
    name="proposal",
    title="编组方案",
    roles=READERS,
    filter=OfOneProposal,
    scope=ProposalRow.objects.visible_to,
    order=("pk",),
    chosen=lambda asked: asked.filter.qs.select_related(
        "mandate__deputy", "mandate__area", "origin", "station"
    ),
    columns=(
        column("代表", "mandate.deputy.name", 12),
        column("层级", "mandate.get_level_display", 6),
        column("所在区划", "mandate.area.full_name", 26),
        column("变动", "get_change_display", 10),
        column("原站编号", "origin.code", 10),
        column("原站", "origin.name", 26),
        column("新站编号", "station.code", 10),
        column("新站", "station.name", 26),
        _kilometres("metres_before"),
        _kilometres("metres_after"),
        column("理由", "reason", 50),
    ),
)
