"""What a check of a workflow found: for programs, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mofflow.cli._text import marks, visible
from mofflow.domain.check.report import Crew, Report
from mofflow.errors import InvalidDeclaration
from mofflow.services import definitions
from mofflow.services.world import World

View = dict[str, Any]


def checked(world: World, path: Path, policies: Path | None) -> View:
    """What `check --json` prints of a file; a file that cannot be read as a workflow has problems of `schema`."""
    try:
        name = definitions.read_workflow(world, path)[1].name
        report = definitions.check_file(world, path, policies)
    except InvalidDeclaration as error:
        told = error.problems or (error.message,)
        problems: list[View] = [
            {"check": "schema", "message": m, "state": None, "trigger": None, "path": []} for m in told
        ]
        return {"workflow": str(path), "file": str(path), "ok": False, "problems": problems, "people": {}}
    return {"workflow": name, "file": str(path), "ok": report.ok, **_report(report)}


def _report(report: Report) -> View:
    return {
        "problems": [
            {
                "check": problem.check,
                "message": problem.message,
                "state": problem.state,
                "trigger": problem.trigger,
                "path": [{"state": state, "trigger": trigger} for state, trigger in problem.path],
                "size": problem.size,
                "told": problem.told(),
            }
            for problem in report.problems
        ],
        "people": {size: _crew(crew) for size, crew in report.people.items()},
    }


def _crew(crew: Crew) -> View:
    return {
        "fewest": crew.size,
        "roles": [list(roles) for roles in crew.people],
        "documents": crew.documents,
        "signoffs": crew.signoffs,
        "exact": crew.exact,
    }


def verdict(view: View) -> str:
    """The same in words."""
    problems, people = view["problems"], view["people"]
    passed, failed = marks()
    lines = [f"{passed if view['ok'] else failed} {visible(str(view['workflow']))}"]
    lines += [f"  {visible(str(p.get('told') or p['message']))}" for p in problems]
    lines += [f"  {_needs(size, crew)}" for size, crew in people.items()]
    return "\n".join(lines)


def _needs(size: str, crew: Mapping[str, object]) -> str:
    most = "" if crew["exact"] else " at most"
    return f"{size or 'a case'}: {crew['fewest']} people{most}, {crew['documents']} documents, {crew['signoffs']} sign-offs"
