"""The sample brokerage as the files it keeps: tables in taktas' own layout, ready to be imported."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from intake.sample.book import INSURERS, LINES, Book, Client, Policy
from intake.sample.dice import Dice
from intake.sample.people import PEOPLE, TEAMS, Away
from standards.working_time.local_time import shift_date

Row = dict[str, object]


def write_table(path: Path, rows: Iterable[Row]) -> Path:
    """Rows with the same keys, as CSV."""
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]) if listed else [])
        writer.writeheader()
        writer.writerows(listed)
    return path


def write_house(folder: Path, book: Book, away: Sequence[Away]) -> list[tuple[str, Path]]:
    """Everything but what came of the renewals: kind of file and its place, in the order of importing."""
    tables: list[tuple[str, Iterable[Row]]] = [
        ("insurers", _insurers()),
        ("product_lines", _product_lines()),
        ("employees", _employees()),
        ("absences", _absences(away)),
        ("clients", (_client(client) for client in book.clients)),
        ("policies", (_policy(policy, book) for policy in book.policies)),
        ("documents", _mandates(book)),
    ]
    return [(kind, write_table(folder / f"{kind}.csv", rows)) for kind, rows in tables]


def _insurers() -> Iterator[Row]:
    for code, (name, country) in INSURERS.items():
        yield {"insurer.code": code, "insurer.name": name, "insurer.country": country}


def _product_lines() -> Iterator[Row]:
    for code, labels in LINES.items():
        row: Row = {"product_line.code": code}
        yield row | {f"product_line.label_{one}": label for one, label in labels.items()}


def _employees() -> Iterator[Row]:
    for person in PEOPLE:
        yield {
            "employee.login": person.login,
            "employee.name": person.name,
            "employee.email": person.email,
            "employee.language": person.language,
            "employee.team": person.team,
            "employee.team_name": TEAMS[person.team],
            "employee.calendar": person.calendar,
            "employee.weekly_hours": person.weekly_hours,
            "employee.substitute": person.substitute,
            "employee.manager": person.manager,
            "employee.is_manager": "no" if person.manager else "yes",
            "employee.joined_on": person.joined_on,
        }


def _absences(away: Sequence[Away]) -> Iterator[Row]:
    for one in away:
        yield {
            "employee.login": one.login,
            "absence.starts_at": one.first,
            "absence.ends_at": one.last,
            "absence.kind": one.kind,
        }


def _client(client: Client) -> Row:
    return {
        "client.number": client.number,
        "client.kind": "company" if client.is_firm else "person",
        "client.name": client.name.whole,
        "client.given_name": client.name.given,
        "client.family_name": client.name.family,
        "client.language": "es" if client.is_spanish else "lt",
        "client.country": "ES" if client.is_spanish else "LT",
        "client.region": client.region,
        "client.tier": client.tier,
        "client.standing": "existing",
        "client.email": client.email,
        "client.phone": client.phone,
        "client.account_manager": client.owner,
        "client.marketing_consent": "yes" if client.agrees else "",
    }


def _policy(policy: Policy, book: Book) -> Row:
    kind, name = book.programmes.get(policy.programme, ("", ""))
    return term_row(policy, policy.starts_on, policy.expires_on, placed=policy.placed) | {
        "term.is_estimated": "yes" if policy.is_estimated else "no",
        "programme.number": policy.programme,
        "programme.kind": kind,
        "programme.name": name,
        "object.kind": {"motor": "vehicle", "property": "building", "cargo": "cargo"}.get(policy.line, ""),
        "object.label": policy.label,
        "object.plate": policy.plate,
    }


def term_row(policy: Policy, starts_on: date, expires_on: date, *, placed: str, premium: int | None = None) -> Row:
    """One term of a policy; `premium` in cents, else the policy's."""
    cents = policy.premium if premium is None else premium
    return {
        "client.number": policy.client.number,
        "policy.number": policy.number,
        "policy.insurer": policy.insurer,
        "policy.product_line": policy.line,
        "term.starts_on": starts_on,
        "term.expires_on": expires_on,
        "term.placed": placed,
        "term.renews": policy.renews,
        "term.premium_gross": f"{cents // 100}.{cents % 100:02}" if placed == "by_us" else "",
        "term.premium_period": "year",
        "term.currency": "EUR",
    }


def _mandates(book: Book) -> Iterator[Row]:
    for client in book.clients:
        if client.has_mandate:
            yield {
                "client.number": client.number,
                "document.type": "mandate",
                "document.received_at": book.monday - timedelta(days=400 + int(client.number[1:]) % 900),
                "document.valid_until": "",
                "document.state": "accepted",
            }


def invoice_rows(book: Book, dice: Dice) -> Iterator[Row]:
    """Premiums of terms that began in the last two months: most are paid, some late, a few not at all."""
    for policy in book.policies:
        begun_on = policy.starts_on if policy.expires_on > book.monday else policy.expires_on
        age = (book.monday - begun_on).days
        if policy.placed != "by_us" or not 0 <= age <= 60:
            continue
        due_on = begun_on + timedelta(days=14)
        is_paid = dice.chance(0.9 if due_on < book.monday else 0.4)
        amount = f"{policy.premium // 100}.{policy.premium % 100:02}"
        yield {
            "receivable.issuer": policy.insurer,
            "receivable.number": f"I-{policy.number}-{begun_on:%y}",
            "payer.number": policy.client.number,
            "receivable.kind": "premium",
            "receivable.creditor": "insurer",
            "receivable.collector": "house",
            "receivable.insurer": policy.insurer,
            "policy.number": policy.number,
            "receivable.issued_on": begun_on,
            "receivable.due_on": due_on,
            "receivable.amount": amount,
            "receivable.open_amount": "0.00" if is_paid else amount,
            "receivable.currency": "EUR",
            "receivable.collect_by": due_on + timedelta(days=45),
        }


def follow_up_rows(book: Book, won: Mapping[str, int], dice: Dice) -> Iterator[Row]:
    """The terms that followed: renewed with us (policy number -> cents), by themselves, or with somebody else."""
    for policy in book.policies:
        after = shift_date(policy.expires_on, months=12)
        if policy.number in won:
            premium = won[policy.number]
            stage = "bound" if policy.expires_on > book.monday else "in_force"
            row = term_row(policy, policy.expires_on, after, placed="by_us", premium=premium)
            yield row | {"term.is_estimated": "no", "term.stage": stage}
        elif policy.expires_on <= book.monday and policy.renews != "no":
            is_ours = policy.renews == "automatically" and policy.placed == "by_us"
            if is_ours or dice.chance(0.7):
                placed = "by_us" if is_ours else "elsewhere"
                row = term_row(policy, policy.expires_on, after, placed=placed)
                yield row | {"term.is_estimated": "no" if is_ours else "yes", "term.stage": "in_force"}
