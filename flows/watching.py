"""Work done where Prefect watches: through our own server or the reader's; without it whenever it does not answer."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from flows.account import Account, on_clock
from flows.place import is_of_the_readers_own, prepare
from flows.prefect_server import PrefectServer, is_healthy, launch, log_file
from tasks.timetable.claiming import Claim

AT_MOST_EVERY = 20
"""Seconds between two starts of a server that does not stay."""

Say = Callable[[str], None]
ShowServer = Callable[[PrefectServer], None]


class Watch:
    """One Prefect for as long as the house is up. The work never waits for it longer than a look takes."""

    def __init__(self, say: Say, show_server: ShowServer = lambda _server: None) -> None:
        self._say, self._show_server = say, show_server
        self._server: PrefectServer | None = None
        self._guard = threading.Lock()
        self._was_healthy: bool | None = None
        self._api = ""
        self._launched_at = 0.0

    def start(self) -> None:
        """Start our server, unless the reader has named one; it answers some seconds later."""
        own = os.environ.get("PREFECT_API_URL") if is_of_the_readers_own() else None
        prepare()
        if own:
            self._api = own
            return
        self._launch()

    def look_after(self) -> None:
        """Called now and then: says when Prefect begins or ceases to answer, and starts our server anew if it died."""
        has_ended = self._server is not None and not self._server.is_running()
        if has_ended and time.monotonic() > self._launched_at + AT_MOST_EVERY:
            self._say(f"Prefect's server has ended; {log_file()} may say why. It is started again.")
            self._launch()
        self._is_healthy()

    def stop(self) -> None:
        """End our server."""
        with self._guard:
            if self._server is not None:
                self._server.stop()
                self._server = None

    def __call__(self, claimed: Claim, work: Callable[[], Account]) -> Account:
        """Do the work as a flow run, or as it is. Raises: as the work."""
        if not self._is_healthy():
            return work()
        noted = _Noted(work)
        try:
            from flows.declared import FLOW_NAMES, observed

            about = {"schedule": claimed.code, "due": on_clock(claimed.due_at)}
            return observed(FLOW_NAMES.get(claimed.does, claimed.does), about, noted, lambda told: told)
        except Exception as error:
            if noted.error is not None:
                raise noted.error from None
            self._say(f"Prefect was lost over {claimed.code} ({type(error).__name__}); the work is done without it.")
            return noted.told or work()

    def _launch(self) -> None:
        with self._guard:
            self._launched_at = time.monotonic()
            self._server = launch(self._server.port) if self._server else launch()
            self._api = os.environ["PREFECT_API_URL"] = self._server.api
            self._show_server(self._server)

    def _is_healthy(self) -> bool:
        is_so = is_healthy(self._api)
        if is_so and not self._was_healthy:
            self._say(f"Prefect answers at {self._api.removesuffix('/api')}: what is done from now on is shown there.")
        elif self._was_healthy and not is_so:
            self._say("Prefect does not answer: the work goes on without it.")
        if is_so or self._was_healthy is not None:
            self._was_healthy = is_so
        return is_so


class _Noted:
    """The work with what came of it, however those who watch it end."""

    def __init__(self, work: Callable[[], Account]) -> None:
        self._work = work
        self.told: Account | None = None
        self.error: Exception | None = None

    def __call__(self) -> Account:
        try:
            self.told = self._work()
        except Exception as error:
            self.error = error
            raise
        return self.told
