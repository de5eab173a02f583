"""Read the environment or fail loudly: a wrong value stops the start with a sentence."""

import sys
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()
_REQUIRED = object()


def _read(name: str, kind: str, hint: str, default: Any) -> Any:
    try:
        if default is _REQUIRED:
            return getattr(_env, kind)(name)
        return getattr(_env, kind)(name, default=default)
    except environ.ImproperlyConfigured:
        raise ImproperlyConfigured(f"{name} is not set: {hint}") from None
    except ValueError:
        raise ImproperlyConfigured(f"{name}={_env.str(name)!r}: {hint}") from None


def text(name: str, default: Any = _REQUIRED) -> str:
    """A string. A secret may also come as the content of the file that NAME_FILE points to."""
    path = _env.str(f"{name}_FILE", default="")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={path!r}: {error.strerror}") from None
    return str(_read(name, "str", "write a value.", default))


def flag(name: str, default: bool) -> bool:
    """True or False; anything else is refused, because a mistyped switch must not mean 'off'."""
    value = _env.str(name, default=str(default))
    if value.lower() not in {"true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name}={value!r}: write True or False.")
    return value.lower() in {"true", "1"}


def number(name: str, default: int) -> int:
    return int(_read(name, "int", "write a whole number.", default))


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str, default: str) -> dict[str, Any]:
    """A Django DATABASES entry from an address such as postgres://user:pass@host/name."""
    try:
        found = dict(_env.db(name, default=default))
    except (environ.ImproperlyConfigured, ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name} is not an address of a database: {error}") from None
    if found.get("ENGINE") not in {"django.db.backends.postgresql", "django.db.backends.sqlite3"}:
        raise ImproperlyConfigured(f"{name}: write sqlite:///… or postgres://….")
    return found


def email(name: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from an address such as smtp+tls://user:pass@host:587; empty: written to the log."""
    try:
        return dict(_env.email_url(name, default="consolemail://"))
    except (environ.ImproperlyConfigured, ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name} is not an address of a mail server: {error}") from None


def running(*commands: str) -> bool:
    """Is one of these manage.py commands being run?"""
    return len(sys.argv) > 1 and sys.argv[1] in commands
