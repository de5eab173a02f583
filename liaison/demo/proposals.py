"""A proposal for the assignment, computed and not yet decided: of the whole city, or of the county of the scenario."""

from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic

from deputies.models import AssignmentProposal
from liaison.accounts.models import Area
from liaison.core.workdays import month_start

from .accounts import Account
from .record import Trail, moment
from .scenarios import Scenario


@dataclass(frozen=True)
class Proposed:
    proposal: AssignmentProposal
    seconds: float

    @property
    def in_words(self) -> str:
        figures = self.proposal.figures
        before, after = figures["before"], figures["after"]
        return (
            f"{self.proposal}：{figures['mandates']} 职、{figures['sites']} 个站点，用时 {self.seconds:.1f} 秒；"
            f"调整 {figures['changes']['MOVE']} 职；平均距离 {before['mean']} → {after['mean']} 米，"
            f"每站代表层级 {before['levels']} → {after['levels']} 级，"
            f"只有一级代表的站点 {before['one_level']} → {after['one_level']} 个，"
            f"每站人数 {before['least']}—{before['most']} → {after['least']}—{after['most']} 职。"
        )


def build(scenario: Scenario, accounts: dict[str, Account], *, today: date, trail: Trail) -> Proposed:
    """Made by the office on the day before `today`, to begin on the first of the next month."""
    by = accounts["office-city" if scenario.city_home else "office"].post
    area = Area.objects.get(code=scenario.city if scenario.city_home else scenario.counties[0].code)
    on = month_start(today, 1)
    least, most = AssignmentProposal.usual_load(area, on)
    at = moment(today - timedelta(days=1))
    proposal = AssignmentProposal(area=area, on=on, least=least, most=most, created_at=at)
    begun = monotonic()
    rows = proposal.compute()
    seconds = monotonic() - begun
    proposal.save()
    proposal.keep(rows)
    trail.add(proposal, "enter", by=by, at=at, after=proposal.state, data={"figures": proposal.figures})
    return Proposed(proposal, seconds)
