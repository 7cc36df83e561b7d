"""The process of our own Prefect server: on this machine only, and gone when whoever started it is.

Standard input is its lifeline: whoever started it holds the other end, and the system closes that when they die,
however they die.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

GRACE = 3  # seconds for what is being answered


def main() -> None:
    """Serve on the port named on the command line until told to end, or until the lifeline breaks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvicorn

    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
    )


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(2 * GRACE)
    os._exit(1)  # it did not end when asked


if __name__ == "__main__":
    main()
