"""Who is assigned to a station, and which mandate a name in a sheet means there."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from deputies.models import Level, Mandate, StationAssignment
from stations.models import Station
from visits.clock import name_key

from .cells import Wrong
from .deputies import LEVELS
from .sheet import IN_ONE_QUERY, Run

NEAREST = list(reversed([level.value for level in Level]))  # of one person's mandates the most local one


class Seats:
    """Assignments by the code of the station and the name of the deputy: of the database, and of this file."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.of: dict[str, dict[str, list[StationAssignment]]] = {}

    def fetch(self, codes: Iterable[str]) -> None:
        """Who is assigned to each station, from the database and from this file."""
        missing = [code_ for code_ in codes if code_ not in self.of]
        stations = {s.pk: code_ for code_ in missing if (s := self.run.stations.get(code_)) and s.pk}
        for code_ in missing:
            self.of[code_] = defaultdict(list)
            for assignment in self.run.placed.get(code_, ()):
                self.of[code_][assignment.mandate.deputy.name].append(assignment)
        keys = list(stations)
        few = (
            "from_on", "to_on", "station_id", "mandate__from_on", "mandate__to_on", "mandate__suspended_on",
            "mandate__level", "mandate__deputy__name", "mandate__deputy__card_no",
        )  # fmt: skip
        for start in range(0, len(keys), IN_ONE_QUERY):
            rows = StationAssignment.objects.filter(station__in=keys[start : start + IN_ONE_QUERY])
            for assignment in rows.select_related("mandate__deputy").only(*few).order_by("pk"):
                self.of[stations[assignment.station_id]][assignment.mandate.deputy.name].append(assignment)

    def mandate(self, written: str, station: Station, on: date, heading: str) -> Mandate:
        """The mandate that a name means at this station on this day. Raises Wrong."""
        match = re.fullmatch(r"(.+?)[(（](.+?)[)）]", written)
        name, which = (match[1], match[2]) if match else (written, "")
        there = self.of.get(station.code, {}).get(name_key(name), [])
        if which in LEVELS:
            there = [one for one in there if one.mandate.level == LEVELS[which]]
        elif which:
            there = [one for one in there if (one.mandate.deputy.card_no or "").upper() == which.upper()]
        if not there:
            raise Wrong(
                f"{station}没有编入“{written[:20]}”。请检查姓名；先在“代表”表里把进站编号写上。", heading
            )
        why_not = ""
        able = []
        for one in there:
            if why := one.mandate.why_not_on(on):
                why_not = why
            else:
                able.append(one)
        if not able:
            raise Wrong(why_not, heading)
        that_day = [one for one in able if one.from_on <= on and (one.to_on is None or on <= one.to_on)]
        able = that_day or able
        people = {
            id(one.mandate.deputy) if one.mandate.deputy.pk is None else one.mandate.deputy_id for one in able
        }
        if len(people) > 1:
            raise Wrong(
                f"有 {len(people)} 位{name}。请写明是哪一位，如 {name}（县）或 {name}（代表证号）。",
                heading,
            )
        chosen: Mandate = min(able, key=lambda one: NEAREST.index(one.mandate.level)).mandate
        return chosen
