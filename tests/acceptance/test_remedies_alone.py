"""Whoever follows the remedies of `why`, and nothing else, brings a project of any size to its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
        people = mofflow("person", "list", "--json").json["items"]
        assert len(people) - 1 <= 3  # the administrator does nothing on the project
        assert sum(project.counts.values()) <= 40, project.counts


def test_a_small_project_closes_in_25_commands_with_bundles(tmp_path: Path) -> None:
    """With its three people known, documents travelling with the trigger that needs them, and `sign --all`."""
    people = {
        "sam": ("solution_manager", "program_manager"),
        "cleo": ("customer",),
        "otto": ("operations_manager",),
    }
    mofflow = Mofflow(tmp_path, now=START).init(people)
    project = new_project(mofflow, "small", "discipline=scrum", "deliverable=service")
    for role in people["sam"]:
        project.run(["assign", "P-1", role, "sam"])
    signer = {"approve": "cleo", "start_pilot": "cleo", "go": "otto", "accept": "cleo"}
    for trigger in MAIN:
        answer = mofflow.why("P-1", trigger)
        if any(guard["not_before"] for guard in answer["guards"]):
            mofflow.now = max(guard["not_before"] or "" for guard in answer["guards"])
            answer = mofflow.why("P-1", trigger)
        documents = _documents(answer)
        if trigger in ("start_pilot", "accept"):  # the signer must see the document first
            project.run(["--as", "sam", "attach", "P-1", "--from", _bundle(mofflow, documents)])
            documents = {}
        if trigger in signer and any(guard["code"] == "SIGNOFF_MISSING" for guard in answer["guards"]):
            project.run(["--as", signer[trigger], "sign", "P-1", "--all"])
        bundle = ["--from", _bundle(mofflow, {"documents": documents})] if documents else []
        inputs = ["--set", "site=main"] if trigger == "site_done" else []
        who = "otto" if trigger == "end_quiet" else "sam"
        project.run(["--as", who, "advance", "P-1", trigger, *inputs, *bundle])
    assert project.state() == "closed"
    assert sum(project.counts.values()) <= 25, project.counts


def _documents(answer: Any) -> dict[str, Any]:  # JSON
    """The example of every document that the remedies of an answer ask for, by kind."""
    words = [word for guard in answer["guards"] for command in guard["remedy"] for word in command]
    files = [word for word in words if isinstance(word, dict) and word["kind"] == "file"]
    kinds = [
        command[i - 1]
        for g in answer["guards"]
        for command in g["remedy"]
        for i, w in enumerate(command)
        if w in files
    ]
    return {kind: word["example"] for kind, word in zip(kinds, files, strict=True)}


def _bundle(mofflow: Mofflow, content: dict[str, Any]) -> str:
    return str(mofflow.write("bundle.json", json.dumps(content)))
