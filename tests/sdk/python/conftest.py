"""What the tests share: the Workers they drive (python.test.mjs starts them), clients of both
kinds, mailboxes, people."""

import json
import os
import secrets
from urllib.parse import quote

import httpx
import pytest

from clients import Browser, Kind
from mailbox import Mailbox

SITE_URL = "https://app.example.test/welcome"
CALLBACK = "https://app.example.test/callback"


class World:
    """A Worker, by the name of its settings."""

    def __init__(self, name: str) -> None:
        self.url = os.environ[f"{name}_URL"] + "/auth/v1"
        self.mailbox = Mailbox(os.environ[f"{name}_MAILBOX"])
        self.service_token = os.environ[f"{name}_SERVICE_TOKEN"]
        self._clock = os.environ[f"{name}_CLOCK"]

    def let_time_pass(self, interval: str) -> None:
        """Makes everything the database remembers so much older, such as `2 minutes`."""
        httpx.post(f"{self._clock}/?{quote(interval)}").raise_for_status()


@pytest.fixture(scope="session")
def confirming() -> World:
    """Everything on, addresses are confirmed by mail."""
    return World("CONFIRMING")


@pytest.fixture(scope="session")
def trusting() -> World:
    """Whoever signs up is signed in."""
    return World("TRUSTING")


@pytest.fixture(scope="session")
def closed() -> World:
    """As it comes, and takes no new accounts."""
    return World("CLOSED")


@pytest.fixture(scope="session")
def broken() -> World:
    """The trusting one in a place from which its database cannot be reached."""
    return World("BROKEN")


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which of the two clients."""
    return request.param


@pytest.fixture
def browser(kind: Kind):
    """Opens another browser, with a storage and a network of its own."""
    opened: list[Browser] = []

    def open_one(world: World, **options) -> Browser:
        opened.append(Browser(kind, world.url, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def administrator(browser):
    """A program of the operator's."""
    return lambda world: browser(world, token=world.service_token)


@pytest.fixture
def member(browser, trusting: World):
    """Somebody who is signed in: the browser, and who they are."""

    def join(**options):
        person = somebody()
        one = browser(trusting, **options)
        assert one.auth.sign_up(person).session
        return one, person

    return join


@pytest.fixture
def newcomer(browser, confirming: World):
    """Somebody who signed up and confirmed by the mailed code."""

    def join(**options):
        person = somebody()
        one = browser(confirming, **options)
        assert one.auth.sign_up(person).session is None
        code = confirming.mailbox.mail(person["email"]).code
        assert one.auth.verify_otp({"type": "signup", "email": person["email"], "token": code}).session
        return one, person

    return join


def somebody() -> dict[str, str]:
    """An address and a password nobody had before."""
    return {"email": f"{secrets.token_hex(8)}@example.com", "password": f"secret {secrets.token_urlsafe(9)}"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at all the calls comes last."""
    items.sort(key=lambda item: "test_every_method" in item.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """One line for each test, for python.test.mjs."""
    path = os.environ.get("SDK_REPORT")
    if path and (report.when == "call" or report.outcome != "passed"):
        name = report.nodeid.split("::", 1)[1].removeprefix("test_").replace("_", " ")
        with open(path, "a") as file:
            file.write(json.dumps({"name": name, "outcome": report.outcome, "why": report.longreprtext}) + "\n")
