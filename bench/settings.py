"""The product's settings, and two more addresses to compare with."""

from liaison.settings import *  # noqa: F403 — the same settings, whatever they are

ROOT_URLCONF = "bench.urls"
