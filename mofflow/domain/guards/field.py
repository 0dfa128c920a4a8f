"""Guards on the case itself: declared fields, thresholds, lists that transitions record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.paths import shown
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule(Rule):
    """Each of `fields` is declared (test `declared`), or one of `values` (`one_of`), or at least/at most `limit`."""

    fields: tuple[str, ...]
    test: str = "declared"
    values: tuple[str, ...] = ()
    limit: int = 0

    family: ClassVar[str] = "field"
    rank: ClassVar[int] = 10

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The fields."""
        return {"field": self.fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRule(Rule):
    """Every entry of the list field `each` stands in the recorded list `done`, which `trigger` (input `need`) fills."""

    each: str
    done: str
    trigger: str
    need: str

    family: ClassVar[str] = "done"
    rank: ClassVar[int] = 25

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The field and the trigger."""
        return {"field": (self.each,), "trigger": (self.trigger,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRule(Rule):
    """Of the list field `each`, the first entry among `first` comes before the others: where the input `need` is
    another entry, that one must stand in the recorded list `done`."""

    each: str
    first: tuple[str, ...]
    done: str
    trigger: str
    need: str

    family: ClassVar[str] = "first"
    rank: ClassVar[int] = 25

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The field and the trigger."""
        return {"field": (self.each,), "trigger": (self.trigger,)}


def look(rule: FieldRule, facts: Facts) -> Verdict:
    """Judge every field; all that are wrong are told."""
    saw = {name: facts.case.fields.get(name) for name in rule.fields}
    wrong = [name for name in rule.fields if not _holds(rule, facts.case.fields.get(name))]
    if not wrong:
        return passed(", ".join(f"{n} is {shown(v)}" for n, v in saw.items()) + ".", **saw)
    found = ", ".join(f"{name} is {shown(saw[name])}" for name in wrong)
    return failed("FIELD", f"{found}; wanted: {_wanted(rule)}.", f"Set {', '.join(wrong)}.", **saw)


def _holds(rule: FieldRule, value: object) -> bool:
    if rule.test == "declared":
        return value not in (None, "", [], ())
    if rule.test == "one_of":
        return value in rule.values
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value >= rule.limit if rule.test == "at_least" else value <= rule.limit


def _wanted(rule: FieldRule) -> str:
    wants = {"declared": "a value", "one_of": "one of " + ", ".join(rule.values)}
    return wants.get(rule.test, f"{rule.test.replace('_', ' ')} {rule.limit}")


def mend(rule: FieldRule, verdict: Verdict, plan: Plan) -> None:
    """Set what is wrong."""
    fields = plan.facts.case.fields
    wrong = [name for name in rule.fields if not _holds(rule, fields.get(name))]
    if rule.test == "one_of":
        wanted: object = rule.values[0]
    else:
        wanted = rule.limit if rule.test in ("at_least", "at_most") else None
    plan.set_fields(dict.fromkeys(wrong, wanted))


def _entries(facts: Facts, name: str) -> tuple[str, ...]:
    found = facts.case.fields.get(name)
    return tuple(str(v) for v in found) if isinstance(found, list | tuple) else ()


def open_entries(each: str, done: str, facts: Facts) -> tuple[str, ...]:
    """The entries of a list field that the recorded list lacks, in declared order."""
    return tuple(e for e in _entries(facts, each) if e not in facts.case.done.get(done, ()))


def look_done(rule: DoneRule, facts: Facts) -> Verdict:
    """Whether nothing of the list is open."""
    left = open_entries(rule.each, rule.done, facts)
    if not left:
        return passed(f"All of {rule.each} are done.", done=list(facts.case.done.get(rule.done, ())))
    hint = f"Fire {rule.trigger} for each of them."
    return failed("FIELD", f"Of {rule.each}, not done: {', '.join(left)}.", hint, open=list(left))


def mend_done(rule: DoneRule, verdict: Verdict, plan: Plan) -> None:
    """Fire the trigger for each open entry, the one that must come first first."""
    for entry in ordered(open_entries(rule.each, rule.done, plan.facts), plan.facts, rule.trigger):
        plan.advance(rule.trigger, {rule.need: entry})


def ordered(entries: tuple[str, ...], facts: Facts, trigger: str) -> tuple[str, ...]:
    """The entries with the one that a `first` rule of the trigger puts in front moved there."""
    for transition in facts.workflow.leaving(facts.case.state, trigger):
        for guard in transition.guards:
            if isinstance(guard.rule, FirstRule) and (core := first_entry(guard.rule, facts)) in entries:
                return (str(core), *(e for e in entries if e != core))
    return entries


def first_entry(rule: FirstRule, facts: Facts) -> str | None:
    """The entry that comes before all others, where the list has one."""
    entries = _entries(facts, rule.each)
    return next((name for name in rule.first if name in entries), None)


def look_first(rule: FirstRule, facts: Facts) -> Verdict:
    """Whether the entry that comes first is done, or is the one that is asked for."""
    core, asked = first_entry(rule, facts), facts.inputs.get(rule.need)
    if core is None or asked == core or core in facts.case.done.get(rule.done, ()):
        return passed("Nothing else must come first.", first=core)
    hint = f"Fire {rule.trigger} for {core} first."
    return failed("FIELD", f"{core} comes before {shown(asked)} and is not done.", hint, first=core)


def mend_first(rule: FirstRule, verdict: Verdict, plan: Plan) -> None:
    """Do the one that comes first."""
    core = first_entry(rule, plan.facts)
    if core is not None:
        plan.advance(rule.trigger, {rule.need: core})
