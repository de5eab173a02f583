import pytest
from django.test import Client
from knox.models import get_token_model

from tests.conftest import CheckedClient


class Program(CheckedClient):
    """A program that calls with a token, in one post; JSON in, JSON out."""

    def __init__(self, post=None, **headers):
        if post is not None:
            _, token = get_token_model().objects.create(post.user)
            headers = {"Authorization": f"Token {token}", "X-Post": str(post.pk)} | headers
        super().__init__(headers=headers)

    def send(self, path, data=None, **kwargs):
        return self.post(
            f"/api/v1/{path}", data if data is not None else {}, content_type="application/json", **kwargs
        )

    def ask(self, path, query=None, **kwargs):
        return self.get(f"/api/v1/{path}", query, **kwargs)


@pytest.fixture
def program():
    return Program


@pytest.fixture
def browser():
    """A browser with a session that enforces CSRF, as real ones do."""

    def sign_in(post):
        client = Client(enforce_csrf_checks=True)
        client.force_login(post.user)
        session = client.session
        session["post_id"] = post.pk
        session.save()
        return client

    return sign_in
