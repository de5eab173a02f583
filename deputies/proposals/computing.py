"""A proposal for many mandates is computed in the background."""

from datetime import date

from liaison.accounts.models import Area, Post, Role
from liaison.core.jobs import Result, Running, job
from liaison.core.models import Job
from liaison.core.workflow import NotAllowed

from .models import AssignmentProposal

ASKED = "least", "most", "threshold", "mix"


def propose(proposal: AssignmentProposal, *, by: Post) -> AssignmentProposal | Job:
    """Compute and keep it now; where that takes long, the job that will. What goes wrong there is told there."""
    if not proposal.is_long:
        return proposal.propose(by=by)
    params = {name: getattr(proposal, name) for name in ASKED}
    params |= {"area": proposal.area.code, "on": proposal.on}
    return Job.objects.ask("assignment_proposal", by=by, title="计算编组方案", params=params)


def _still_open(found: Job, post: Post) -> bool:
    return (
        post.role == Role.OFFICE and Area.objects.visible_to(post).filter(code=found.params["area"]).exists()
    )


@job("assignment_proposal", open_to=_still_open)
def compute(running: Running) -> Result:
    """Compute and keep the proposal that was asked for, once however often the job is begun."""
    made = AssignmentProposal.objects.filter(job=running.row).first()
    if made is None:
        area = Area.objects.visible_to(running.post).filter(code=running.params["area"]).first()
        if area is None:
            raise NotAllowed("您能看的范围变了，没有做。请重新提出。")
        asked = {name: running.params[name] for name in ASKED}
        on = date.fromisoformat(running.params["on"])
        made = AssignmentProposal(area=area, on=on, job=running.row, **asked).propose(
            by=running.post,
            progress=lambda done, of, words: running.progress(done, of + 1),
            kept=lambda: running.progress(1, 1),
        )
    changes = made.figures["changes"]
    return Result(
        f"{made}：调整 {changes['MOVE']} 职，新编入 {changes['NEW']} 职。请到“代表”的“编组方案”里看。",
        rows=made.figures["mandates"],
    )
