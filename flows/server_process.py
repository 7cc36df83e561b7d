"""The process of our own Prefect server: on this machine only, and gone when whoever started it is.

Standard input is its lifeline: whoever started it holds the other end, and the system closes that when they die,
however they die.
"""

from __future__ import annotations

import inspect
import os
import signal
import socket
import sys
import threading

GRACE = 3  # seconds for what is being answered


def main() -> None:
    """Serve on the listening socket whose number is on the command line, until told to end or the lifeline breaks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    let_it_schedule()
    import uvicorn

    config = uvicorn.Config(
        "prefect.server.api.server:create_app",
        factory=True,
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


def let_it_schedule() -> None:
    """Under SQLAlchemy 2.1 Prefect 3.8 cannot schedule deployments: its bulk insert names a computed attribute, the
    state, which 2.0 passed over and 2.1 refuses. Here it is passed over again; the state is written apart anyhow.
    """
    from prefect.server.database.orm_models import FlowRun

    state = inspect.getattr_static(FlowRun, "state")
    if getattr(state, "bulk_dml_setter", True) is None:
        state.bulk_dml_setter = _pass_over


def _pass_over(_model: object, _row: object, _value: object) -> None:
    """Nothing is written for it here."""


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(2 * GRACE)
    os._exit(1)  # it did not end when asked


if __name__ == "__main__":
    main()
