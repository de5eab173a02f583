"""The cheapest placement, on small worlds made up at random: within bounds, nobody out in the rain, never worse."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deputies.proposals.solving import NEAREST, Seat, Site, Weights, World, center, metres, solve

pytestmark = pytest.mark.once

COUNTY = "140213"
TOWNS = [f"{COUNTY}{number:03}" for number in range(1, 4)]
POINTS = {town: (113.30 + 0.03 * place, 40.07) for place, town in enumerate(TOWNS)}
LEVELS = "CITY", "COUNTY", "TOWNSHIP"


@st.composite
def worlds(draw, sites=(1, 6)):
    """A county of three townships with some sites and up to fifteen mandates, most of them somewhere already."""
    sites = [
        Site(
            key,
            draw(st.sampled_from(TOWNS)),
            (113.30 + draw(st.integers(0, 60)) / 1000, 40.07),
            takes=key == 1 or draw(st.integers(0, 4)) > 0,
            held=draw(st.dictionaries(st.sampled_from(LEVELS), st.integers(1, 2), max_size=1)),
        )
        for key in range(1, 1 + draw(st.integers(*sites)))
    ]
    places = st.sampled_from([None, *(site.key for site in sites)])
    seats = [
        Seat(key, draw(st.sampled_from(LEVELS)), draw(st.sampled_from([*TOWNS, COUNTY])), draw(places))
        for key in range(100, 100 + draw(st.integers(0, 15)))
    ]
    least = draw(st.integers(0, 3))
    weights = Weights(
        least,
        max(1, least + draw(st.integers(0, 8))),
        draw(st.sampled_from([0, 500, 1500])),
        draw(st.sampled_from([0, 3000])),
    )
    return World(sites, seats, POINTS), weights


def loads(world, placed):
    return Counter(key for key in placed.values() if key is not None)


def room(world, weights, key):
    return max(0, weights.most - sum(world.sites[key].held.values()))


@settings(max_examples=30)
@given(worlds())
def test_bounds_are_kept_and_a_suspended_site_gets_nobody_new(asked):
    world, weights = asked
    placed = solve(world, weights)

    assert placed.keys() == {seat.key for seat in world.seats}
    for key, number in loads(world, placed).items():
        assert number <= room(world, weights, key)
    for seat in world.seats:
        key = placed[seat.key]
        assert key is None or key == seat.site or world.sites[key].takes


@settings(max_examples=30)
@given(worlds())
def test_nobody_is_left_out_while_a_site_that_takes_has_room(asked):
    world, weights = asked
    placed = solve(world, weights)

    if None in placed.values():
        full = loads(world, placed)
        assert all(full[k] == room(world, weights, k) for k, site in world.sites.items() if site.takes)


@settings(max_examples=30)
@given(worlds())
def test_it_is_never_worse_than_the_present_and_a_single_change_makes_it_no_better(asked):
    world, weights = asked
    placed = solve(world, weights)
    cost = world.cost(placed, weights)

    present = {seat.key: seat.site for seat in world.seats}
    if all(number <= room(world, weights, key) for key, number in loads(world, present).items()):
        assert cost <= world.cost(present, weights)
    for seat in world.seats:
        for key, site in world.sites.items():
            other = placed | {seat.key: key}
            if (site.takes or key == seat.site) and loads(world, other)[key] <= room(world, weights, key):
                assert cost <= world.cost(other, weights)


@settings(max_examples=12)
@given(worlds(sites=(NEAREST + 1, NEAREST + 4)))
def test_among_many_sites_a_change_to_one_of_the_nearest_makes_it_no_better(asked):
    world, weights = asked
    placed = solve(world, weights)
    cost = world.cost(placed, weights)

    for seat in world.seats:
        near = sorted((world.toll(seat.level, seat.base, s), s.key) for s in world.sites.values() if s.takes)
        for _, key in near if seat.base == COUNTY else near[:NEAREST]:
            other = placed | {seat.key: key}
            if loads(world, other)[key] <= room(world, weights, key):
                assert cost <= world.cost(other, weights)


@settings(max_examples=8)
@given(worlds())
def test_the_same_question_has_the_same_answer(asked):
    world, weights = asked

    assert solve(world, weights) == solve(World(*_reversed(world)), weights)


def _reversed(world):
    return list(world.sites.values())[::-1], world.seats[::-1], world.points


def test_a_move_must_gain_more_than_the_threshold():
    near, far = Site(1, TOWNS[0], (113.30, 40.07)), Site(2, TOWNS[0], (113.33, 40.07))
    world = World([near, far], [Seat(100, "COUNTY", TOWNS[0], 2)], POINTS)

    assert metres(near.point, far.point) == pytest.approx(2553, abs=5)
    assert solve(world, Weights(0, 5, threshold=2500, mix=0)) == {100: 1}
    assert solve(world, Weights(0, 5, threshold=2600, mix=0)) == {100: 2}


def test_a_site_that_lacks_a_level_is_worth_a_longer_way():
    sites = [Site(1, TOWNS[0], (113.30, 40.07)), Site(2, TOWNS[0], (113.32, 40.07), held={"COUNTY": 1})]
    seats = [Seat(100, "CITY", TOWNS[0], 1), Seat(101, "CITY", TOWNS[0], 1)]

    assert solve(World(sites, seats, POINTS), Weights(0, 5, threshold=500, mix=0)) == {100: 1, 101: 1}
    assert solve(World(sites, seats, POINTS), Weights(0, 5, threshold=500, mix=3000)) == {100: 1, 101: 2}


def test_of_those_alike_the_first_in_rank_stays():
    sites = [Site(1, TOWNS[0], None), Site(2, TOWNS[0], None)]
    seats = [Seat(100, "CITY", COUNTY, 1, (1,)), Seat(101, "CITY", COUNTY, 1, (0,))]

    assert solve(World(sites, seats, POINTS), Weights(1, 1)) == {101: 1, 100: 2}


def test_a_town_s_own_deputies_stay_with_the_town_s_own_sites():
    sites = [Site(1, TOWNS[0], (113.30, 40.07)), Site(2, TOWNS[1], (113.3001, 40.07))]
    seats = [Seat(100, "TOWNSHIP", TOWNS[0]), Seat(101, "TOWNSHIP", TOWNS[0]), Seat(102, "COUNTY", TOWNS[0])]

    placed = solve(World(sites, seats, POINTS), Weights(1, 2))
    assert placed == {100: 1, 101: 1, 102: 2}


def test_where_the_near_sites_are_full_the_whole_county_is_asked():
    near = [Site(key, TOWNS[0], (113.30, 40.07), held={"COUNTY": 1}) for key in range(1, 14)]
    far = Site(99, TOWNS[2], (113.36, 40.07))
    world = World([*near, far], [Seat(100, "COUNTY", TOWNS[0])], POINTS)

    assert solve(world, Weights(0, 1)) == {100: 99}


def test_progress_is_told_step_by_step():
    told = []
    solve(
        World([Site(1, TOWNS[0], None)], [Seat(100, "CITY", COUNTY)], {}),
        Weights(0, 1),
        lambda done, of, words: told.append((done, of)),
    )
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_ways_are_measured_on_the_sphere():
    assert metres((113.30, 40.08), (113.30, 40.08)) == 0
    assert metres((113.0, 40.0), (113.0, 41.0)) == pytest.approx(111_195, abs=1)  # a degree of latitude
    assert center([(1.0, 2.0), (3.0, 4.0)]) == (2.0, 3.0)
    assert center([]) is None
