"""Every transition is taken, and every guard both refuses and passes, through the command line, in each size."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mofflow.declarations.files import DeclarationFiles
from mofflow.domain.workflow import Workflow
from tests.support.command import Mofflow
from tests.support.remedies import MAIN, Obedient, new_project

START = "2026-01-05T09:00:00Z"
Edge = tuple[str, str, str]
NEVER_REFUSE = {
    "small": {"accept.obligations"}
}  # only a conditional go leaves obligations, which larger ones have


@dataclass
class Walk:
    """One project in a copy of a database, and what was seen of its workflow so far, over all copies."""

    folder: Path
    size: str
    copies: int = 0
    stops: dict[str, tuple[Path, str]] = field(default_factory=dict)
    taken: set[Edge] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)

    def start(self, size: str | None = None) -> Obedient:
        """A new project in a new database."""
        self.copies += 1
        folder = self.folder / f"{self.copies}"
        folder.mkdir()
        return new_project(Mofflow(folder, now=START).init(), size or self.size)

    def at(self, state: str) -> Obedient:
        """A copy of the project as it stood when it entered a state for the first time."""
        source, now = self.stops[state]
        self.copies += 1
        folder = self.folder / f"{self.copies}"
        shutil.copytree(source, folder)
        return Obedient(Mofflow(folder, now=now))

    def stop(self, project: Obedient) -> None:
        """Remember the project as it stands."""
        state = project.state()
        if state not in self.stops:
            self.copies += 1
            folder = self.folder / f"{self.copies}"
            shutil.copytree(project.mofflow.folder, folder)
            assert project.mofflow.now is not None
            self.stops[state] = (folder, project.mofflow.now)

    def see(self, project: Obedient) -> None:
        """Take in what the history of a project shows."""
        cursor: list[str] = []
        while True:
            page = project.mofflow("history", project.key, "--limit", "1000", *cursor, "--json").json
            for event in page["events"]:
                for guard in event["guards"]:
                    (self.passed if guard["passed"] else self.refused).add(guard["guard"])
                if event["kind"] == "transition" and event["outcome"] == "done":
                    self.taken.add((event["trigger"], event["from"], event["to"]))
            if page["next_cursor"] is None:
                return
            cursor = ["--cursor", page["next_cursor"]]


def attempt(project: Obedient, trigger: str, *inputs: str) -> None:
    """Fire a trigger as it is, as somebody who may or, where nobody may, as anybody: it must be refused."""
    answer = project.mofflow.why(project.key, trigger)
    given = inputs or tuple(_given(need) for need in answer["needs"])
    words = [word for value in given for word in ("--set", value)]
    who = (answer["by"]["people"] or ["root"])[0]
    ran = project.mofflow("advance", project.key, trigger, *words, "--json", as_=who, expect=None)
    assert ran.code in (1, 4), (trigger, ran)
    assert ran.error["refusals"] or ran.code == 4


def _given(need: dict[str, Any]) -> str:
    value = need["example"]
    return f"{need['name']}={value if isinstance(value, str) else json.dumps(value)}"


def fire(project: Obedient, trigger: str) -> None:
    """Be refused first where something is missing, then obey and fire."""
    if not project.mofflow.why(project.key, trigger)["available"]:
        attempt(project, trigger)
    project.fire(trigger)


def attach(project: Obedient, kind: str, **fields: object) -> None:
    """Attach the present example of a kind with other values in it, as the program manager."""
    form = project.mofflow(
        "evidence", "template", kind, "--case", project.key, "--json", as_=manager(project)
    ).json
    file = project.mofflow.write(f"{kind}.json", json.dumps({**form["example"], **fields}))
    project.mofflow("attach", project.key, kind, str(file), as_=manager(project))


def manager(project: Obedient) -> str:
    """The program manager of a project."""
    people: dict[str, list[str]] = project.mofflow("show", project.key, "--json").json["people"]
    return people["program_manager"][0]


def spoil(project: Obedient, larger: bool) -> None:
    """Make every document of the release gate wrong."""
    attach(project, "back_out_plan", tested=False)
    attach(project, "security_assessment", bypassed=["The firewall"])
    results = project.mofflow(
        "evidence", "template", "pilot_report", "--case", project.key, "--json", as_="root"
    ).json
    unmet = [{**entry, "met": False} for entry in results["example"]["results"]]
    attach(project, "pilot_report", results=unmet)
    if larger:
        attach(project, "continuity_review", valid=False)
        attach(project, "support_handover", procedures=False, accepted=False)


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_every_transition_is_taken_and_every_guard_refuses_and_passes(tmp_path: Path, size: str) -> None:
    """The test lists each transition that was not taken, and each guard that never refused or never passed."""
    _complete(tmp_path, size)


def _complete(folder: Path, size: str) -> None:
    walk = Walk(folder, size)
    larger = size != "small"
    _main_road(walk)
    _side_roads(walk, larger)
    _holds(walk)
    _releases(walk, larger)
    _raised(walk)
    workflow = _workflow().for_size(size)
    edges = {(t.trigger, t.source, t.target) for t in workflow.transitions}
    guards = {g.name for t in workflow.transitions for g in t.guards}
    assert not edges - walk.taken, f"transitions that were not taken: {sorted(edges - walk.taken)}"
    assert not guards - walk.passed, f"guards that never passed: {sorted(guards - walk.passed)}"
    guards -= NEVER_REFUSE.get(size, set())
    assert not guards - walk.refused, f"guards that never refused: {sorted(guards - walk.refused)}"


def _workflow() -> Workflow:
    declarations = DeclarationFiles()
    path = next(p for p in declarations.shipped_workflows() if p.stem == "deliver-project")
    return declarations.workflow(declarations.workflow_file(path), "x")


def _main_road(walk: Walk) -> None:
    project = walk.start()
    walk.stop(project)
    for trigger in MAIN:
        fire(project, trigger)
        walk.stop(project)
    assert project.state() == "closed"
    walk.see(project)


def _side_roads(walk: Walk, larger: bool) -> None:
    """The transitions beside the main road, each from a copy of the project in its source state."""
    roads = {
        "proposed": ["decline"],
        "vision_review": ["rework", "reject"],
        "plan_review": ["rework", "rethink", "reject"],
        "scope_review": ["rework", "replan"],
        "release_review": ["no_go_fix", "no_go_rebuild", "no_go_replan"],
        "quiet_period": ["reopen"],
        "completion_review": ["refuse", "next_increment"],
    }
    for state, triggers in roads.items():
        for trigger in triggers:
            project = walk.at(state)
            fire(project, trigger)
            walk.see(project)
    for state in ("building", "scope_review", "stabilizing", "piloting", "release_review"):
        project = walk.at(state)
        fire(project, "scope_change")
        walk.see(project)
    failed = walk.at("piloting")
    fire(failed, "pilot_failed")
    attempt(failed, "skip_pilot")  # the candidate is marked failed
    fire(failed, "skip_pilot")
    walk.see(failed)
    skipped = walk.at("stabilizing")
    fire(skipped, "skip_pilot")
    walk.see(skipped)
    for state in ("deploying", "quiet_period"):
        for ending in ("retry", "replan", "stop"):
            project = walk.at(state)
            for trigger in ("back_out", "restored", ending):
                fire(project, trigger)
            walk.see(project)


def _holds(walk: Walk) -> None:
    """Hold and resume, with and without a changed baseline, and cancel, from wherever that is legal."""
    before = ["proposed", "envisioning", "vision_review", "planning", "plan_review"]
    after = ["building", "scope_review", "stabilizing", "piloting", "release_review"]
    for state in (*before, *after):
        project = walk.at(state)
        fire(project, "cancel")
        walk.see(project)
        project = walk.at(state)
        fire(project, "hold")
        if state == "proposed":
            walk.stop(project)
        fire(project, "resume")
        assert project.state() == state
        walk.see(project)
    for state in after:
        project = walk.at(state)
        fire(project, "hold")
        attach(project, "acceptance_criteria")
        fire(project, "resume")
        assert project.state() == "planning"
        walk.see(project)
    project = walk.at("on_hold")
    fire(project, "cancel")
    walk.see(project)


def _releases(walk: Walk, larger: bool) -> None:
    """The ways into deploying, each refused for every reason first; the core site before the others."""
    for state, trigger in (("release_review", "go"), ("completion_review", "redeploy")):
        project = walk.at(state)
        spoil(project, larger)
        attempt(project, trigger)
        fire(project, trigger)
        walk.see(project)
    if larger:
        project = walk.at("release_review")
        spoil(project, larger)
        for guard in ("requirements_met", "support_handover"):  # the condition stands in for one of them only
            assert project.mofflow.now is not None
            due = (datetime.fromisoformat(project.mofflow.now) + timedelta(days=7)).date().isoformat()
            terms = [{"guard": guard, "owner": manager(project), "due": due}]
            attempt(project, "conditional_go", f"conditions={json.dumps(terms)}")
        project.fire("conditional_go")
        for trigger in ("site_done", "deployed", "end_quiet"):
            project.fire(trigger)
        attach(project, "support_handover", accepted=False)
        attempt(project, "accept")  # the condition is open, the handover not accepted
        fire(project, "accept")
        walk.see(project)
    sites = walk.at("release_review")
    sites.mofflow("set", "P-1", "sites=core,branch", as_=manager(sites))
    fire(sites, "go")
    attempt(sites, "deployed")
    attempt(sites, "site_done", "site=branch")
    fire(sites, "deployed")
    walk.see(sites)


def _raised(walk: Walk) -> None:
    """A size that rises in planning or in plan review asks for what the larger size would have asked before."""
    if walk.size == "small":
        return
    for stop in ("submit_plan", "approve"):
        project = walk.start("small")
        for trigger in MAIN[: 3 if stop == "submit_plan" else 4]:
            fire(project, trigger)
        project.mofflow("set", "P-1", f"size={walk.size}", as_=manager(project))
        attempt(project, stop)
        attach(project, "requirements")  # the criteria of the small project do not serve them
        attempt(project, stop)
        fire(project, stop)
        walk.see(project)
