"""One condition has two faces, SQL for many subjects and a plain check for one: they agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from models import contacts, contracts, definitions, work
from standards.catalogue import FIELDS, Field, FieldType
from standards.condition import ALWAYS, AllOf, AnyOf, Compare, Condition, Negation, Operator
from standards.holding import holds, paths_of
from standards.parsing.conditions import OPERATORS
from standards.working_time.duration import AnchoredMoment, Direction, Duration, Unit
from tasks.facts.fields import Reading, facts_of_many
from tasks.facts.selection import holds_in_sql

AT = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # already the 2nd in the house
DAY, ZONE = date(2026, 3, 2), ZoneInfo("Europe/Vilnius")
PATHS = [
    "term.sequence",
    "term.starts_on",
    "term.expires_on",
    "term.is_estimated",
    "term.placed",
    "term.accepted_at",
    "term.premium_gross",
    "term.end_reason",
    "term.is_renewed",
    "policy.number",
    "policy.channel",
    "policy.open_claims",
    "programme.kind",
    "client.name",
    "client.region",
    "client.age",
    "client.tier",
    "client.account_manager",
    "client.is_blacklisted",
    "client.running",
    "client.product_lines",
    "client.last_contacted_at",
]
DATES = st.sampled_from([DAY + timedelta(days=days) for days in (-400, -31, -1, 0, 1, 30, 31, 365)])
MOMENTS = st.sampled_from([AT + timedelta(hours=hours) for hours in (-9000, -2, -1, 0, 1, 2, 26)])
SPANS = st.builds(
    Duration, value=st.integers(0, 40), unit=st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR])
)
RELATIVE = st.one_of(
    st.just(AnchoredMoment(duration=None, direction=Direction.AT, anchor="today")),
    st.builds(
        AnchoredMoment,
        duration=SPANS,
        direction=st.sampled_from([Direction.BEFORE, Direction.AFTER]),
        anchor=st.just("today"),
    ),
)
TEXTS = st.sampled_from(["", "P1", "1", "Ona", "šiaurė", "o", "%", "vip", "standard", "by_us", "price", "fleet", "web"])
PLAIN: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TEXT: TEXTS,
    FieldType.CODE: TEXTS,
    FieldType.CODES: st.sampled_from(["renewal", "motor", "home", "none"]),
    FieldType.NUMBER: st.integers(-1, 60),
    FieldType.MONEY: st.sampled_from([Decimal(0), Decimal("100.10"), Decimal(100), Decimal(-5)]),
    FieldType.DATE: st.one_of(DATES, RELATIVE),
    FieldType.MOMENT: st.one_of(DATES, MOMENTS, RELATIVE),
    FieldType.YES_NO: st.booleans(),
}


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    """Any comparison the checker would let through."""
    field: Field = FIELDS[draw(st.sampled_from(PATHS))]
    operator = draw(st.sampled_from(OPERATORS[field.type]))
    return Compare(path=field.path, operator=operator, value=draw(_values(field, operator)))


def _values(field: Field, operator: Operator) -> st.SearchStrategy[Any]:
    if operator is Operator.IS_EMPTY:
        return st.none()
    if operator is Operator.WITHIN:
        return SPANS
    if operator in {Operator.IN, Operator.NOT_IN}:
        return st.lists(PLAIN[field.type], min_size=1, max_size=3).map(tuple)
    if operator is Operator.BETWEEN:
        ranged = {FieldType.DATE: DATES, FieldType.MOMENT: MOMENTS}.get(field.type, PLAIN[field.type])
        return st.tuples(ranged, ranged)
    return PLAIN[field.type]


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: AllOf(parts=tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(parts=tuple(parts))),
        inner.map(lambda part: Negation(part=part)),
    ),
    max_leaves=6,
)


@pytest.fixture
def motley(book: Any) -> list[int]:
    """Terms of every kind: with and without premium, owner, programme, channel, region, claims and contacts."""
    jonas = book.employee("jonas")
    fleet = book.put(contracts.programmes, number="F1", client_id=book.client(), kind="fleet", name="Fleet")
    renewal = book.put(definitions.processes, name="renewal", subject="term")
    terms = []
    for place in range(24):
        client = book.client(
            account_manager=jonas if place % 2 else None,
            name="Ona" if place % 3 else "ŠIAURĖ o%",
            region=(None, "", "šiaurė")[place % 3],
            tier="vip" if place % 4 == 0 else "standard",
            birth_date=date(1980, 3, 1 + place % 4) if place % 5 else None,
            blacklisted_at=(None, AT, AT + timedelta(hours=1))[place % 3],
        )
        programme = {"programme_id": fleet} if place % 6 == 0 else {}
        policy = book.policy(
            client, line="motor" if place % 2 else "home", channel=(None, "web")[place % 2], **programme
        )
        term = book.term(policy, DAY + timedelta(days=(-1, 0, 1, 30, 31, 365)[place % 6]), **_term_facts(place))
        terms.append(term)
        _history(book, renewal, place, client=client, policy=policy, term=term)
    return terms


def _term_facts(place: int) -> dict[str, Any]:
    premium = {"premium_gross": Decimal("100.10"), "premium_period": "year", "currency": "EUR"} if place % 2 else {}
    return premium | {
        "is_estimated": place % 7 == 0,
        "placed": "elsewhere" if place % 5 == 0 else "by_us",
        "accepted_at": (None, AT, AT + timedelta(hours=2), AT - timedelta(hours=1))[place % 4],
        "end_reason": (None, "", "price")[place % 3],
    }


def _history(book: Any, process_id: int, place: int, *, client: int, policy: int, term: int) -> None:
    if place % 3 == 0:
        book.put(contacts.claims, number=f"K{place}", policy_id=policy, occurred_at=AT)
        book.put(contacts.interactions, party_id=client, kind="call", direction="in", channel="phone", at=AT)
    if place % 4 == 0:
        names = ("process_id", "version_id", "subject_type", "subject_id", "cycle_id", "client_id", "started_at")
        values = (process_id, 1, "term", term, term, client, AT)
        book.db.execute(insert(work.cases).values(dict(zip(names, values, strict=True))))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(condition=CONDITIONS)
def test_sql_and_the_plain_check_agree(db: Connection, motley: list[int], condition: Condition) -> None:
    """Whatever is asked of whatever subject, and also when it is turned round."""
    facts = facts_of_many(db, "term", motley, [*paths_of(condition), "term.sequence"], AT)
    expected = {number for number, known in facts.items() if holds(condition, known, DAY, ZONE)}

    reading, turned = Reading("term", AT), Reading("term", AT)
    found = _selected(db, reading, condition)
    rest = _selected(db, turned, Negation(part=condition))

    assert found == expected
    assert rest == set(motley) - expected


def _selected(db: Connection, reading: Reading, condition: Condition) -> set[int]:
    asked = holds_in_sql(reading, condition)
    return set(db.execute(select(reading.subject_id).select_from(reading.source).where(asked)).scalars())


def test_a_condition_that_asks_nothing_holds_for_everyone(db: Connection, motley: list[int]) -> None:
    """And one of which any part must hold, without parts, for nobody."""
    assert _selected(db, Reading("term", AT), ALWAYS) == set(motley)
    assert _selected(db, Reading("term", AT), AnyOf(parts=())) == set()


def test_texts_are_compared_letter_by_letter(book: Any) -> None:
    """A percent sign is a percent sign, and a quote cannot end the statement."""
    term = book.term(book.policy(book.client(name="100 % O'Brien\\ _")), date(2026, 4, 1))

    def found(operator: Operator, value: Any) -> set[int]:
        condition = Compare(path="client.name", operator=operator, value=value)
        return _selected(book.db, Reading("term", AT), condition)

    assert found(Operator.CONTAINS, "% O'B") == {term}
    assert found(Operator.CONTAINS, "1%O") == set()
    assert found(Operator.EQUAL, "100 % O'Brien\\ _") == {term}
    assert found(Operator.IN, ("'; DROP TABLE terms; --",)) == set()
