"""Answers of `why`, and refusals: what programs read, and what a person reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import click

from mofflow.cli._remedy import Arguments, Remedies, command, shown
from mofflow.cli._text import coloured, local, marks, visible
from mofflow.cli._views import View, stage_of
from mofflow.domain.decide import Judged
from mofflow.domain.explain import Answer, Entry, Who
from mofflow.domain.facts import Facts
from mofflow.services.audit import references


class Telling:
    """Puts the answers about one case into words; placeholders keep their names throughout."""

    def __init__(self, facts: Facts, asker: str, answers: Sequence[Answer]) -> None:
        self._facts = facts
        self._answers = answers
        self._remedies = Remedies(facts, asker)
        for answer in answers:
            self._remedies.know(answer.proposals)

    def view(self) -> View:
        """Everything, as `why --json` prints it."""
        case, workflow = self._facts.case, self._facts.workflow
        return {
            "case": case.key,
            "state": case.state,
            "stage": stage_of(case, workflow),
            "version": case.version,
            "final": workflow.states[case.state].final,
            "triggers": [self.trigger(answer) for answer in self._answers],
        }

    def trigger(self, answer: Answer) -> View:
        """One trigger."""
        return {
            "trigger": answer.trigger,
            "target": answer.target,
            "available": answer.available,
            "needs": [
                {"name": need.name, "schema": schema, "example": example}
                for need, schema, example in answer.needs
            ],
            "by": {"roles": list(answer.roles), "people": list(answer.people)},
            "guards": [self.entry(entry) for entry in answer.entries],
        }

    def entry(self, entry: Entry) -> View:
        """One guard."""
        judged = entry.judged
        clauses = judged.guard.clauses if judged.guard else ()
        return {
            "guard": judged.name,
            "code": entry.code,
            "passed": judged.passed,
            "clauses": list(references(self._facts.policies, clauses)),
            "message": judged.verdict.message,
            "hint": judged.verdict.hint,
            "who": {
                "roles": list(entry.who.roles),
                "people": list(entry.who.people),
                "barred": dict(entry.who.barred or {}),
            },
            "remedy": self._remedies.lines(entry.steps),
            "not_before": entry.not_before,
            "excused": judged.excused,
        }

    def refusals(self, failing: Iterable[Judged]) -> list[View]:
        """Every guard that failed in an attempt, in the safe order, with the remedies that the answer has for it."""
        left = {judged.name: judged for judged in failing}
        entries = [e for answer in self._answers for e in answer.entries]
        found = [
            e for e in entries if (e.judged.name in left or e.judged.guard is None) and not e.judged.passed
        ]
        for entry in found:
            left.pop(entry.judged.name, None)
        return [self.entry(e) for e in (*found, *(Entry(judged=j, who=Who()) for j in left.values()))]


def told(view: View, zone: tzinfo | None) -> str:
    """The answer as a person reads it; `view` is that of `Telling.view`."""
    lines = [f"{_bold(str(view['case']))} is in {_bold(str(view['state']))}" + _stage(view) + "."]
    triggers = view["triggers"]
    if not triggers:
        lines.append(
            "It has ended: nothing leaves this state." if view["final"] else "Nothing leaves this state."
        )
    for trigger in triggers:
        lines += ["", *_trigger(trigger, zone)]
    return "\n".join(lines)


def told_refusals(refusals: Sequence[View], zone: tzinfo | None) -> str:
    """Failing guards as a person reads them."""
    return "\n".join(line for refusal in refusals for line in _guard(refusal, zone))


def _stage(view: View) -> str:
    return (
        f" ({view['stage']}), version {view['version']}" if view["stage"] else f", version {view['version']}"
    )


def _trigger(trigger: Mapping[str, Any], zone: tzinfo | None) -> Iterator[str]:
    available = bool(trigger["available"])
    target = f" → {trigger['target']}" if trigger["target"] else ""
    can = _style("available", fg="green") if available else _style("not yet", fg="red")
    yield f"{_mark(available)} {_bold(visible(str(trigger['trigger'])))}{_ascii(target)}  {can}"
    by = trigger["by"]
    if by["roles"]:
        yield f"    by {_listed(by['roles'])}: {_listed(by['people']) or 'nobody at present'}"
    needs = trigger["needs"]
    for need in needs:
        given = shlex.quote(f"{need['name']}={visible(shown(need['example']))}")
        yield f"    needs --set {given}"
    guards = trigger["guards"]
    for guard in guards:
        yield from _guard(guard, zone)


def _guard(guard: Mapping[str, Any], zone: tzinfo | None) -> Iterator[str]:
    """One line for a guard that passes; what it found and what helps for one that does not."""
    code = f" {_style(str(guard['code']), fg='yellow')}" if guard["code"] else ""
    clauses = f" [{'; '.join(_strings(guard['clauses']))}]" if guard["clauses"] else ""
    yield f"  {_mark(bool(guard['passed']))} {visible(str(guard['guard']))}{code}{_dim(clauses)}"
    excused = f" ({guard['excused']})" if guard["excused"] else ""
    if guard["message"] and (guard["code"] or excused):
        yield f"      {visible(str(guard['message']))}{visible(excused)}"
    if guard["code"]:
        yield from _help(guard, zone)


def _help(guard: Mapping[str, Any], zone: tzinfo | None) -> Iterator[str]:
    if guard["hint"]:
        yield f"      {visible(str(guard['hint']))}"
    who = guard["who"]
    if who["roles"]:
        yield f"      who: {_listed(who['roles'])}; here: {_listed(who['people']) or 'nobody'}"
    for person, reason in who["barred"].items():
        yield f"      barred: {visible(person)}, who {visible(reason)}"
    not_before = guard["not_before"]
    if not_before is not None:
        yield f"      not before {local(not_before, zone)}"
    remedy = guard["remedy"]
    yield from (f"      $ {line}" for line in _commands(remedy))


def _commands(remedy: Sequence[Arguments]) -> Iterator[str]:
    for line in remedy:
        statement = any(isinstance(word, dict) and word["statement"] for word in line)
        yield _style(command(line), fg="cyan") + ("   (if this is so)" if statement else "")


def _strings(value: Iterable[object]) -> list[str]:
    return [visible(str(entry)) for entry in value]


def _listed(value: Iterable[object]) -> str:
    return ", ".join(_strings(value))


def _mark(good: bool) -> str:
    passed, failed = marks()
    return _style(passed, fg="green") if good else _style(failed, fg="red")


def _ascii(text: str) -> str:
    return text if marks()[0] == "✓" else text.replace("→", "->")


def _style(text: str, fg: str) -> str:
    return click.style(text, fg=fg) if coloured() else text


def _bold(text: str) -> str:
    return click.style(text, bold=True) if coloured() else text


def _dim(text: str) -> str:
    return click.style(text, dim=True) if coloured() and text else text
