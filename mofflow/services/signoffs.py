"""Sign-offs: giving, rejecting, withdrawing, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mofflow.domain import acts
from mofflow.domain.case import Evidence, Verdict, evidence_id
from mofflow.domain.decide import leaving
from mofflow.domain.duties import named, sets_asked
from mofflow.domain.event import Act, Kind, Outcome
from mofflow.domain.facts import Facts
from mofflow.domain.guards.field import open_entries
from mofflow.domain.guards.signoff import SignoffRule
from mofflow.domain.people import Holding
from mofflow.domain.permits import Denial, may_sign
from mofflow.domain.signoffs import after_moment, covered, standing
from mofflow.domain.workflow import Transition
from mofflow.errors import BadInput, NotFound, nearest
from mofflow.services.ports import Reading, Writing
from mofflow.services.recording import Written, record, unit
from mofflow.services.world import Caller, World, caller, facts_of, require_open

_ASSURANCES = ("entered", "account", "signed")  # weakest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A sign-off that was given: under which name, as which role, over which documents."""

    written: Written
    name: str
    role: str
    verdict: Verdict
    documents: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRefusal:
    """A sign-off that was not taken: not permitted, or it could not count."""

    case: str
    name: str
    denial: Denial


def sign(
    world: World,
    key: str,
    names: tuple[str, ...],
    *,
    role: str | None = None,
    verdict: Verdict = Verdict.APPROVE,
    comment: str = "",
    dry_run: bool = False,
) -> list[Signed] | SignRefusal:
    """Give the sign-offs `names` (`set` or `set:key`), all or none; no names: everything that waits for the actor.

    A refusal is a value, and stands in the history. BadInput for an unknown set.
    """
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require_open(facts, "signing")
        wanted = names or tuple(waiting(facts, who.actor))
        if not wanted:
            raise NotFound(
                f"Nothing on {key} waits for a sign-off by {who.actor}.", f"See: mofflow why {key}"
            )
        plans = [_judged(facts, reading, who, name, role) for name in wanted]
        for name, plan in zip(wanted, plans, strict=True):
            if isinstance(plan, Denial):
                _keep_refusal(world, writing, who, facts, name, plan)
                return SignRefusal(case=key, name=name, denial=plan)
        signed: list[Signed] = []
        for name, plan in zip(wanted, plans, strict=True):
            assert isinstance(plan, tuple)  # noqa: S101 - denials were returned above
            (holding, seat_role), (set_name, value) = plan, _split(facts, name)
            act = acts.sign(facts, holding, seat_role, set_name, value, verdict, comment)
            shown = covered(facts, facts.policies.signoffs[set_name], value)
            documents = tuple(facts.case.evidence[document] for document in shown)
            written = record(world, writing, who, facts, act)
            facts = facts.with_case(written.case)
            signed.append(
                Signed(written=written, name=name, role=seat_role, verdict=verdict, documents=documents)
            )
        return signed


def _judged(
    facts: Facts, reading: Reading, who: Caller, name: str, role: str | None
) -> tuple[Holding, str] | Denial:
    """By which holding and role the actor may sign it now, so that it counts."""
    set_name, value = _split(facts, name)
    signoffs = facts.policies.signoffs[set_name]
    found = may_sign(facts, who.actor, signoffs, value, role)
    if isinstance(found, Denial):
        return found
    if signoffs.covers and not covered(facts, signoffs, value):
        kinds = ", ".join(signoffs.covers)
        message = f"There is nothing to sign for {name} yet: none of {kinds} is attached to {facts.case.key}."
        return Denial(code="EVIDENCE_MISSING", message=message, hint="Attach it first.", permission=False)
    lowest = signoffs.assurance[0 if reading.embedded else -1] if signoffs.assurance else "entered"
    if _ASSURANCES.index(who.assurance) < _ASSURANCES.index(lowest):
        message = f"{name} wants an assurance of {lowest}; what {who.entered_by} enters for {who.actor} is {who.assurance}."
        return Denial(code="SEPARATION", message=message, hint=f"{who.actor} must sign from his own account.")
    return _premature(facts, set_name, name) or found


def _premature(facts: Facts, set_name: str, name: str) -> Denial | None:
    """Why a sign-off given now could not count for any transition that asks for it, if so."""
    rules = [r for r in _rules(facts) if r.set == set_name]
    if not rules or any(rule.after is None for rule in rules):
        return None
    for rule in rules:
        firing, date = after_moment(facts, rule.after or {})
        if firing is not None and (date is None or date <= facts.now):
            return None
    first = rules[0].after or {}
    message = f"It is too early to sign {name}: it counts only after {' or '.join(first)}."
    return Denial(code="SIGNOFF_TOO_EARLY", message=message, hint="Sign it then.", permission=False)


