"""Somebody who knows nothing but the remedies of `why --json`, and does what they say."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.command import Mofflow, Ran

MAIN = (
    *("charter", "submit_vision", "approve", "submit_plan", "approve", "declare_complete", "approve"),
    *("start_pilot", "pilot_passed", "go", "site_done", "deployed", "end_quiet", "accept"),
)


@dataclass
class Obedient:
    """Follows remedies on one case, and counts what it does by the first words of each command."""

    mofflow: Mofflow
    key: str = "P-1"
    counts: Counter[str] = field(default_factory=Counter)
    files: int = 0

    def fire(self, trigger: str, *, by: str | None = None) -> Ran:
        """Do all that `why` asks for, wait where it says so, then fire the trigger with its example inputs."""
        answer = self.available(trigger)
        inputs = [
            word for need in answer["needs"] for word in ("--set", f"{need['name']}={_text(need['example'])}")
        ]
        self.counts["advance"] += 1
        return self.mofflow(
            "advance", self.key, trigger, *inputs, "--json", as_=by or answer["by"]["people"][0]
        )

    def available(self, trigger: str) -> Any:  # JSON
        """The answer of `why`, once the trigger is available; asks again after each remedy."""
        answer = self.mofflow.why(self.key, trigger)
        for _ in range(60):
            if answer["available"]:
                return answer
            self._first_remedy(answer)
            answer = self.mofflow.why(self.key, trigger)
        raise AssertionError(f"{trigger} does not become available: {answer['guards']}")

    def _first_remedy(self, answer: Mapping[str, Any]) -> None:
        for guard in answer["guards"]:
            if guard["not_before"] and self._wait(guard["not_before"]):
                return
        for guard in answer["guards"]:
            if guard["remedy"] and (not guard["passed"] or guard["code"]):
                for command in guard["remedy"]:
                    self.run(command)
                return
        raise AssertionError(f"nothing to do about {answer['trigger']}: {answer['guards']}")

    def _wait(self, until: str) -> bool:
        assert self.mofflow.now is not None
        if datetime.fromisoformat(until) <= datetime.fromisoformat(self.mofflow.now):
            return False
        self.mofflow.now = until
        return True

    def run(self, command: list[Any]) -> Ran:
        """One command of a remedy, its placeholders filled with their examples."""
        words = [self._word(word) for word in command]
        verb = words[2] if words[0] == "--as" else words[0]
        self.counts[verb] += 1
        return self.mofflow(*words)

    def _word(self, word: Any) -> str:  # JSON
        if isinstance(word, str):
            return word
        if word["kind"] != "file":
            return str(word["prefix"]) + _text(word["example"])
        self.files += 1
        return str(self.mofflow.write(f"document-{self.files}.json", json.dumps(word["example"])))

    def state(self) -> str:
        """Where the case stands."""
        return str(self.mofflow("show", self.key, "--json").json["state"])


def _text(value: Any) -> str:  # JSON
    return value if isinstance(value, str) else json.dumps(value)


def new_project(mofflow: Mofflow, size: str, *fields: str) -> Obedient:
    """A project of a size in an empty database."""
    words = [word for pair in (f"size={size}", *fields) for word in ("--set", pair)]
    mofflow("project", "create", f"A {size} project", *words)
    return Obedient(mofflow, counts=Counter({"project": 1}))


ROAD_START = "2026-01-05T09:00:00Z"
# One person a role, spares for the roles that sign most, and one without any.
CREW: Mapping[str, tuple[str, ...]] = {
    "portia": ("portfolio_manager",),
    "sol": ("solution_manager",),
    "pam": ("program_manager",),
    "prue": ("product_manager",),
    "dev": ("developer",),
    "tess": ("tester",),
    "rel": ("release_manager",),
    "ops": ("operations_manager",),
    "opal": ("operations_manager",),
    "cust": ("customer",),
    "cleo": ("customer",),
    "slm": ("service_level_manager",),
    "svc": ("service_owner",),
    "fin": ("finance_manager",),
    "arch": ("architect",),
    "sec": ("security_manager",),
    "sup": ("support_manager",),
    "conf": ("configuration_manager",),
    "nobody": (),
}


@dataclass
class Project(Obedient):
    """A project with the crew: documents, sign-offs and triggers by name, as somebody who says what he wants."""

    def attach(self, kind: str, *, by: str = "pam", expect: int | None = 0, **fields: object) -> Ran:
        """The present example of a kind, with other values in it."""
        form = self.mofflow("evidence", "template", kind, "--case", self.key, "--json", as_="pam").json[
            "example"
        ]
        self.files += 1
        file = self.mofflow.write(f"own-{self.files}.json", json.dumps({**form, **fields}))
        return self.mofflow("attach", self.key, kind, str(file), "--json", as_=by, expect=expect)

    def sign(self, name: str, by: str, *words: str, expect: int | None = 0) -> Ran:
        """Give a sign-off, or with `--reject` the opposite."""
        return self.mofflow("sign", self.key, name, *words, "--json", as_=by, expect=expect)

    def advance(self, trigger: str, by: str, *, expect: int | None = 0, **inputs: object) -> Ran:
        """Fire a trigger with these inputs."""
        words = [word for name, value in inputs.items() for word in ("--set", f"{name}={_text(value)}")]
        return self.mofflow("advance", self.key, trigger, *words, "--json", as_=by, expect=expect)

    def go(self, trigger: str) -> Ran:
        """As `fire`, but all remedies of one answer are followed before `why` is asked again."""
        for _ in range(5):
            answer = self.mofflow.why(self.key, trigger)
            if answer["available"]:
                break
            ahead = [guard["not_before"] for guard in answer["guards"] if guard["not_before"]]
            if ahead and self._wait(max(ahead)):
                continue
            for guard in answer["guards"]:
                for command in guard["remedy"]:
                    self.run(command)
        return self.fire(trigger)

    def guard(self, name: str) -> Any:
        """What `why` says of one guard, such as `go.release`."""
        answer = self.mofflow.why(self.key, name.partition(".")[0])
        return next(guard for guard in answer["guards"] if guard["guard"] == name)

    def code(self, name: str) -> str | None:
        """The code with which a guard fails; None where it passes."""
        guard = self.guard(name)
        return None if guard["passed"] else str(guard["code"])

    def codes(self, trigger: str) -> dict[str, str]:
        """Every guard of a trigger that fails, with its code."""
        guards = self.mofflow.why(self.key, trigger)["guards"]
        return {guard["guard"]: guard["code"] for guard in guards if not guard["passed"]}

    @property
    def shown(self) -> Any:
        """What `show --json` prints."""
        return self.mofflow("show", self.key, "--json").json

    def counting(self, name: str) -> set[str]:
        """Whose approvals of a set count."""
        return {s["person"] for s in self.shown["signoffs"] if s["name"] == name and s["counts"]}

    def events(self, *filters: str) -> list[Any]:
        """Its history, oldest first."""
        words = ("history", self.key, *filters, "--limit", "1000", "--json")
        return list(self.mofflow(*words).json["events"])

    def seals(self) -> dict[str, str]:
        """What sign-offs and baselines bind to: the seal of each document, file and fields together, by name."""
        found = {}
        for event in self.events("--kind", "evidence"):
            data = event["data"]
            found[":".join(filter(None, (data["kind"], data["key"])))] = str(data["seal"])
        return found

    def findings(self) -> list[str]:
        """The codes of its findings."""
        found = self.mofflow("audit", "findings", "--case", self.key, "--json", expect=None).json
        return [finding["code"] for finding in found["items"]]


@dataclass
class Roads:
    """One project of each size on the main road; `at` gives a copy of it as it was when it entered a state."""

    folder: Path
    stops: dict[tuple[str, str], tuple[Path, str]] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)
    copies: int = 0

    def at(self, size: str, state: str) -> Project:
        """The project of that size, just after it entered that state."""
        if size not in self.walked:
            self.walked.add(size)
            self._walk(size)
        assert (size, state) in self.stops, f"the road of a {size} project ends before {state}"
        source, now = self.stops[size, state]
        return Project(Mofflow(self._copy(source), now=now))

    def _copy(self, source: Path) -> Path:
        self.copies += 1
        return Path(shutil.copytree(source, self.folder / f"copy-{self.copies}"))

    def _walk(self, size: str) -> None:
        folder = self.folder / f"road-{size}"
        folder.mkdir(parents=True)
        mofflow = Mofflow(folder, now=ROAD_START).init(CREW)
        mofflow("project", "create", f"A {size} project", "--set", f"size={size}")
        for role, person in (("program_manager", "pam"), ("solution_manager", "sol")):
            mofflow("assign", "P-1", role, person)
        project = Project(mofflow)
        self._stop(project, size)
        for trigger in MAIN:
            project.go(trigger)
            self._stop(project, size)

    def _stop(self, project: Project, size: str) -> None:
        assert project.mofflow.now is not None
        state = project.state()
        if (size, state) not in self.stops:
            self.stops[size, state] = (self._copy(project.mofflow.folder), project.mofflow.now)


@cache
def roads() -> Roads:
    """The roads of this process: walked once, whoever asks."""
    folder = tempfile.mkdtemp(prefix="mofflow-roads-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Roads(Path(folder))
