"""A declared workflow: states in the order of the work, transitions with their guards, fields of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mofflow.domain.rule import Rule
from mofflow.errors import InvalidDeclaration

REMEMBERED = "remembered"  # the route fact that holds the state in which a case was put on hold
BASELINE = "baseline"  # the route fact that says whether a baseline document changed since plan approval
CLOCK = "clock"  # the person in whose name the scheduler fires what a workflow lets it fire


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state. `order` is its place in the order of work; `stage` is empty only for hold and final states."""

    name: str
    stage: str
    order: int
    final: bool = False
    hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waivable:
    """Who may waive a guard, and for how long at most (an ISO 8601 duration)."""

    by: str
    at_most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A named rule on a transition. An empty `sizes` means every size.

    `catches_up` names a trigger: the rule is asked only where the size of the case rose since that trigger was
    fired last, so that what a larger size asks for earlier is not lost.
    """

    name: str
    rule: Rule
    clauses: tuple[str, ...] = ()
    sizes: frozenset[str] = frozenset()
    waivable: Waivable | None = None
    catches_up: str | None = None
    fails_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An input of a transition: validated, kept in the event, no guard.

    kind: text, date (not before today), choice (one of the list field `of`, those in the recorded list `beside` come
    last), or conditions (a list of {guard, owner, due, text}; each guard is a waivable one of the transition).
    """

    name: str
    kind: str
    of: str | None = None
    beside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who may fire: anybody who acts in `role`, or the person whom the document field `person` names."""

    role: str | None = None
    person: str | None = None
    sizes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a transition leaves behind in the case, beside the new state.

    marks: evidence kind -> mark put on the document that stands now (a failed candidate, say).
    records: list name -> input whose value is added to that list; lists last as long as the stay in a state.
    baselines: evidence kinds whose digests become the baseline.
    obligations: the input (a list of objects with guard, owner, due and text) that becomes obligations.
    finding: a finding code that taking this transition raises.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    baselines: tuple[str, ...] = ()
    obligations: str | None = None
    finding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One edge. `when` chooses between targets: fact -> the values for which this edge is the one."""

    trigger: str
    source: str
    target: str
    by: tuple[By, ...] = ()
    guards: tuple[Guard, ...] = ()
    needs: tuple[Need, ...] = ()
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    effects: Effects = Effects()
    sizes: frozenset[str] = frozenset()

    def applies(self, facts: Mapping[str, str]) -> bool:
        """Whether the route facts choose this edge."""
        return all(facts.get(name) in values for name, values in self.when.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A declared field of a case.

    kind is one of text, integer, enum, list. `set_in` are the states in which it may be set (empty: all but final
    ones). `rises_after` names a (trigger, source state): once fired, an enum may only move up its list.
    A `material` field voids every sign-off when it changes.
    """

    name: str
    kind: str
    values: tuple[str, ...] = ()
    default: object = None
    set_in: frozenset[str] = frozenset()
    rises_after: tuple[str, str] | None = None
    material: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A whole declaration, as one immutable value. `digest` is the SHA-256 of its canonical form."""

    name: str
    version: str
    title: str
    kind: str
    prefix: str
    digest: str
    states: Mapping[str, State]
    initial: str
    transitions: tuple[Transition, ...]
    fields: Mapping[str, Field]
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline_from: str | None = None
    size: str | None = None
    whole: Workflow | None = field(default=None, compare=False, repr=False)
    _by_size: dict[str, Workflow] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        unknown = {t.source for t in self.transitions} | {t.target for t in self.transitions}
        unknown = (unknown | {self.initial}) - set(self.states)
        if unknown:
            names = ", ".join(sorted(unknown))
            raise InvalidDeclaration(
                f"Workflow {self.name}: not a state: {names}.", "Declare it under `stages`."
            )

    @property
    def sizes(self) -> tuple[str, ...]:
        """The values of the field `size`, smallest first; empty where cases have no size."""
        size = self.fields.get("size")
        return size.values if size else ()

    @property
    def triggers(self) -> tuple[str, ...]:
        """Every trigger, in the order of declaration."""
        return tuple(dict.fromkeys(t.trigger for t in self.transitions))

    @property
    def hold(self) -> str | None:
        """The state that remembers where it came from, if there is one."""
        return next((s.name for s in self.states.values() if s.hold), None)

    def for_size(self, size: str | None) -> Workflow:
        """This workflow with only what `size` asks for; computed once for each size."""
        if size is None or self.size == size:
            return self
        if self.whole is not None:
            return self.whole.for_size(size)
        if size not in self._by_size:
            kept = tuple(_for_size(t, size) for t in self.transitions if not t.sizes or size in t.sizes)
            self._by_size[size] = replace(self, transitions=kept, size=size, whole=self)
        return self._by_size[size]

    def leaving(self, state: str, trigger: str) -> tuple[Transition, ...]:
        """The edges that `trigger` has out of `state`."""
        return tuple(t for t in self.transitions if t.source == state and t.trigger == trigger)

    def place(self, state: str, remembered: str | None = None) -> int:
        """The place of a state in the order of work; on hold it is that of the remembered state."""
        found = self.states[state]
        return self.states[remembered].order if found.hold and remembered else found.order


def _for_size(transition: Transition, size: str) -> Transition:
    return replace(
        transition,
        by=tuple(b for b in transition.by if not b.sizes or size in b.sizes),
        guards=tuple(g for g in transition.guards if not g.sizes or size in g.sizes),
    )
