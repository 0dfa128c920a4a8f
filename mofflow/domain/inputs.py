"""The inputs that a transition declares: their schemas, examples, and what is wrong with those given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from mofflow.domain.case import ADMIN_CASE
from mofflow.domain.dates import moment_of
from mofflow.domain.durations import parse
from mofflow.domain.facts import Facts
from mofflow.domain.guards import look
from mofflow.domain.guards.field import open_entries, ordered
from mofflow.domain.workflow import Guard, Need, Transition
from mofflow.errors import BadInput, nearest

_CONDITION_ITEMS = ("guard", "owner", "due")
_CONDITION_TEXT = "text"  # may be left out


def waivable(transition: Transition) -> tuple[Guard, ...]:
    """The guards of a transition that a condition or a waiver may stand in for."""
    return tuple(g for g in transition.guards if g.waivable is not None)


def short(guard_name: str) -> str:
    """`support_handover` of `go.support_handover`."""
    return guard_name.partition(".")[2] or guard_name


def schema(need: Need, transition: Transition, facts: Facts) -> dict[str, object]:
    """The JSON Schema of one input."""
    if need.kind == "date":
        return {"type": "string", "format": "date"}
    if need.kind == "choice":
        return {"type": "string", "enum": list(_choices(need, facts))}
    if need.kind == "conditions":
        items = {
            "guard": {"type": "string", "enum": [short(g.name) for g in waivable(transition)]},
            "owner": {"type": "string", "format": "person"},
            "due": {"type": "string", "format": "date"},
            "text": {"type": "string", "minLength": 1},
        }
        entry = {
            "type": "object",
            "properties": items,
            "required": list(_CONDITION_ITEMS),
            "additionalProperties": False,
        }
        return {"type": "array", "minItems": 1, "items": entry}
    return {"type": "string", "minLength": 1}


def examples(transition: Transition, facts: Facts) -> dict[str, object]:
    """An example of each input: what `why` judges by."""
    return {need.name: _example(need, transition, facts) for need in transition.needs}


def _example(need: Need, transition: Transition, facts: Facts) -> object:
    today = facts.now.astimezone(facts.policies.calendar.zone).date()
    if need.kind == "date":
        return (today + timedelta(days=14)).isoformat()
    if need.kind == "choice":
        left = open_entries(need.of or "", need.beside or "", facts)
        return next(iter(ordered(left, facts, transition.trigger) or _choices(need, facts)), "")
    if need.kind == "conditions":
        guards = waivable(transition)
        failing = [g for g in guards if not look(g.rule, facts).passed]
        owner = _owner(facts)
        due = (today + timedelta(days=14)).isoformat()
        return [
            {"guard": short(g.name), "owner": owner, "due": due, "text": f"Complete {short(g.name)}."}
            for g in failing or guards[:1]
        ]
    return f"Why {transition.trigger} is right now."


def _owner(facts: Facts) -> str:
    """Somebody who can own a condition: of those on the case first."""
    staffed = [p for people in facts.case.staffing.values() for p in people]
    others = sorted(p.id for p in facts.people.persons.values() if not p.proposed)
    return next((p for p in (*staffed, *others) if facts.people.active(p)), facts.case.opened_by)


def _choices(need: Need, facts: Facts) -> Sequence[str]:
    found = facts.case.fields.get(need.of or "")
    return [str(v) for v in found] if isinstance(found, list | tuple) else []


def check(transition: Transition, given: Mapping[str, object], facts: Facts) -> None:
    """BadInput with everything that is wrong with the inputs given."""
    known = [need.name for need in transition.needs]
    faults = [
        f"{transition.trigger} has no input {name!r}{nearest(name, known)}"
        for name in given
        if name not in known
    ]
    for need in transition.needs:
        if given.get(need.name) in (None, "", [], ()):
            faults.append(f"{transition.trigger} needs {need.name}")
        else:
            faults.extend(_faults(need, given[need.name], transition, facts))
    if faults:
        hint = "Give each with --set NAME=VALUE, or all with --from FILE."
        raise BadInput("; ".join(faults) + ".", hint)


def _faults(need: Need, value: object, transition: Transition, facts: Facts) -> Iterator[str]:
    if need.kind == "conditions":
        yield from _condition_faults(need, value, transition, facts)
    elif not isinstance(value, str) or not value.strip():
        yield f"{need.name} must be text, not {value!r}"
    elif need.kind == "date":
        yield from _date_faults(need.name, value, facts)
    elif need.kind == "choice" and value not in _choices(need, facts):
        choices = _choices(need, facts)
        yield f"{need.name} is one of {', '.join(choices)}, not {value!r}{nearest(value, choices)}"


def _date_faults(name: str, value: object, facts: Facts) -> Iterator[str]:
    try:
        found = date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        yield f"{name} must be a date such as 2026-03-31, not {value!r}"
        return
    if found < facts.now.astimezone(facts.policies.calendar.zone).date():
        yield f"{name} {value} has passed already"


def _condition_faults(need: Need, value: object, transition: Transition, facts: Facts) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield f"{need.name} must be a list of conditions with {', '.join(_CONDITION_ITEMS)}"
        return
    guards = {short(g.name): g for g in waivable(transition)}
    names = list(guards)
    given = [short(str(e.get("guard"))) for e in value if isinstance(e, Mapping)]
    yield from (
        f"{need.name}: two conditions for {name}" for name in sorted(set(given)) if given.count(name) > 1
    )
    for place, entry in enumerate(value):
        where = f"{need.name}[{place}]"
        if not isinstance(entry, Mapping) or set(entry) - {_CONDITION_TEXT} != set(_CONDITION_ITEMS):
            yield f"{where} must have {', '.join(_CONDITION_ITEMS)}, and may have {_CONDITION_TEXT}"
            continue
        guard = short(str(entry["guard"]))
        if guard not in names:
            yield f"{where}.guard: {guard!r} is no waivable guard here{nearest(guard, names)}; they are {', '.join(names)}"
        if not facts.people.active(str(entry["owner"])) or facts.case.key == ADMIN_CASE:
            yield f"{where}.owner: nobody who is active and has a role is called {entry['owner']!r}"
        text = entry.get(_CONDITION_TEXT, guard)
        if not isinstance(text, str) or not text.strip():
            yield f"{where}.text must say what is to be done"
        yield from _date_faults(f"{where}.due", entry["due"], facts)
        yield from _late(f"{where}.due", entry["due"], guards.get(guard), facts)


def _late(name: str, due: object, guard: Guard | None, facts: Facts) -> Iterator[str]:
    """A condition stands in for a guard no longer than a waiver could."""
    found = moment_of(due, facts)
    if guard is None or guard.waivable is None or found is None:
        return
    latest = parse(guard.waivable.at_most).add(facts.now, facts.policies.calendar.zone)
    if found > latest:
        yield f"{name} {due} is later than {guard.waivable.at_most} from now, the most for {short(guard.name)}"
