"""Read the environment or fail loudly: a wrong value stops the start with a sentence.

An empty variable counts as not set, because that is what a compose file hands on for one.
"""

import ipaddress
import logging
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(name: str, default: str | None = None) -> str:
    """A string; without a default it must be set. A secret may also be the content of the file NAME_FILE points to."""
    value = os.environ.get(name, "")
    if path := os.environ.get(f"{name}_FILE", ""):
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ImproperlyConfigured(f"{name}_FILE={path!r}: this file cannot be read.") from None
    if not value and default is None:
        raise ImproperlyConfigured(f"{name} is not set: write a value.")
    return value or default or ""


def flag(name: str, default: bool) -> bool:
    """True or False; anything else is refused, because a mistyped switch must not mean 'off'."""
    value = text(name, str(default))
    if value.lower() not in {"true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name}={value!r}: write True or False.")
    return value.lower() in {"true", "1"}


def number(name: str, default: int) -> int:
    """A whole number from 0."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[Network]:
    """Addresses or networks separated by commas: 127.0.0.1,10.0.0.0/8."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None


def level(name: str, default: str) -> str:
    """How much is logged."""
    value = text(name, default).upper()
    if value not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"{name}={value!r}: write DEBUG, INFO, WARNING or ERROR.")
    return value


def redis(name: str) -> str:
    """The address of a Redis server, or empty."""
    value = text(name, "")
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} is not an address of a Redis server: write redis://host:6379/0.")
    return value


def site(name: str, default: str) -> str:
    """The address of this site as people reach it, without a slash at the end: https://zhan.example.gov.cn; or empty."""
    value = text(name, default)
    found = urlsplit(value)
    good = (
        found.scheme in ("http", "https")
        and found.hostname
        and not (found.query or found.fragment or found.username)
    )
    if value and not (
        good and value.isascii() and found.path in ("", "/") and not any(c.isspace() for c in value)
    ):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not the address of a site: write https://zhan.example.gov.cn, without a path."
        )
    return value.rstrip("/")


def database(name: str, default: str) -> dict[str, Any]:
    """A Django DATABASES entry from an address such as postgres://user:pass@host/name."""
    address = text(name, default)
    # What was written is not repeated: it may hold a password.
    wrong = ImproperlyConfigured(
        f"{name} is not an address of a database: write sqlite:///path or postgres://user:password@host/name."
    )
    if not address.startswith(("sqlite://", "postgres://", "postgresql://")) or address == "sqlite://":
        raise wrong
    try:
        found = dict(environ.Env.db_url_config(address))
    except (environ.ImproperlyConfigured, ValueError, KeyError):
        raise wrong from None
    if not found.get("NAME"):
        raise wrong
    return found


def email(name: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from an address such as smtp+tls://user:pass@host:587; empty: written to the log."""
    try:
        return dict(environ.Env.email_url_config(text(name, "consolemail://")))
    except (environ.ImproperlyConfigured, ValueError, KeyError):
        raise ImproperlyConfigured(
            f"{name} is not an address of a mail server: write smtp+tls://user:password@host:587."
        ) from None


def sms(name: str) -> str:
    """Where short messages are handed over: file:///var/spool/liaison/sms.jsonl; empty: none are sent."""
    value = text(name, "")
    found = urlsplit(value)
    if value and not (found.scheme == "file" and not found.netloc and len(found.path) > 1):
        raise ImproperlyConfigured(f"{name} is no address of a carrier: write file:///path/to/a/file.")
    return value


def running(*commands: str) -> bool:
    """Is one of these manage.py commands being run?"""
    return len(sys.argv) > 1 and sys.argv[1] in commands
