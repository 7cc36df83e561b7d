"""Letters a process sends: which text, to whom, in which language; queued in the transaction that caused them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, or_, select

from models import contracts, outbox
from models.outbox import Message, MessageClass
from standards.catalogue import FIELDS, SUBJECTS, FieldType
from standards.letters.letter import Letter, LetterClass
from standards.letters.template import read_template
from standards.lists import FALLBACK_LANGUAGE
from standards.process import AnswerType, Step
from tasks.advancing.course import Course, Enter, Take
from tasks.advancing.history import Place
from tasks.desk.answering import answer_types
from tasks.facts.case_facts import read
from tasks.facts.members import entity_id, subject_of
from tasks.facts.prepared import Question, ask
from tasks.handbooks import handbook
from tasks.handbooks.handbook import PublishedLetter
from tasks.record.ledger import plain

_DRIFTING = frozenset({FieldType.MONEY, FieldType.DATE, FieldType.MOMENT})
_CONSENT = "client.has_marketing_consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The party a letter goes to, in which role, and how it can be reached."""

    party_id: int
    role: str
    language: str
    has_email: bool
    has_consent: bool


def come_to_letter(course: Course, step: Step, place: Place, _entering: Enter) -> None:
    """Queue the letter and go on; without a recipient or a needed consent nothing is queued, and the ledger says so.

    Raises: NotPublished.
    """
    recipient = find_recipient(course, step.letter_to, place)
    result, queued, channel = "no_recipient", None, None
    if recipient is not None:
        published = handbook.letter(course.db, step.letter or "", recipient.language)
        is_marketing = published.letter.settings.letter_class is LetterClass.MARKETING
        result = "no_consent" if is_marketing and not recipient.has_consent else "queued"
        if result == "queued":
            channel = "email" if recipient.has_email else "letter"
            queued = outbox.queue(course.db, _message(course, place, recipient, published, channel))
    if queued is not None and recipient is not None:
        course.note("letter.queued", place, message_id=queued, party_id=recipient.party_id, channel=channel)
        course.effects.messages.append(queued)
    course.note("step.passed", place, result=result)
    course.agenda.append(Take(place, step.goes_on))


def find_recipient(course: Course, role: str, place: Place) -> Recipient | None:
    """Who is meant by client, policyholder, payer or contact; None when the case is about nobody."""
    party_id = _party(course, role, place) or course.case.client_id
    if party_id is None:
        return None
    question = Question(subject_type="client", paths=("client.language", "client.email", _CONSENT))
    known = ask(course.db, question, party_id, course.at).values
    return Recipient(
        party_id=party_id,
        role=role,
        language=str(known["client.language"] or FALLBACK_LANGUAGE),
        has_email=bool(known["client.email"]),
        has_consent=bool(known[_CONSENT]),
    )


def _party(course: Course, role: str, place: Place) -> int | None:
    member = subject_of(place.member) if place.member else None
    if role == "contact" and member is not None and member[0] == "client":
        return member[1]
    case_row = course.case
    reaches = SUBJECTS[case_row.subject_type].reaches
    if role == "payer" and "payer" in reaches:
        return entity_id(course.db, case_row.subject_type, case_row.subject_id, "payer", course.at)
    if role in {"payer", "contact", "policyholder"} and "term" in reaches:
        term_id = entity_id(course.db, case_row.subject_type, case_row.subject_id, "term", course.at)
        return course.db.execute(_ROLE, {"term_id": term_id, "role": role, "day": course.today}).scalar()
    return None


def _message(course: Course, place: Place, recipient: Recipient, published: PublishedLetter, channel: str) -> Message:
    case_row, letter = course.case, published.letter
    return Message(
        key=f"case:{case_row.id}:{place.step}:{place.member}:{place.round}:{channel}:{recipient.party_id}",
        message_class=MessageClass(letter.settings.letter_class.value),
        template=letter.name,
        language=letter.language,
        created_at=course.at,
        not_before=course.at,
        channel=channel,
        party_id=recipient.party_id,
        role=recipient.role,
        subject_type=case_row.subject_type,
        subject_id=case_row.subject_id,
        case_id=case_row.id,
        letter_version_id=published.version_id,
        facts=_lasting_facts(course, letter, place),
    )


def _lasting_facts(course: Course, letter: Letter, place: Place) -> dict[str, Any]:
    """The amounts and dates the letter names: they must be those of the day it was caused, not of its sending."""
    answers = {f"case.{name}": kind for name, kind in answer_types(course.process).items()}
    lasting = [
        path
        for path in _fields_used(letter.subject, letter.body_text, letter.body_html)
        if (path in FIELDS and FIELDS[path].type in _DRIFTING)
        or answers.get(path) in {AnswerType.MONEY, AnswerType.DATE}
    ]
    return {path: plain(value) for path, value in read(course, lasting, place.member).items() if value is not None}


@lru_cache(maxsize=256)
def _fields_used(*texts: str | None) -> tuple[str, ...]:
    return tuple(sorted({path for text in texts if text for path in read_template(text)[0].fields}))


_role = contracts.party_roles.c
_ROLE = (
    select(_role.party_id)
    .where(
        _role.term_id == bindparam("term_id"),
        _role.role == bindparam("role"),
        or_(_role.until.is_(None), _role.until > bindparam("day")),
    )
    .order_by(_role.id)
    .limit(1)
)
