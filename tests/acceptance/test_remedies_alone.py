"""Whoever follows the remedies of `why`, and nothing else, brings a project of any size to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Mofflow
from tests.support.remedies import MAIN, new_project

START = "2026-01-05T09:00:00Z"


@pytest.mark.parametrize(
    ("size", "documents", "signoffs"), [("small", 13, 5), ("normal", 26, 13), ("large", 39, 26)]
)
def test_following_only_remedies_closes_a_project(
    tmp_path: Path, size: str, documents: int, signoffs: int
) -> None:
    """From an empty database after `init`, in stated time, with the documents and sign-offs that the field tells."""
    mofflow = Mofflow(tmp_path, now=START).init()
    project = new_project(mofflow, size)
    for trigger in MAIN:
        project.fire(trigger)
    assert project.state() == "closed"
    shown = mofflow("show", "P-1", "--json").json
    assert len(shown["evidence"]) == documents
    assert project.counts["sign"] == signoffs
    if size == "small":
        people = {p["id"] for p in mofflow("person", "list", "--json").json["items"]}
        assert project.counts["attach"] == 13
        assert len(people - {"root"}) <= 3 or len(people) <= 4
        assert sum(project.counts.values()) <= 40, project.counts
