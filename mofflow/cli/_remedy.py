"""The steps of a remedy as command lines: argument lists, with an object wherever a person must supply content."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mofflow.cli._text import visible
from mofflow.domain.case import evidence_id
from mofflow.domain.facts import Facts
from mofflow.domain.steps import (
    AddPerson,
    Advance,
    Assign,
    Attach,
    GrantRole,
    Proposal,
    SetFields,
    Settle,
    Sign,
    Step,
    Unassign,
    Withdraw,
)
from mofflow.domain.workflow import Field

Argument = str | dict[str, object]
Arguments = list[Argument]

PERSON_ID = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_TEXT = {"type": "string", "minLength": 1}
_FIELD_SCHEMAS: Mapping[str, Mapping[str, object]] = {
    "text": _TEXT,
    "integer": {"type": "integer"},
    "list": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _TEXT},
}


class Remedies:
    """Writes the steps of one answer; the same NAME in it is the same thing, so one instance serves all triggers."""

    def __init__(self, facts: Facts, asker: str) -> None:
        self._facts = facts
        self._asker = asker
        self._key = facts.case.key
        self._names: dict[str, str] = {}
        self._proposals: dict[str, Proposal] = {}
        self._writers: Mapping[type[Step], Callable[[Any], Arguments]] = {
            AddPerson: self._add_person,
            GrantRole: lambda s: ["person", "grant", self.person(s.person), s.role],
            Assign: self._assign,
            Unassign: lambda s: ["unassign", self._key, s.role, self.person(s.person)],
            Attach: self._attach,
            Sign: lambda s: ["sign", self._key, evidence_id(s.set, s.key), "--role", s.role],
            Withdraw: self._withdraw,
            SetFields: self._set,
            Settle: self._settle,
            Advance: self._advance,
        }

    def know(self, proposals: Mapping[str, Proposal]) -> None:
        """Take in the people whom an answer proposes; one proposed for several triggers must fit them all."""
        for person, proposal in proposals.items():
            known = self._proposals.get(person, proposal)
            self._proposals[person] = Proposal(
                id=person,
                role=known.role,
                barred=_union(known.barred, proposal.barred),
                distinct_from=_union(known.distinct_from, proposal.distinct_from),
            )

    def lines(self, steps: Iterable[Step]) -> list[Arguments]:
        """One argument list for each step, in order."""
        return [[*self._as(step.actor), *self._writers[type(step)](step)] for step in steps]

    def person(self, person: str) -> Argument:
        """An id, or the placeholder of somebody who is to be found."""
        proposal = self._proposals.get(person)
        if proposal is None:
            return person
        return {
            **self._placeholder(self._named(person), "person", person),
            "schema": {"type": "string", "pattern": PERSON_ID},
            "not": [p for p in proposal.barred if p not in self._proposals],
            "distinct_from": [self._named(p) for p in proposal.distinct_from],
        }

    def _named(self, person: str) -> str:
        return self._name(f"new_{self._proposals[person].role}", f"person {person}")

    def _as(self, actor: str) -> Arguments:
        return [] if actor == self._asker else ["--as", self.person(actor)]

    def _name(self, stem: str, thing: str) -> str:
        """The name of a thing: the stem, with a number where another thing has that name already."""
        if thing not in self._names:
            stem = re.sub(r"\W+", "_", stem)
            taken = set(self._names.values())
            numbered = (stem if n == 1 else f"{stem}_{n}" for n in range(1, len(taken) + 2))
            self._names[thing] = next(name for name in numbered if name not in taken)
        return self._names[thing]

    def _placeholder(self, name: str, kind: str, example: object, prefix: str = "") -> dict[str, object]:
        return {
            "placeholder": name,
            "kind": kind,
            "schema": None,
            "example": example,
            "statement": False,
            "prefix": prefix,
        }

    def _reason(self, stem: str, example: str) -> Argument:
        name = self._name(stem, f"reason {stem}")
        return {**self._placeholder(name, "value", example), "schema": dict(_TEXT)}

    def _add_person(self, step: AddPerson) -> Arguments:
        return ["person", "add", self.person(step.person), "--grant", step.role]

    def _assign(self, step: Assign) -> Arguments:
        line: Arguments = ["assign", self._key, step.role, self.person(step.person)]
        return [*line, "--grant"] if step.grant else line

    def _attach(self, step: Attach) -> Arguments:
        kind = self._facts.policies.evidence[step.kind]
        example = dict(step.example)
        stem = "_".join(filter(None, (step.kind, step.key)))
        thing = json.dumps([step.kind, step.key, example], sort_keys=True, default=str)
        document = {
            **self._placeholder(self._name(stem, thing), "file", example),
            "schema": kind.schema,
            "statement": kind.statement,
        }
        return ["attach", self._key, step.kind, document]

    def _withdraw(self, step: Withdraw) -> Arguments:
        name = evidence_id(step.set, step.key)
        reason = self._reason(f"withdrawal_reason_{name}", f"What stood against {name} is settled.")
        return ["withdraw", self._key, name, "--reason", reason]

    def _settle(self, step: Settle) -> Arguments:
        reason = self._reason(
            f"settlement_reason_{step.obligation}", f"{step.obligation} was done as agreed."
        )
        return ["obligation", "settle", step.obligation, "--reason", reason]

    def _set(self, step: SetFields) -> Arguments:
        values = [
            f"{name}={shown(value)}" if name in step.given else self._value(name, value)
            for name, value in step.values.items()
        ]
        return ["set", self._key, *values]

    def _value(self, name: str, example: object) -> Argument:
        schema = _schema(self._facts.workflow.fields[name])
        return {
            **self._placeholder(self._name(name, f"field {name}"), "value", example, f"{name}="),
            "schema": schema,
        }

    def _advance(self, step: Advance) -> Arguments:
        inputs = [word for name, value in step.inputs.items() for word in ("--set", f"{name}={shown(value)}")]
        return ["advance", self._key, step.trigger, *inputs]


def shown(value: object) -> str:
    """A value behind FIELD=: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def command(line: Sequence[Argument]) -> str:
    """A line as a person types it, with <name> where he supplies something."""
    return " ".join(["mofflow", *(_typed(word) for word in line)])


def _typed(word: Argument) -> str:
    if isinstance(word, str):
        return shlex.quote(visible(word))
    return visible(f"{word['prefix']}<{word['placeholder']}>")


def _schema(field: Field) -> dict[str, object]:
    return {"enum": list(field.values)} if field.kind == "enum" else dict(_FIELD_SCHEMAS[field.kind])


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
