"""A wrong value in the environment stops the start with a sentence, and the sentence gives no secret away."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from liaison import env

pytestmark = pytest.mark.once

HOUSE = Path(__file__).resolve().parents[2]
KEY = "$(x#" + "Zq7" * 20


def start(expression="settings.DEBUG", **variables):
    """Read the settings in a process of their own; what it says, and how it ended."""
    done = subprocess.run(
        [sys.executable, "-c", f"from liaison import settings; print({expression})"],
        cwd=HOUSE,
        env={"PATH": "/usr/bin:/bin", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "x", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, (done.stdout or done.stderr.strip().splitlines()[-1]).strip()


def test_with_a_key_alone_it_starts_shut(tmp_path):
    code, said = start(
        "settings.DEBUG, settings.HTTPS, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_NAME"
    )
    assert (code, said) == (0, "False True True __Host-session")


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set: write a value."),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 50 characters: make a longer, random one."),
        ({"DEBUG": "yes"}, "DEBUG='yes': write True or False."),
    ],
)
def test_the_start_is_refused_with_a_sentence(variables, sentence):
    code, said = start(**variables)
    assert code == 1
    assert said.endswith(sentence)


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda: env.flag("X", False), "on", "X='on': write True or False."),
        (lambda: env.number("X", 1), "1.5", "X='1.5': write a whole number."),
        (lambda: env.sms("X"), "http://sms", "X is no address of a carrier: write file:///path/to/a/file."),
        *(
            (
                lambda: env.site("X", ""),
                wrong,
                f"X={wrong!r} is not the address of a site: write https://zhan.example.gov.cn, without a path.",
            )
            for wrong in (
                "zhan.example.gov.cn",
                "ftp://x",
                "https://x/path",
                "https://x?y=1",
                "https://a b",
                "https://",
            )
        ),
        (lambda: env.number("X", 1), "-1", "X='-1': write a whole number."),
        (
            lambda: env.networks("X"),
            "127.0.0.1,proxy",
            "X: 'proxy' does not appear to be an IPv4 or IPv6 network.",
        ),
        (lambda: env.level("X", "INFO"), "loud", "X='LOUD': write DEBUG, INFO, WARNING or ERROR."),
        (
            lambda: env.redis("X"),
            "localhost:6379",
            "X is not an address of a Redis server: write redis://host:6379/0.",
        ),
        (lambda: env.text("X"), "", "X is not set: write a value."),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(monkeypatch, read, value, sentence):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read()
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        "mysql://me:canary@h/db",
        "postgres://",
        "postgres://me:canary@h:port/db",
        "http://canary",
        "sqlite://",
    ],
)
def test_what_is_no_database_is_refused_without_repeating_its_password(monkeypatch, value):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X is not an address of a database") as refusal:
        env.database("X", "")
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("value", ["nonsense", "gopher://me:canary@h"])
def test_what_is_no_mail_server_is_refused_without_repeating_its_password(monkeypatch, value):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X is not an address of a mail server") as refusal:
        env.email("X")
    assert "canary" not in str(refusal.value)


def test_right_values_are_taken(monkeypatch):
    for name, value in {
        "FLAG": "TRUE", "NUMBER": "30", "WORDS": " a, b ,,", "NETS": "10.0.0.0/8, ::1", "KEY": KEY,
        "DB": "postgres://me:p%40ss@h:5433/liaison", "MAIL": "smtp+tls://me:p%40ss@mail:587", "EMPTY": "",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    assert env.flag("FLAG", False) is True
    assert env.number("NUMBER", 1) == 30
    assert env.words("WORDS") == ["a", "b"]
    assert [str(net) for net in env.networks("NETS")] == ["10.0.0.0/8", "::1/128"]
    assert env.text("KEY") == KEY, "a dollar sign is a character like any other"
    assert env.text("EMPTY", "default") == "default"
    assert env.flag("EMPTY", True) is True
    database = env.database("DB", "")
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == ("h", 5433, "p@ss")
    assert env.email("MAIL")["EMAIL_HOST_PASSWORD"] == "p@ss"


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(f"{KEY}\n")
    monkeypatch.setenv("X_FILE", str(secret))
    assert env.text("X") == KEY

    monkeypatch.setenv("X_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="this file cannot be read"):
        env.text("X")