def _rules(facts: Facts) -> Iterator[SignoffRule]:
    for edge in facts.workflow.transitions:
        for guard in edge.guards:
            if isinstance(guard.rule, SignoffRule):
                yield guard.rule


def _split(facts: Facts, name: str) -> tuple[str, str | None]:
    """The set and the key of a name; BadInput where no transition of this case asks for it."""
    set_name, _, value = name.partition(":")
    asked = sorted(sets_asked(facts.workflow))
    if set_name not in asked:
        size = f" of size {facts.case.size}" if facts.case.size else ""
        raise BadInput(
            f"No sign-off {set_name!r} is asked for on {facts.case.key}{size}{nearest(set_name, asked)}.",
            f"There are: {', '.join(asked)}.",
        )
    keyed = {rule.set: rule.key_input for rule in _rules(facts) if rule.key_input}
    if set_name in keyed and not value:
        raise BadInput(
            f"{set_name} is signed for each {keyed[set_name]}.",
            f"Write {set_name}:{keyed[set_name].upper()}.",
        )
    if set_name not in keyed and value:
        raise BadInput(f"{set_name} is signed once, not for {value!r}.", f"Write just {set_name}.")
    return set_name, value or None


def _keep_refusal(
    world: World, writing: Writing | None, who: Caller, facts: Facts, name: str, denial: Denial
) -> None:
    set_name, _, value = name.partition(":")
    entry = {"guard": name, "passed": False, "code": denial.code, "clauses": [], "message": denial.message}
    data = {"set": set_name, "key": value or None}
    if writing:
        act = Act(kind=Kind.SIGNOFF, outcome=Outcome.REFUSED, data=data, guards=(entry,))
        record(world, writing, who, facts, act)


def waiting(facts: Facts, person: str) -> Iterator[str]:
    """The sign-offs that the triggers leaving the present state ask for, and that this person can give so that it
    helps: a seat is open, and he may sit there."""
    seen: set[str] = set()
    for name, value in _asked_now(facts):
        told = evidence_id(name, value)
        if told in seen or told in _given(facts, person):
            continue
        seen.add(told)
        signoffs = facts.policies.signoffs[name]
        present = not signoffs.covers or covered(facts, signoffs, value)
        open_roles = {r for seat in standing(facts, name, value).open_seats for r in seat.roles}
        may = may_sign(facts, person, signoffs, value, None)
        if (
            present
            and not isinstance(may, Denial)
            and may[1] in open_roles
            and _premature(facts, name, told) is None
        ):
            yield told


def _given(facts: Facts, person: str) -> set[str]:
    """Sets on which this person's own word stands already."""
    return {s.name for s in facts.case.signoffs if s.person == person and not s.void and not s.withdrawn}


def _asked_now(facts: Facts) -> Iterator[tuple[str, str | None]]:
    triggers = leaving(facts)
    for edge in facts.workflow.transitions:
        if edge.source != facts.case.state or edge.trigger not in triggers or not _onward(facts, edge):
            continue
        choices = {
            n.name: open_entries(n.of or "", n.beside or "", facts) for n in edge.needs if n.kind == "choice"
        }
        for guard in edge.guards:
            for name in named(guard.rule, "signoff"):
                key_input = guard.rule.key_input if isinstance(guard.rule, SignoffRule) else None
                for value in choices.get(key_input or "", ()) if key_input else (None,):
                    yield name, value


def _onward(facts: Facts, edge: Transition) -> bool:
    """Whether a transition leads on in the order of work: nobody is asked to sign a way out, back, or around."""
    workflow = facts.workflow
    target = workflow.states[edge.target]
    if target.hold or edge.effects.finding:
        return False
    if target.final:
        return target.name == next(s.name for s in workflow.states.values() if s.final)
    return target.order >= workflow.place(edge.source)


def withdraw(world: World, key: str, name: str, reason: str, *, dry_run: bool = False) -> Written:
    """Take one's own sign-off or rejection back; the history keeps both. NotFound where there is none to take back."""
    if not reason.strip():
        raise BadInput("A withdrawal needs a reason.", "Say why with --reason TEXT.")
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require_open(facts, "withdrawing")
        own = [s for s in facts.case.signoffs if s.person == who.actor and not s.withdrawn]
        found = next((s for s in own if s.name == name), None)
        if found is None:
            told = ", ".join(s.name for s in own) or "none"
            raise NotFound(f"{who.actor} has no sign-off {name} on {key}.", f"He has: {told}.")
        return record(world, writing, who, facts, acts.withdraw(found.set, found.key, reason))
