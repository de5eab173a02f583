"""记一次活动: what has taken place already is entered with who came and what came of it, and closed at once."""

from collections import Counter
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from deputies.models import Mandate
from liaison.accounts.models import Post
from liaison.core.workflow import NotAllowed

from .models import Activity, ActivityFile, Attendance


def record(
    activity: Activity,
    *,
    by: Post,
    came: list[Mandate],
    reported: list[Mandate],
    photos: list[UploadedFile],
    caption: str,
    **known: Any,
) -> Activity:
    """Enter and close a new `activity` in one go; `known` are the arguments of its step `close`.

    `reported` are those of `came` who reported to voters. Raises NotAllowed where a mandate was not held on that day or
    what the kind asks is missing, ValidationError where a photo is none; then nothing is kept.
    """
    with transaction.atomic():
        activity.enter(by=by, note="事后补记")
        asked = [(activity, mandate) for mandate in came]
        placed, refusals = Attendance.roster_each(asked, by=by, told=False)
        if refusals := _counted_twice(came) + refusals:
            raise NotAllowed("".join(refusals))
        rows = {place.mandate_id: place for place in placed}
        if strangers := [mandate.deputy.name for mandate in reported if mandate.pk not in rows]:
            raise NotAllowed(f"{'、'.join(strangers)}没有勾选到会，不能记为述职。")
        for photo in photos:
            ActivityFile.objects.show(activity, photo, caption=caption, by=by)
        activity.close(by=by, present=placed, reporting=[rows[one.pk] for one in reported], **known)
    return activity


def _counted_twice(came: list[Mandate]) -> list[str]:
    """One who holds two mandates comes in one of them."""
    names = Counter((mandate.deputy_id, mandate.deputy.name) for mandate in came)
    return [f"{name}勾选了 {times} 个职务，请只留一个。" for (_, name), times in names.items() if times > 1]
