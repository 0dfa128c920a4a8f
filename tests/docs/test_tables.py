"""The tables of the guides say what the shipped workflow and policies say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, manual, name_of
from tests.docs.tables import policies, rules, stages, table, tables, workflow

TABLES = [(page, name, text) for page in manual() for name, text in tables(page)]


@pytest.mark.parametrize(("page", "name", "text"), TABLES, ids=[f"{name_of(p)}: {n}" for p, n, _ in TABLES])
def test_a_table_is_up_to_date(page: Path, name: str, text: str) -> None:
    """`python -m tests.docs.tables` writes it anew."""
    assert text == table(name), f"{name_of(page)}: {name}"


def test_no_stage_and_no_table_is_missing() -> None:
    """A stage without its tables would not be noticed by the test above."""
    wanted = {f"{word} {stage}" for word in ("gates", "documents", "signoffs") for stage in stages()}
    wanted |= {"covers", "roles", "clauses", "mandatory", "people"}
    assert {name for _, name, _ in TABLES} == wanted


def test_the_tables_leave_out_no_document_sign_off_or_trigger() -> None:
    """Everything that the shipped workflow asks for stands in a table."""
    told = "".join(text for _, _, text in TABLES)
    for entry in workflow()["transitions"]:
        assert f"| `{entry['trigger']}` |" in told
        for guard in entry.get("guards", ()):
            for name in (guard.get("evidence"), guard.get("signoff")):
                assert name is None or f"| `{name}` |" in told
    assert all(f"| {clause} |" in told for clause in rules("clauses"))
    assert all(f"| `{role}` |" in told for role in policies().roles)


_CODE = re.compile(r'"((?!MOFFLOW_)(?:[A-Z]{2,}(?:_[A-Z]+)+|[A-Z]{5,}))"')
_FINDINGS = {"WAIVED_GUARD", "PILOT_SKIPPED"}


def test_the_codes_of_refusals_are_explained() -> None:
    """Each code that mofflow gives has a row in the guide, and no other has."""
    page = (ROOT / "docs" / "guide-project.md").read_text(encoding="utf-8")
    rows = page.partition("## What a refusal says")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", rows, re.MULTILINE))
    rooms = (ROOT / "mofflow" / room for room in ("domain", "services", "declarations"))
    source = "".join(
        file.read_text(encoding="utf-8") for room in rooms for file in sorted(room.rglob("*.py"))
    )
    assert told == set(_CODE.findall(source)) - _FINDINGS
