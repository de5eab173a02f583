"""The code that stands in the room: it changes, so that who shows it has seen the screen a moment ago.

A code is drawn from the activity and the half minute by the clock of the server; the clock of the phone plays no part.
The one before is still taken, for who was just lifting the phone. A photo of it sent to someone at home is of no use
soon after.
"""

import base64
from datetime import datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

WINDOW = 30  # seconds for which a code stands
LENGTH = 8  # letters: 40 bits, of which a guess would need all within a minute
REMEMBERED = 120  # windows for which a code that has passed is still known as one: an hour
SCANNED_FOR = timedelta(minutes=10)  # from the scan to the tap, with signing in between
SALT = "visits.checkin"
MISREAD = str.maketrans("018", "OIB")  # digits that a code never holds, and what they are mistaken for


def _window(moment: datetime) -> int:
    return int(moment.timestamp()) // WINDOW


def _code(activity: int, window: int) -> str:
    mac = salted_hmac(SALT, f"{activity}:{window}", algorithm="sha256").digest()
    return base64.b32encode(mac).decode()[:LENGTH]


def code_for(activity: int, moment: datetime) -> str:
    """The code of an activity (its key) at a moment: eight capital letters and digits."""
    return _code(activity, _window(moment))


def seconds_left(moment: datetime) -> int:
    """For how long the code of this moment still stands, 1 to WINDOW."""
    return WINDOW - int(moment.timestamp()) % WINDOW


def code_fault(activity: int, code: str, moment: datetime) -> str:
    """Why `code` says nothing of being at the activity at `moment`, as a sentence; empty where it is good."""
    typed = "".join(code.split()).replace("-", "").upper().translate(MISREAD)
    now = _window(moment)
    # Every window is compared, found or not: the time taken tells nothing.
    found = [
        age
        for age in range(REMEMBERED)
        if constant_time_compare(typed.encode(), _code(activity, now - age).encode())
    ]
    if not found:
        return "这个签到码不对。请对准现场屏幕上现在的码再扫一次。"
    return "" if found[0] <= 1 else "这个签到码已经过期。请对准现场屏幕上现在的码再扫一次。"


def token_for(activity: int, moment: datetime) -> str:
    """What the picture leads to: the activity and its code."""
    return f"{activity}-{code_for(activity, moment)}"


def read_token(token: str) -> tuple[int, str]:
    """The activity's key and the code of a scanned token; (0, …) where it is none of ours."""
    activity, _, code = token.partition("-")
    good = activity.isascii() and activity.isdigit() and len(activity) <= 18
    return (int(activity) if good else 0), code
