"""The shipped workflow of projects passes every proof; and the builders that the other tests of `check` share."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from mofflow.declarations.policies import policies_from
from mofflow.declarations.workflow import workflow_from
from mofflow.declarations.yaml import read_document
from mofflow.domain.check import Report, check
from mofflow.domain.policy import Mandate, Policies
from mofflow.domain.workflow import Workflow

ROOT = Path(__file__).resolve().parents[2]


@cache
def policies() -> Policies:
    """The shipped policies."""
    content = {file.stem: read_document(file).data for file in sorted((ROOT / "policies").glob("*.yaml"))}
    return policies_from(content, "digest of the policies")


@cache
def _content() -> dict[str, Any]:
    return read_document(ROOT / "workflows" / "deliver-project.yaml").data


def shipped(change: Callable[[dict[str, Any]], object] | None = None) -> Workflow:
    """The shipped workflow, its content changed first."""
    content = copy.deepcopy(_content())
    if change:
        change(content)
    return workflow_from(content, "digest of the workflow")


def transition(content: Mapping[str, Any], trigger: str, start: str) -> dict[str, Any]:
    """The declaration of the transition whose `move` begins with `start`."""
    found: dict[str, Any] = next(
        t for t in content["transitions"] if t["trigger"] == trigger and t["move"].startswith(start)
    )
    return found


def tiny(*moves: str | Mapping[str, Any], mandates: tuple[Mandate, ...] = (), **more: Any) -> Report:
    """Check a workflow of the states draft, work, done (final) and dropped (final).

    A move is `trigger: source -> target`, fired by the solution manager, or the whole declaration.
    """
    content: dict[str, Any] = {
        "workflow": "tiny",
        "version": "1",
        "title": "Tiny",
        "kind": "project",
        "prefix": "T",
        "stages": {"all": ["draft", "work"]},
        "final": ["done", "dropped"],
        "transitions": [_move(m) if isinstance(m, str) else m for m in moves],
        **more,
    }
    return check(workflow_from(content, "digest"), replace(policies(), mandates=mandates))


def _move(text: str) -> dict[str, Any]:
    trigger, _, move = text.partition(": ")
    return {"trigger": trigger, "move": move, "by": ["solution_manager"]}


def told(report: Report, check_name: str) -> list[str]:
    """The problems of one check, as sentences."""
    return [str(problem) for problem in report.problems if problem.check == check_name]


def test_the_shipped_workflow_has_no_problem() -> None:
    """Everything that architecture.md lists is proved of it, in all three sizes."""
    report = check(shipped(), policies())
    assert [str(problem) for problem in report.problems] == []
    assert report.ok


def test_the_fewest_people_documents_and_signoffs_are_those_of_the_design() -> None:
    """domain.md 6.1: a small project closes with 13 documents, 5 sign-offs and three people; normal with 26 and 13;
    large with 26 sign-offs."""
    people = check(shipped(), policies()).people
    small = people["small"]
    assert (small.size, small.documents, small.signoffs) == (3, 13, 5)
    assert {frozenset(roles) for roles in small.people} == {
        frozenset({"solution_manager", "program_manager", "business_interface"}),
        frozenset({"operations_manager"}),
        frozenset({"customer"}),
    }
    assert (people["normal"].documents, people["normal"].signoffs) == (26, 13)
    assert people["large"].signoffs == 26
    assert people["large"].size > people["normal"].size
    assert all(crew.exact for crew in people.values())


def test_the_path_of_work_skips_no_pilot() -> None:
    """A way that raises a finding is shorter, and is not taken."""
    path = check(shipped(), policies()).people["small"].path
    assert ("piloting", "pilot_passed") in path
    assert path[0] == ("proposed", "charter")
    assert path[-1] == ("completion_review", "accept")


def test_a_workflow_resolved_for_a_size_is_checked_as_a_whole() -> None:
    """`check` proves every size, whichever it is given."""
    assert set(check(shipped().for_size("large"), policies()).people) == {"small", "normal", "large"}


def test_it_is_quick() -> None:
    """All proofs in all sizes take far less than a second."""
    workflow = shipped()
    began = time.perf_counter()
    check(workflow, policies())
    assert time.perf_counter() - began < 1.0


def test_a_workflow_without_sizes_is_checked_too() -> None:
    """Its crew stands under the empty size."""
    report = tiny("begin: draft -> work", "finish: work -> done", "drop: work -> dropped")
    assert report.ok
    assert report.people[""].people == (("solution_manager",),)
