"""`taktas messages`: what left the house, what did not and why; trying again, and deciding about the unknown."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import acting, anyone
from cli.choices import choices
from cli.message_decisions import decide_all
from cli.output import Column, moment, on_one_line, reader_zone, say, show, show_json, write_bytes, write_file
from cli.work_words import AsOf, moment_of
from core.errors import UsageError

if TYPE_CHECKING:
    from notifications.outbox.views import MessageLine, MessageView

group = typer.Typer()
messages = typer.Typer(help="Messages: what left the house, what did not and why; try again, release.")
group.add_typer(messages, name="messages")

ROWS = (
    Column("id", "Message", is_number=True),
    Column("state", "State"),
    Column("template", "What"),
    Column("receiver", "To"),
    Column("not_before", "When"),
    Column("attempts", "Tried", is_number=True),
    Column("last_answer", "Last answer"),
)
ATTEMPTS = (
    Column("attempt", "Attempt", is_number=True),
    Column("ended_at", "When"),
    Column("stage", "Got to"),
    Column("outcome", "Came out"),
    Column("answer", "Answer"),
)
WENT_TO = Column("address", "Went to")
"""Shown where a try went elsewhere than the message goes now."""

DECISIONS = (Column("at", "When"), Column("decision", "Decided"), Column("who", "Who"), Column("why", "Why"))
BOUNCES = (
    Column("read_at", "Read"),
    Column("kind", "Came back as"),
    Column("status", "Status"),
    Column("words", "Says"),
)
LONGEST_ANSWER = 80
STAGES = {
    "writing": "writing it",
    "connect": "the server",
    "mail": "the sender",
    "rcpt": "the receiver",
    "data": "the text",
    "dot": "the whole message",
}
"""How far an attempt came with the mail server: what was accepted, or refused, last."""

Number = Annotated[int, typer.Argument(metavar="MESSAGE", help="The number of the message.")]
Numbers = Annotated[list[int], typer.Argument(metavar="MESSAGE...", help="The numbers of the messages.")]
Reason = Annotated[str, typer.Option(help="Why, in a word or a sentence; kept with the message.")]


@messages.command("list")
def list_command(
    *,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only in this state: failed, unknown …; may be repeated.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="WORD", help="Only to this name, number, login or address.")] = None,
    template: Annotated[str | None, typer.Option(metavar="NAME", help="Only this letter or kind of message.")] = None,
    since: Annotated[str | None, typer.Option(metavar="MOMENT", help="Only what was caused since then.")] = None,
    after: Annotated[int | None, typer.Option(metavar="MESSAGE", help="The page after this message.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30,
) -> None:
    """List messages, the newest first: those to you and to your clients; managers see all.

    Examples:
      taktas messages list --state failed --state unknown
      taktas messages list --to ona@example.lt
    """
    from models.database import read
    from notifications.outbox.views import MessageFilter, list_messages

    wanted = MessageFilter(
        states=tuple(_state(word) for word in state or ()),
        to=to,
        template=template.strip().lower().replace(" ", "_") if template else None,
        since=moment_of(since) if since else None,
        after=after,
    )
    with read() as db:
        found = list_messages(db, anyone(db), wanted, limit=limit)
    show([_line(one) for one in found], ROWS, empty="No message.")
    if len(found) == limit:
        say(f"There may be more: --after {found[-1].id} shows the next page.")


def _state(word: str) -> str:
    """The state as it is stored. Raises: UsageError."""
    from core.errors import did_you_mean
    from models.outbox import MessageState

    code = word.strip().lower().replace(" ", "_")
    known = [state.value for state in MessageState]
    if code not in known:
        hint = did_you_mean(code, known) or "."
        raise UsageError(f"There is no state {word!r}{hint} States: {', '.join(known)}.")
    return code


def _line(one: MessageLine) -> dict[str, Any]:
    from notifications.sending.files import WRITTEN_TO

    answer, is_json = one.last_answer or "", choices().is_json
    if answer.startswith(WRITTEN_TO) and not is_json:
        answer = f"{WRITTEN_TO}a file"  # its long name is told by `messages show`
    return {
        "id": one.id,
        "state": one.state if is_json else one.state.replace("_", " ") + (", came back" if one.is_back else ""),
        "template": one.template if is_json else one.template.replace("_", " "),
        "message_class": one.message_class,
        "receiver": one.receiver or one.address,
        "address": one.address,
        "not_before": one.not_before,
        "attempts": one.attempts,
        "last_answer": answer if is_json or len(answer) <= LONGEST_ANSWER else f"{answer[: LONGEST_ANSWER - 1]}…",
        "case": one.case_id,
        "task": one.task_id,
        "came_back": one.is_back,
    }


@messages.command("show")
def show_command(
    message: Number,
    raw: Annotated[
        Path | None, typer.Option("--raw", metavar="FILE", help="Write the message as it was sent; - for the screen.")
    ] = None,
) -> None:
    """One message: its text as it left, every attempt with the answer it got, decisions, and what came back.

    Examples:
      taktas messages show 17
      taktas messages show 17 --raw letter.eml
    """
    from models.database import read
    from notifications.outbox.views import show_message

    with read() as db:
        view = show_message(db, anyone(db), message)
    if raw is not None:
        _write_raw(view, raw)
        return
    _tell(view)


def _write_raw(view: MessageView, file: Path) -> None:
    if view.rendered is None:
        raise UsageError(f"Message {view.line.id} has not been written yet: it is filled in when it is sent.")
    if str(file) == "-":
        write_bytes(view.rendered)
        return
    write_file(file, view.rendered)
    say(f"Written to {file}; any mail program opens it.")


def _tell(view: MessageView) -> None:
    line = _line(view.line)
    text = _text_of(view.rendered)
    if choices().is_json:
        lists = {
            "attempts": [dict(row) for row in view.attempts],
            "decisions": [dict(row) for row in view.decisions],
            "bounces": [dict(row) for row in view.bounces],
        }
        facts = {name: getattr(view, name) for name in ("key", "message_id", "created_at", "sent_at")}
        show_json(line | facts | {"subject": text[0], "text": text[1]} | lists)
        return
    say(f"Message {line['id']} to {line['receiver'] or 'nobody'}: {line['template']}, {line['state']}.")
    for name, value in (
        ("Address", line["address"]),
        ("Caused", moment(view.created_at)),
        ("Not before", moment(line["not_before"])),
        ("Sent", _to_the_second(view.sent_at) if view.sent_at else None),
        ("Pointless after", moment(view.pointless_after) if view.pointless_after else None),
        ("Case", line["case"]),
        ("Task", line["task"]),
        ("Message-ID", view.message_id),
        ("Last answer", view.line.last_answer),
    ):
        if value:
            say(f"  {name}: {on_one_line(str(value))}")
    _tell_lists(view)
    if text[1]:
        say(f"\n{on_one_line(text[0])}\n")
        say("\n".join(on_one_line(part) for part in text[1].splitlines()))


def _tell_lists(view: MessageView) -> None:
    attempts = [
        {**row, "ended_at": _to_the_second(row["ended_at"]), "stage": STAGES.get(row["stage"], row["stage"])}
        for row in view.attempts
    ]
    decisions = [{**row, "decision": row["decision"].replace("_", " ")} for row in view.decisions]
    came_back = [{**row, "kind": row["kind"].replace("_", " ")} for row in view.bounces]
    is_elsewhere = any(row["address"] not in {None, view.line.address} for row in attempts)
    tries = (*ATTEMPTS, WENT_TO) if is_elsewhere else ATTEMPTS
    for rows, columns in ((attempts, tries), (decisions, DECISIONS), (came_back, BOUNCES)):
        if rows:
            say("")
            show([dict(row) for row in rows], columns, empty="")


def _to_the_second(at: datetime) -> str:
    """As it is asked for in a dispute: with its seconds and its zone."""
    here = at.astimezone(reader_zone())
    return f"{here:%a %Y-%m-%d %H:%M:%S} {here:%Z}"


def _text_of(rendered: bytes | None) -> tuple[str, str]:
    """Subject and text of a message as it was stored; both empty before it was written."""
    if rendered is None:
        return "", ""
    from email import message_from_bytes, policy

    mail = message_from_bytes(rendered, policy=policy.default)
    body = mail.get_body(("plain",))
    return str(mail["Subject"] or ""), str(body.get_content()) if body is not None else ""


@messages.command("retry")
def retry_command(messages: Numbers, reason: Reason = "", as_of: AsOf = None) -> None:
    """Try failed messages once more. Each is written anew, so mend its address or what it lacked first.

    One that may have arrived, because a try of it was never answered, goes out as it was.

    Examples:
      taktas messages retry 17 --reason "address corrected"
      taktas messages retry 17 18 19 --reason "the mail server was set up wrongly"
    """
    from notifications.outbox.deciding import retry

    at = moment_of(as_of)
    decide_all(
        messages,
        lambda db, number: retry(db, acting(db), number, reason=reason, at=at),
        "will be sent again by the next `taktas send`",
    )


@messages.command("release")
def release_command(
    *,
    messages: Numbers,
    again: Annotated[bool, typer.Option("--again", help="Send it once more, with the same Message-ID.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="It arrived: the receiver has it.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="It is not wanted any more.")] = False,
    reason: Reason = "",
    as_of: AsOf = None,
) -> None:
    """Decide about messages nobody knows the fate of: the line broke when the server may have had them already.

    Examples:
      taktas messages release 17 --delivered --reason "the client confirmed by telephone"
      taktas messages release 17 18 --again --reason "the log of the mail server has neither"
    """
    from models.deliveries import Decision
    from notifications.outbox.deciding import release

    chosen = [
        (decision, words)
        for is_chosen, decision, words in (
            (again, Decision.SENT_AGAIN, "will be sent again by the next `taktas send`"),
            (delivered, Decision.DELIVERED, "counts as sent"),
            (drop, Decision.DROPPED, "is dropped"),
        )
        if is_chosen
    ]
    if len(chosen) != 1:
        raise UsageError("Say one of --again, --delivered or --drop.")
    ((decision, words),) = chosen
    at = moment_of(as_of)
    decide_all(messages, lambda db, number: release(db, acting(db), number, decision, reason=reason, at=at), words)
