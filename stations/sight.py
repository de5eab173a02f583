"""What a post had in sight when it asked for something, and whether it still has."""

from liaison.accounts.models import Post, Role

from .models import Station


def stations_in_sight(post: Post) -> list[int] | None:
    """The stations that a post of stations has in sight; None for posts of areas."""
    if post.role not in (Role.STATION, Role.DEPUTY):
        return None
    return sorted(Station.objects.visible_to(post).values_list("pk", flat=True))


def still_in_sight(stations: list[int] | None, post: Post) -> bool:
    """Are the stations of then among those of now?"""
    return set(stations or ()) <= set(stations_in_sight(post) or ())
