"""The catalogue names every field once, in every language, and each is really remembered somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.campaigns import campaign_members, campaigns
from models.contacts import alerts, claims, complaints, interactions
from models.contracts import insurers, policies, product_lines, products, programmes, terms
from models.parties import parties
from models.people import employees
from models.receivables import receivables
from models.work import cases
from standards import catalogue
from standards.catalogue import FIELDS, LANGUAGES, Field
from standards.catalogue.page import page

TABLES = {
    "term": terms,
    "policy": policies,
    "client": parties,
    "policyholder": parties,
    "payer": parties,
    "product": products,
    "insurer": insurers,
    "programme": programmes,
    "receivable": receivables,
    "campaign": campaigns,
    "campaign_member": campaign_members,
    "interaction": interactions,
    "complaint": complaints,
    "claim": claims,
    "alert": alerts,
    "employee": employees,
    "case": cases,
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.path)
def test_every_field_has_a_label_in_every_language(field: Field) -> None:
    """A field without a label would reach the reader as a bare path."""
    assert set(field.labels) == set(LANGUAGES)
    assert all(field.labels.values())


@pytest.mark.parametrize(
    "field", [field for field in FIELDS.values() if field.entity in TABLES], ids=lambda field: field.path
)
def test_a_field_that_is_not_computed_stands_in_a_column_of_its_name(field: Field) -> None:
    """Whoever turns paths into SQL may rely on it."""
    columns = set(TABLES[field.entity].c.keys())

    assert field.is_computed or field.name in columns or f"{field.name}_id" in columns


def test_product_lines_offer_their_code_and_name() -> None:
    """Their name is the label in the reader's language."""
    assert "code" in product_lines.c
    assert {"product_line.code", "product_line.name"} <= FIELDS.keys()


def test_a_subject_offers_the_fields_of_what_it_reaches_and_no_others() -> None:
    """A renewal may ask about the policyholder, not about a campaign."""
    fields = catalogue.fields_of("term")

    assert {"term.expires_on", "policyholder.name", "policy.number", "case.started_at"} <= fields.keys()
    assert "campaign.name" not in fields
    assert "next_term.receivables" in catalogue.lists_of("term")


def test_a_case_hears_what_befalls_its_subject_and_what_that_reaches() -> None:
    """A cancelled policy reaches the renewal of its term; a paid invoice does not."""
    assert catalogue.hears("term", "policy.cancelled")
    assert not catalogue.hears("term", "receivable.settled")
    assert catalogue.hears("term", "custom.storm_warning")
    assert not catalogue.hears("term", "custom.Storm Warning")
    assert not catalogue.hears("term", "policy.canceled")


def test_a_path_leads_to_the_subject_it_names() -> None:
    """The payer of a receivable is a client; a term has no payer."""
    assert catalogue.subject_along("receivable", "payer") == "client"
    assert catalogue.subject_along("term", "next_term") == "term"
    assert catalogue.subject_along("term", "payer") is None
    assert catalogue.subject_along("term", "product_line") is None


def test_only_dates_and_moments_are_anchors() -> None:
    """Nobody counts three days before a name."""
    assert "term.expires_on" in catalogue.ANCHORS
    assert "policyholder.name" not in catalogue.ANCHORS
    assert catalogue.step_of_anchor("step call completed") == "call"
    assert catalogue.step_of_anchor("term.expires_on") is None


def test_every_subject_and_list_leads_to_entities_that_exist() -> None:
    """No dead ends within the catalogue."""
    for subject in catalogue.SUBJECTS.values():
        assert set(subject.reaches) - {"next_term"} <= catalogue.ENTITIES.keys()
    for collection in catalogue.COLLECTIONS.values():
        assert collection.member is None or collection.member in catalogue.SUBJECTS
    for kind in catalogue.HAPPENINGS.values():
        assert set(kind.subjects) <= catalogue.SUBJECTS.keys()


def test_the_page_of_fields_is_the_catalogue() -> None:
    """Whoever adds a field writes the page anew: python -m standards.catalogue.page > docs/fields.md."""
    written = Path(__file__).resolve().parents[2] / "docs" / "fields.md"

    assert written.read_text(encoding="utf-8") == page()
