"""What a case is about is told as a person knows it, for every type of subject."""

from __future__ import annotations

from datetime import date
from typing import Any

from models import campaigns, contacts, contracts, history, receivables
from standards.catalogue import SUBJECTS
from tasks.facts.subject_names import names_of

House = Any


def _everything(house: House) -> dict[str, tuple[int, str]]:
    """Type of subject -> the number of one, and what it is called."""
    client, term = house.ids["C-1"], house.ids["term P-1"]
    on = {"party_id": client, "term_id": term}
    campaign = house.add(campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 1))
    invoice: dict[str, Any] = {
        "issuer": "Lumen",
        "number": "S-7",
        "payer_id": client,
        "kind": "premium",
        "creditor": "insurer",
    }
    invoice["insurer_id"] = house.ids["lumen"]
    invoice |= {"collector": "house", "issued_on": date(2026, 3, 1), "due_on": date(2026, 3, 15)}
    contact = {"kind": "service_request", "direction": "in", "channel": "phone", "at": house.now}
    claim = {"number": "Z-1", "policy_id": house.ids["P-1"], "occurred_at": house.now}
    fleet = {"number": "F-1", "client_id": client, "kind": "employer_group", "name": "Staff"}
    alert = {"type": "provisional_cover", "starts_on": date(2026, 3, 1), "ends_on": date(2026, 4, 1)}
    member = house.add(campaigns.campaign_members, campaign_id=campaign, party_id=client, listed_at=house.now)
    owed = house.add(receivables.receivables, **invoice, amount=1, open_amount=1, currency="EUR", state="issued")
    log = house.add(history.logs, process_id=1, file_name="log.xes", content_hash="h", header={}, at=house.now)
    imported = house.add(
        history.imported_cases, log_id=log, process_id=1, number="A-17", content_hash="h", attributes={}
    )
    return {
        "term": (term, "policy P-1 to 2026-03-31, Aistė Žukauskienė"),
        "policy": (house.ids["P-1"], "policy P-1, Aistė Žukauskienė"),
        "client": (client, "client C-1, Aistė Žukauskienė"),
        "programme": (house.add(contracts.programmes, **fleet), "employer group F-1 Staff, Aistė Žukauskienė"),
        "receivable": (owed, "invoice S-7 of Lumen, due 2026-03-15, Aistė Žukauskienė"),
        "claim": (house.add(contacts.claims, **claim), "claim Z-1, policy P-1, Aistė Žukauskienė"),
        "interaction": (
            house.add(contacts.interactions, **contact, **on),
            "service request, 2026-03-02, policy P-1, Aistė Žukauskienė",
        ),
        "alert": (
            house.add(contacts.alerts, **alert, **on),
            "provisional cover to 2026-04-01, policy P-1, Aistė Žukauskienė",
        ),
        "campaign_member": (member, "campaign spring, Aistė Žukauskienė"),
        "employee": (house.ids["jonas"], "Jonas (jonas)"),
        "imported_case": (imported, "imported case A-17"),
        "period": (2026, "period 2026"),
    }


def test_every_type_of_subject_has_a_name_people_know(small_house: House) -> None:
    """Numbers of policies, invoices and claims, and whose they are."""
    wanted = _everything(small_house)

    found = names_of(small_house.db, [(kind, number) for kind, (number, _) in wanted.items()])

    assert set(wanted) == set(SUBJECTS)
    assert {kind: str(name) for (kind, _), name in found.items()} == {kind: name for kind, (_, name) in wanted.items()}


def test_what_is_not_in_the_book_is_named_so(small_house: House) -> None:
    """A subject that was taken out by hand must not break a list."""
    found = names_of(small_house.db, [("term", 999_999_999), ("case", 999_999_999)])

    assert [str(name) for name in found.values()] == [
        "term #999999999 (not in the book)",
        "case #999999999 (not in the book)",
    ]
