"""What the rules of guards name: each name must be declared, and each wanted value possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mofflow.domain.check.documents import fields_of, find, is_date, refusals
from mofflow.domain.check.report import unknown
from mofflow.domain.check.scope import Scope
from mofflow.domain.guards.evidence import EvidenceRule
from mofflow.domain.guards.expression import ExpressionRule
from mofflow.domain.guards.field import DoneRule, FieldRule, FirstRule
from mofflow.domain.guards.signoff import SignoffRule
from mofflow.domain.guards.time import ElapsedRule, OrderRule
from mofflow.domain.guards.trace import TraceRule
from mofflow.domain.rule import Rule

_MOMENTS = ("now", "entry")  # dates of no document


def faults(rule: Rule, scope: Scope) -> Iterator[str]:
    """Everything that a rule and its parts name, and that does not fit the declarations."""
    for sort, names in rule.names().items():
        for name in names:
            if not (isinstance(rule, OrderRule | ElapsedRule) and name in _MOMENTS):
                yield from getattr(scope, sort)(name)
    yield from _FAMILIES.get(type(rule), _nothing)(rule, scope)
    for part in rule.parts():
        yield from faults(part, scope)


def _nothing(rule: Rule, scope: Scope) -> Iterator[str]:
    return iter(())


def _evidence(rule: EvidenceRule, scope: Scope) -> Iterator[str]:
    kind = scope.policies.evidence.get(rule.kind)
    if kind is None:
        return
    yield from _key(rule, kind.keyed_by, scope)
    if rule.max_age and not kind.dated:
        yield f"{rule.kind} has no `dated` field, so `max_age` would ask nothing."
    if rule.unmarked and rule.unmarked not in _marks(rule.kind, scope):
        yield f"no transition marks {rule.kind}: {unknown('mark', rule.unmarked, _marks(rule.kind, scope))}"
    for wanted in (rule.matches, rule.some, rule.never):
        yield from _values(rule.kind, wanted, scope)
    for own in rule.each:
        yield from scope.date(f"{rule.kind}.{own}")


def _key(rule: EvidenceRule, keyed_by: str | None, scope: Scope) -> Iterator[str]:
    if rule.key_input:
        yield from scope.input(rule.key_input)
    if rule.key_input and not keyed_by:
        yield f"{rule.kind} is not kept by a key, so `key` has no meaning."
    if keyed_by and not rule.key_input:
        yield f"{rule.kind} is kept by {keyed_by}: say by `key` which input names it."


def _marks(kind: str, scope: Scope) -> tuple[str, ...]:
    marks = (t.effects.marks for t in scope.workflow.transitions)
    return tuple(dict.fromkeys(mark[kind] for mark in marks if kind in mark))


def _values(kind: str, wanted: Mapping[str, object], scope: Scope) -> Iterator[str]:
    schema = scope.policies.evidence[kind].schema
    for path, value in wanted.items():
        found = find(schema, path)
        if isinstance(found, str):
            yield f"{kind}.{path}: {found}"
        else:
            yield from (f"{kind}.{path}: {why}" for why in refusals(found, value))


def _field(rule: FieldRule, scope: Scope) -> Iterator[str]:
    for name in rule.fields:
        declared = scope.workflow.fields.get(name)
        if declared is None:
            continue
        if declared.kind == "enum":
            yield from (
                unknown(f"value of {name}", v, declared.values)
                for v in rule.values
                if v not in declared.values
            )
        if rule.test in ("at_least", "at_most") and declared.kind != "integer":
            yield f"{name} is of kind {declared.kind}, so it has no {rule.test.replace('_', ' ')}."


def _listed(rule: DoneRule | FirstRule, scope: Scope) -> Iterator[str]:
    declared = scope.workflow.fields.get(rule.each)
    if declared is not None and declared.kind != "list":
        yield f"{rule.each} is of kind {declared.kind}, and a list is wanted."
    firing = [t for t in scope.workflow.transitions if t.trigger == rule.trigger]
    recorded = {name: need for t in firing for name, need in t.effects.records.items()}
    if firing and rule.done not in recorded:
        yield unknown(f"list recorded by {rule.trigger}", rule.done, recorded)
    needs = [need.name for t in firing for need in t.needs]
    if firing and rule.need not in needs:
        yield unknown(f"input of {rule.trigger}", rule.need, needs)


def _dates(names: tuple[str, ...], scope: Scope) -> Iterator[str]:
    for name in names:
        found = None if name in _MOMENTS else scope.at(name)
        if isinstance(found, Mapping) and not is_date(found):
            yield f"{name} is no date."


def _signoff(rule: SignoffRule, scope: Scope) -> Iterator[str]:
    if rule.key_input:
        yield from scope.input(rule.key_input)
    yield from _dates(tuple(n for names in (rule.after or {}).values() for n in names), scope)


def _trace(rule: TraceRule, scope: Scope) -> Iterator[str]:
    yield from _columns(rule.through, ("id", "serves"), scope)
    for name in rule.results.values():
        yield from _columns(name, ("criterion",), scope)
        found = scope.at(name)
        if isinstance(found, Mapping) and not {"met", "accepted"} & set(fields_of(found)):
            yield f"the entries of {name} say neither `met` nor `accepted`."


def _columns(name: str, wanted: tuple[str, ...], scope: Scope) -> Iterator[str]:
    found = scope.at(name)
    if isinstance(found, Mapping):
        known = fields_of(found)
        yield from (f"{name}: {unknown('field', column, known)}" for column in wanted if column not in known)


def _expression(rule: ExpressionRule, scope: Scope) -> Iterator[str]:
    for kind, wanted in rule.attach.items():
        if kind in scope.policies.evidence:
            yield from _values(kind, wanted, scope)
    for name, value in rule.fields.items():
        declared = scope.workflow.fields.get(name)
        if declared is not None and declared.kind == "enum" and value not in declared.values:
            yield unknown(f"value of {name}", value, declared.values)


_FAMILIES: Mapping[type[Rule], Callable[[Any, Scope], Iterator[str]]] = {
    EvidenceRule: _evidence,
    FieldRule: _field,
    DoneRule: _listed,
    FirstRule: _listed,
    OrderRule: lambda rule, scope: _dates((rule.earlier, rule.later), scope),
    ElapsedRule: lambda rule, scope: _dates((rule.since,), scope),
    SignoffRule: _signoff,
    TraceRule: _trace,
    ExpressionRule: _expression,
}
