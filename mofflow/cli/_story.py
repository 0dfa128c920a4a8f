"""Plays a story (YAML in `cli/story`) through the services that every command calls, and tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mofflow import bootstrap
from mofflow.declarations.yaml import read_data
from mofflow.domain.explain import answer
from mofflow.services import cases, documents, fields, remarks, signoffs, staffing
from mofflow.services.world import World
from mofflow.settings import Settings

Step = Mapping[str, Any]
STORY = Path(__file__).with_name("story") / "debian-12.yaml"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the telling: kind is stage, say, did, refused or reason."""

    kind: str
    text: str
    at: datetime | None = None
    actor: str = ""


class Story:
    """A story in a database of its own, which the account of this process founded."""

    def __init__(self, path: Path, account: str) -> None:
        self.data: Mapping[str, Any] = read_data(STORY)
        self._settings = Settings(path=path, account=account, stating_allowed=True)
        self._key = str(self.data["key"])

    def play(self) -> Iterator[Line]:
        """Found the database, then take one step after the other; each line is told once its step is done."""
        first = _time(self.data["scenes"][0]["steps"][0]["at"])
        self._settings = replace(self._settings, stated=first)
        bootstrap.found(self._settings, {"people": self.data["people"]})
        for scene in self.data["scenes"]:
            yield Line("stage", scene["stage"])
            yield Line("say", scene["say"])
            yield from self._steps(scene["steps"], self.data)
        yield Line("stage", "What is left open")
        for project in self.data["open_projects"]:
            self._key = str(project["key"])
            yield Line("say", project["say"])
            lines = self._steps(project["steps"], project)
            yield from (
                line
                for line in lines
                if not project.get("brief") or line.text.startswith(("opens ", "fires "))
            )

    def _steps(self, steps: list[Step], project: Mapping[str, Any]) -> Iterator[Line]:
        for step in steps:
            if "at" in step:
                self._settings = replace(self._settings, stated=_time(step["at"]))
            self._settings = replace(self._settings, actor=step["as"])
            verb = next(name for name in _VERBS if name in step)
            for line in _VERBS[verb](self, bootstrap.world(self._settings), step, project):
                yield replace(line, at=self._settings.stated, actor=str(step["as"]))

    def _create(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        given = {**project["fields"], "size": project["size"]}
        cases.create(world, project["title"], workflow="deliver-project", key=project["key"], fields=given)
        yield Line("did", f"opens {project['key']}: {project['title']} ({project['size']})")

    def _assign(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        for role, person in step["assign"].items():
            staffing.assign(replace(world, acting_as=None), self._key, role, person)
            yield Line("did", f"is assigned: {role}")

    def _attach(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        drafts = [documents.Draft(kind=kind, fields=told) for kind, told in step["attach"].items()]
        _, names = documents.attach(world, self._key, drafts)
        yield Line("did", f"attaches {', '.join(names)}")

    def _reuse(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        """Attach what the first project has of these kinds: its successor goes by the same documents."""
        known = cases.load(world, str(self.data["key"])).case.evidence
        drafts = [documents.Draft(kind=kind, fields=known[kind].fields) for kind in step["reuse"]]
        _, names = documents.attach(world, self._key, drafts)
        yield Line("did", f"attaches {', '.join(names)}")

    def _note(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        remarks.note(world, self._key, step["note"])
        yield Line("did", f"notes: {step['note']}")

    def _set(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        fields.change(world, self._key, step["set"])
        yield Line("did", f"sets {', '.join(step['set'])}")

    def _sign(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        found = signoffs.sign(world, self._key, (step["sign"],))
        if isinstance(found, signoffs.SignRefusal):
            _expected(step, refused=True)
            yield Line("refused", f"tries to sign {step['sign']}, and is refused:")
            yield Line("reason", f"{found.denial.code}  {found.denial.message}")
        else:
            _expected(step, refused=False)
            covered = ", ".join(d.kind for d in found[0].documents) or "nothing but the case itself"
            yield Line("did", f"signs {step['sign']} as {found[0].role}, over {covered}")

    def _advance(self, world: World, step: Step, project: Mapping[str, Any]) -> Iterator[Line]:
        found = cases.advance(world, self._key, step["advance"], inputs=step.get("inputs", {}))
        if isinstance(found, cases.Refusal):
            _expected(step, refused=True)
            yield Line("refused", f"fires {step['advance']}, and is refused:")
            for entry in answer(replace(found.facts, inputs={}), str(step["as"]), step["advance"]).entries:
                if entry.code and not entry.judged.passed:
                    clauses = entry.judged.guard.clauses if entry.judged.guard else ()
                    served = f" ({', '.join(clauses)})" if clauses else ""
                    yield Line("reason", f"{entry.code}  {entry.judged.verdict.message}{served}")
        else:
            _expected(step, refused=False)
            act = found.event.act
            yield Line("did", f"fires {act.trigger}: {act.source} -> {act.target}")


_VERBS: Mapping[str, Callable[[Story, World, Step, Mapping[str, Any]], Iterator[Line]]] = {
    "create": Story._create,
    "assign": Story._assign,
    "attach": Story._attach,
    "reuse": Story._reuse,
    "note": Story._note,
    "set": Story._set,
    "sign": Story._sign,
    "advance": Story._advance,
}


def _expected(step: Step, *, refused: bool) -> None:
    """A story that goes another way than it is told is a defect, and must not be told on."""
    if bool(step.get("refused")) != refused:
        raise AssertionError(f"the story went another way: {dict(step)}")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
