"""The one place where an error becomes a sentence and an exit code: no traceback for anything a user can cause."""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer import Abort, Exit

from cli.output import on_one_line
from core.errors import TaktasError, UsageError

LIBRARY_WORDS = (
    (re.compile(r"Input should be a valid (?:integer|number).*"), "a number is wanted, such as 12."),
    (re.compile(r"Input should be greater than or equal to (\S+)"), r"it must be at least \1."),
    (re.compile(r"Input should be less than or equal to (\S+)"), r"it must be at most \1."),
)
"""How the library that reads the command line says what is wrong with a number, and how we do."""

DONE, REFUSED, WRONG_USAGE, STOPPED, READER_LEFT = 0, 1, 2, 130, 141
PLAIN_ANSWERS: dict[type[BaseException], tuple[int, str]] = {
    KeyboardInterrupt: (STOPPED, "Stopped. What was not finished is not kept."),
    Abort: (STOPPED, "Stopped. What was not finished is not kept."),
    BrokenPipeError: (READER_LEFT, ""),
    MemoryError: (REFUSED, "This machine has not enough memory for that. Ask for less at once."),
    OverflowError: (WRONG_USAGE, "A date or number is too far away to count with. Choose a nearer one."),
    UnicodeEncodeError: (WRONG_USAGE, "A word of the command is not valid text (UTF-8). Type it again."),
    UnicodeDecodeError: (REFUSED, "A file is not text in UTF-8. Save it as UTF-8 and try again."),
}


def guarded(command: Any, arguments: list[str]) -> int:
    """Run the command; whatever goes wrong is said on standard error. Returns the exit code."""
    _write_anything()
    try:
        code = _run(command, arguments)
        sys.stdout.flush()
    except BaseException as error:
        _quieten_output(error)
        code, sentence = explained(error)
        if sentence:
            _complain(sentence)
    return code


def _run(command: Any, arguments: list[str]) -> int:
    _set_up_log_if_asked()
    if any("\0" in word for word in arguments):
        raise UsageError("A word of the command holds a character that no text has (NUL). Type it again.")
    try:
        with command.make_context("taktas", arguments) as context:
            command.invoke(context)
    except Exit as asked:
        return asked.exit_code
    return DONE


def explained(error: BaseException) -> tuple[int, str]:
    """The exit code and the sentence for an error (an empty one where nothing needs saying)."""
    if isinstance(error, TaktasError):
        return (WRONG_USAGE if isinstance(error, UsageError) else REFUSED), str(error)
    for kind, answer in PLAIN_ANSWERS.items():
        if isinstance(error, kind):
            return answer
    if isinstance(error, SystemExit):
        return (error.code if isinstance(error.code, int) else REFUSED), ""
    return _explained_by_its_library(error)


def _explained_by_its_library(error: BaseException) -> tuple[int, str]:
    """Errors of libraries are told by name, so that none has to be loaded to ask."""
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    if "typer._click.exceptions.ClickException" in names:
        return WRONG_USAGE, _misused(error)
    if names & {"sqlalchemy.exc.OperationalError", "sqlalchemy.exc.DataError"}:
        return REFUSED, _refused_by_database(error)
    if isinstance(error, OSError):
        return REFUSED, _refused_by_system(error)
    return REFUSED, _our_own_mistake(error)


def _misused(error: Any) -> str:
    """Wrong words: what is wrong, then where the right ones stand."""
    context: Any = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(context.get_help())
    hint = f"\nSee `{context.command_path} --help`." if context is not None else ""
    said = str(error.format_message())
    for theirs, ours in LIBRARY_WORDS:
        said = theirs.sub(ours, said)
    return f"{said}{hint}"


def _refused_by_database(error: Any) -> str:
    reason = " ".join(str(error.orig).split())
    return f"The database did not do it: {reason}. Nothing was kept; mend the cause and run the command again."


def _refused_by_system(error: OSError) -> str:
    reason = error.strerror or str(error)
    about = f" {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{f' (writing{about})' if about else ''}. Make room and run the command again."
    return f"Cannot use{about or ' a file'}: {reason}."


def _our_own_mistake(error: BaseException) -> str:
    """A mistake of the product: the details go to a file, one line goes to the reader."""
    told = "".join(traceback.format_exception(error))
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return f"Something in taktas itself went wrong ({what}). The details are in {_kept(told)}."


def _kept(told: str) -> str:
    for folder in _folders_for_logs():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"errors-{datetime.now(UTC):%Y-%m-%d}.log"
            with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(f"{datetime.now(UTC).isoformat()} {told}\n")
        except OSError:
            continue
        return str(file)
    return "no file, because none could be written"


def _folders_for_logs() -> list[Path]:
    folders = [Path(tempfile.gettempdir()) / f"taktas-log-{os.getuid()}"]
    if "core.settings" in sys.modules:
        with suppress(ValueError):  # the settings themselves may be what is wrong
            folders.insert(0, sys.modules["core.settings"].settings().data_dir / "log")
    return folders


def _set_up_log_if_asked() -> None:
    if os.environ.get("TAKTAS_LOG_LEVEL"):
        from core.log import set_up_log

        set_up_log()


def _write_anything() -> None:
    """A terminal that cannot show a letter shows its number instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _quieten_output(error: BaseException) -> None:
    """What could not be written must not be tried again when Python ends."""
    if isinstance(error, OSError):
        try:
            sys.stdout.flush()
        except (OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _complain(sentence: str) -> None:
    with suppress(OSError):  # then nobody can be told
        sys.stderr.write("".join(f"{on_one_line(line)}\n" for line in sentence.splitlines()))
        sys.stderr.flush()
