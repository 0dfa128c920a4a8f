"""Declared fields of a case: reading the values that people give, and the rules for changing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mofflow.domain import acts
from mofflow.domain.facts import Facts
from mofflow.domain.workflow import Field, Workflow
from mofflow.errors import BadInput, nearest
from mofflow.services.recording import Written, record, require, unit
from mofflow.services.world import World, caller, facts_of, require_open

_MOST = 200  # entries of a list field, and characters of one entry


def parsed(workflow: Workflow, given: Mapping[str, object]) -> dict[str, object]:
    """The values in the type that each field declares; BadInput with everything that is wrong."""
    faults: list[str] = []
    values: dict[str, object] = {}
    for name, value in given.items():
        declared = workflow.fields.get(name)
        if declared is None:
            known = list(workflow.fields)
            faults.append(
                f"{workflow.name} has no field {name!r}{nearest(name, known)} (fields: {', '.join(known)})"
            )
            continue
        try:
            values[name] = _value(declared, value)
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise BadInput("; ".join(faults) + ".", "Write each as FIELD=VALUE; a list as a,b,c.")
    return values


def _value(declared: Field, value: object) -> object:
    readers: Mapping[str, Any] = {"enum": _enum, "integer": _integer, "list": _list, "text": _text}
    return readers[declared.kind](declared, value)


def _enum(declared: Field, value: object) -> str:
    if value not in declared.values:
        close = nearest(str(value), declared.values)
        raise ValueError(f"{declared.name} is one of {', '.join(declared.values)}, not {value!r}{close}")
    return str(value)


def _integer(declared: Field, value: object) -> int:
    try:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError
        return int(value)
    except ValueError:
        raise ValueError(f"{declared.name} is a whole number, not {value!r}") from None


def _list(declared: Field, value: object) -> list[str]:
    entries = value.split(",") if isinstance(value, str) else value
    names = [e.strip() for e in entries if isinstance(e, str)] if isinstance(entries, list | tuple) else []
    whole = isinstance(entries, list | tuple) and len(names) == len(entries) and 0 < len(names) <= _MOST
    if not whole or not all(names) or len(set(names)) != len(names) or any(len(n) > _MOST for n in names):
        raise ValueError(
            f"{declared.name} lists different names that are not empty, {_MOST} at most, not {value!r}"
        )
    return names


def _text(declared: Field, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{declared.name} is text, not {value!r}")
    return value


def change(world: World, key: str, given: Mapping[str, object], *, dry_run: bool = False) -> Written:
    """Set declared fields. A material one makes every approval void.

    BadInput for a value, or a time in the case's life, that the declaration does not allow.
    """
    if not given:
        raise BadInput("Nothing to set.", f"Write: mofflow set {key} FIELD=VALUE")
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require_open(facts, "setting a field")
        require(facts, who, "set_fields", f"set fields of {key}")
        changes = parsed(facts.workflow, given)
        faults = [fault for name, value in changes.items() for fault in _untimely(facts, name, value)]
        if faults:
            raise BadInput("; ".join(faults) + ".", f"See what can be done instead: mofflow why {key}")
        return record(world, writing, who, facts, acts.set_fields(facts, changes))


def _untimely(facts: Facts, name: str, value: object) -> Iterator[str]:
    declared, case = facts.workflow.fields[name], facts.case
    if value == case.fields.get(name):
        return
    if declared.set_in and case.state not in declared.set_in:
        yield f"{name} can be set from {', '.join(s for s in facts.workflow.states if s in declared.set_in)} only, not in {case.state}"
    if declared.rises_after and _was_fired(facts, *declared.rises_after):
        old, new = str(case.fields.get(name)), str(value)
        if old in declared.values and declared.values.index(new) < declared.values.index(old):
            yield f"{name} can only rise once {declared.rises_after[0]} was fired, not fall from {old} to {new}"


def _was_fired(facts: Facts, trigger: str, source: str) -> bool:
    return f"{trigger} {source}" in facts.case.fired
