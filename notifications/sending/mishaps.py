"""What went wrong on the line to the mail server, in words a person understands, and which settings to look at."""

from __future__ import annotations

import socket
import ssl

from aiosmtplib import SMTPAuthenticationError, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError

from standards.merge import neutral

LONGEST = 300  # characters of what a stranger said
_PLACE = "TAKTAS_SMTP_HOST and TAKTAS_SMTP_PORT"
_SPEECH = "TAKTAS_SMTP_HOST, TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY"
_LOGIN = "TAKTAS_SMTP_USER and TAKTAS_SMTP_PASSWORD"
_LINE = "TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY"


def told(error: BaseException) -> tuple[str, str]:
    """What happened, and the settings that have to do with it."""
    if isinstance(error, SMTPResponseException):
        return _answered(error)
    root: BaseException = error
    while root.__cause__ is not None:
        root = root.__cause__
    for kind, words, settings in _KINDS:
        if isinstance(root, kind) or isinstance(error, kind):
            return words, settings
    if isinstance(root, ssl.SSLCertVerificationError):
        words = f"its certificate cannot be trusted: {on_one_line(root.verify_message)}"
        return words.rstrip("."), "TAKTAS_SMTP_HOST and TAKTAS_SMTP_CA"
    if isinstance(root, ssl.SSLError):
        reason = (root.reason or "no reason given").replace("_", " ").lower()
        return f"no encrypted line could be agreed on ({reason})", _LINE
    return _otherwise(error)


_KINDS: tuple[tuple[type[BaseException], str, str], ...] = (
    (socket.gaierror, "no machine of that name is known", "TAKTAS_SMTP_HOST"),
    (ConnectionRefusedError, "nothing answers there", _PLACE),
    (SMTPServerDisconnected, "it hung up", _LINE),
    (SMTPTimeoutError, "it did not answer in time", _LINE),
)


def _answered(error: SMTPResponseException) -> tuple[str, str]:
    if error.code < 0:
        return (
            f"what it said is no SMTP: {on_one_line(error.message.partition(': ')[2]) or 'too much at once'}",
            _SPEECH,
        )
    said = f"{error.code} {on_one_line(error.message)}"
    if isinstance(error, SMTPAuthenticationError):
        return f"it refused the login: {said}", _LOGIN
    return f"it said {said}", _SPEECH


def _otherwise(error: BaseException) -> tuple[str, str]:
    words = on_one_line(str(error)).rstrip(".")
    if "AUTH" in words or "authentication" in words:
        return "it takes no login, or none on such a line", "TAKTAS_SMTP_USER and TAKTAS_SMTP_SECURITY"
    if "STARTTLS" in words:
        return "it offers no encryption (STARTTLS)", _LINE
    return words or type(error).__name__, _PLACE


def on_one_line(words: str) -> str:
    """Words of a stranger: sound, on one line, and short."""
    return neutral(words).strip()[:LONGEST]
