"""Both clients behind one face, so that a test is written once: calls of the asynchronous one are
waited for. And the record of which methods were called, and what came of it, which
test_every_method.py looks at."""

import asyncio
import inspect
import secrets
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from httpx import AsyncClient, Client
from supabase_auth import AsyncGoTrueClient, AsyncMemoryStorage, SyncGoTrueClient, SyncMemoryStorage
from supabase_auth.errors import AuthApiError

Kind = Literal["sync", "async"]

CLIENTS = {"sync": SyncGoTrueClient, "async": AsyncGoTrueClient}

NAMESPACES = ("admin", "mfa", "oauth")

outcomes: dict[Kind, dict[str, set[str]]] = {"sync": defaultdict(set), "async": defaultdict(set)}
"""What came of each method: `answered`, or the code of the refusal."""

_loop = asyncio.new_event_loop()


class Methods:
    """A client, or a namespace of one."""

    def __init__(self, kind: Kind, target: Any, path: str = "") -> None:
        self._kind, self._target, self._path = kind, target, path

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name in NAMESPACES:
            return Methods(self._kind, found, f"{self._path}{name}.")
        if name.startswith("_") or not callable(found):
            return found
        if self._kind == "async":
            return lambda *args, **options: _loop.run_until_complete(self.later(name, *args, **options))
        return lambda *args, **options: self.now(name, *args, **options)

    def now(self, name: str, *args: Any, **options: Any) -> Any:
        """Calls a method of the synchronous client."""
        outcome = outcomes[self._kind][self._path + name]
        try:
            answer = getattr(self._target, name)(*args, **options)
        except Exception as problem:
            outcome.add(_reason(problem))
            raise
        outcome.add("answered")
        return answer

    async def later(self, name: str, *args: Any, **options: Any) -> Any:
        """Calls a method of the asynchronous client."""
        outcome = outcomes[self._kind][self._path + name]
        try:
            answer = getattr(self._target, name)(*args, **options)
            answer = await answer if inspect.isawaitable(answer) else answer
        except Exception as problem:
            outcome.add(_reason(problem))
            raise
        outcome.add("answered")
        return answer


def _reason(problem: Exception) -> str:
    return problem.code or type(problem).__name__ if isinstance(problem, AuthApiError) else type(problem).__name__


class Browser:
    """A client with a network of its own, and a storage that it may share."""

    def __init__(
        self,
        kind: Kind,
        url: str,
        *,
        token: str | None = None,
        storage: Any = None,
        network: str | None = None,
        **options: Any,
    ) -> None:
        self.kind = kind
        self.storage = storage or (SyncMemoryStorage() if kind == "sync" else AsyncMemoryStorage())
        self.network = network or f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"  # RFC 2544: never anybody's
        headers = {"apikey": token or "anonymous", "cf-connecting-ip": self.network}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.client = CLIENTS[kind](url=url, headers=headers, storage=self.storage, **options)
        self.auth = Methods(kind, self.client)

    @property
    def http(self) -> Client | AsyncClient:
        return self.client._http_client

    def events(self) -> list[str]:
        """The names of the events from now on."""
        seen: list[str] = []
        self.auth.on_auth_state_change(lambda event, _: seen.append(event))
        return seen

    def store(self, session: Any) -> None:
        """Puts a session where the client keeps its own."""
        done = self.storage.set_item(self.client._storage_key, session.model_dump_json())
        if inspect.isawaitable(done):
            _loop.run_until_complete(done)

    def stored(self) -> str | None:
        """What the client keeps of its session."""
        kept = self.storage.get_item(self.client._storage_key)
        return _loop.run_until_complete(kept) if inspect.isawaitable(kept) else kept

    def close(self) -> None:
        # Closed before, by a test or by its `with`: harmless.
        self.client.__del__()
        self.auth.close()


def at_once(browsers: list[Browser], name: str, *args: Any) -> list[Any]:
    """Calls the same method of several clients at the same time; a refusal stands in the place of
    its answer."""
    if browsers[0].kind == "async":

        async def all_of_them() -> list[Any]:
            return await asyncio.gather(*(one.auth.later(name, *args) for one in browsers), return_exceptions=True)

        return _loop.run_until_complete(all_of_them())

    def attempt(one: Browser) -> Any:
        try:
            return one.auth.now(name, *args)
        except Exception as problem:
            return problem

    with ThreadPoolExecutor(len(browsers)) as pool:
        return list(pool.map(attempt, browsers))


def refusal(call: Callable[[], Any]) -> AuthApiError:
    """What a call is refused with."""
    try:
        answer = call()
    except AuthApiError as problem:
        return problem
    raise AssertionError(f"it was answered: {answer}")
