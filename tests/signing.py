"""Sign a test's browser in, as the sign-in page would, without its form."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from stores.accounts import Accounts
from stores.sign_ins import SignIns

ROOT = "320115"
PASSWORD = "a long enough secret"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def signs_of(app: Flask) -> SignIns:
    """Give the app's sessions."""
    found: SignIns = app.extensions["sign_ins"]
    return found


def account(app: Flask, role: str, places: Sequence[tuple[str, str]] = (("place", ROOT),)) -> tuple[str, str]:
    """Make an account with a name of its own; give its id and name."""
    name = f"{role}-{secrets.token_hex(4)}"
    accounts = Accounts(signs_of(app)._desk, hasher=CHEAP)
    return accounts.add(name, role, PASSWORD, places), name


def signed_in(app: Flask, role: str, places: Sequence[tuple[str, str]] = (("place", ROOT),)) -> FlaskClient:
    """Give a browser with an open session, which names its origin as browsers do."""
    client = app.test_client()
    client.set_cookie("ejia", signs_of(app).open(account(app, role, places)[0]))
    client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    return client
