"""Loads a scenario into an empty database, all of it or nothing."""

import random
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from liaison.accounts.areas import BUILTIN, load_areas, read_areas
from liaison.core.workdays import load_years
from visits.management.commands.load_categories import load_categories

from . import (
    accounts,
    appointments,
    attendance,
    congresses,
    contacts,
    departments,
    drafts,
    exports,
    followups,
    joining,
    network,
    news,
    notices,
    orders,
    papers,
    projects,
    proposals,
    receptions,
    sealed,
    session,
    suggestions,
    superior_form,
    tasks,
    themes,
    walks,
)
from .record import Numbers, Trail
from .scenarios import Scenario

CALENDAR_FROM = 2018


@dataclass(frozen=True)
class Loaded:
    accounts: dict[str, accounts.Account]
    proposed: proposals.Proposed


@transaction.atomic
def load(scenario: Scenario, *, today: date, password: str) -> Loaded:
    """The same for a scenario at every run, but for what lies around `today`."""
    path, source = BUILTIN["shanxi"]
    load_areas(read_areas(path), source=source)
    load_years(range(CALENDAR_FROM, today.year + 2))
    load_categories()
    net = network.build(random.Random(f"{scenario.name} network"), scenario)
    seats = congresses.build(random.Random(f"{scenario.name} congresses"), scenario, net)
    made = accounts.make(scenario, net, seats, password)
    clerks = departments.build(scenario, made)
    trail = Trail()
    receptions.build(
        scenario,
        net,
        seats,
        today=today,
        officer=made["station"].post,
        offices={made["office"].post.area.path: made["office"].post, "": made["office-city"].post},
        clerks=clerks,
        trail=trail,
    )
    attendance.build(made["deputy"].post, made["station"].post, today=today, trail=trail)
    numbers = Numbers()
    drafts.build(
        random.Random(f"{scenario.name} drafts"),
        scenario,
        net,
        seats,
        made["office-city"].post,
        today=today,
        numbers=numbers,
        trail=trail,
    )
    appointments.build(
        random.Random(f"{scenario.name} appointments"),
        scenario,
        net,
        seats,
        made["station"].post,
        today=today,
        numbers=numbers,
        trail=trail,
    )
    posts = {name: account.post for name, account in made.items()}
    suggestions.build(scenario, seats, posts, clerks, today=today, numbers=numbers, trail=trail)
    session.build(scenario, posts, clerks, today=today, numbers=numbers, trail=trail)
    tasks.rules(scenario, posts["office"], today=today)
    tasks.suggest(scenario, net, seats, posts["office"], clerks, today=today, numbers=numbers, trail=trail)
    numbers.keep()
    proposed = proposals.build(scenario, made, today=today, trail=trail)
    notices.build(scenario, net, today=today, officer=made["station"].post, trail=trail)
    office = made["office"].post
    contacts.build(
        scenario, net, seats, today=today, officer=made["station"].post, office=office, trail=trail
    )
    walks.build(seats, today=today, officer=made["station"].post, deputy=made["deputy"].post, trail=trail)
    orders.build(scenario, made, clerks, today=today, trail=trail)
    themes.build(scenario, office, today=today, trail=trail)
    joining.build(office, today=today, trail=trail)
    followups.build(
        scenario, net, made["station"].post, made["deputy"].post, office, today=today, trail=trail
    )
    papers.build(made, today=today, trail=trail)
    projects.build(made, today=today, numbers=numbers, trail=trail)
    news.build(scenario, net, office, made["station"].post, today=today, numbers=numbers, trail=trail)
    numbers.keep()
    tasks.build(scenario, net, seats, office, today=today, trail=trail)
    trail.keep()
    superior_form.build(office, today=today)
    if scenario.name == "county":
        sealed.build(office, made["station"].post, today=today)
    exports.build(made["office"].post, made["auditor"].post, today=today)
    return Loaded(made, proposed)
