"""Who may: the people who act in a role on a case, and those whom separation of duties bars (domain rules 8 and 9)."""

from __future__ import annotations

from collections.abc import Iterator

from mofflow.domain.case import Case, Verdict, evidence_id
from mofflow.domain.facts import Facts
from mofflow.domain.people import Holding
from mofflow.domain.policy import Policies, Separation, SignoffSet
from mofflow.domain.rule import Rule
from mofflow.domain.workflow import Workflow


def holdings(facts: Facts, role: str) -> tuple[Holding, ...]:
    """Everybody who holds the role for this case now; where nobody does, those of the first role that stands in."""
    own = facts.people.holdings(role, facts.now, facts.case.key)
    if own:
        return own
    stands_in = facts.policies.roles[role].stands_in if role in facts.policies.roles else ()
    return next((found for other in stands_in if (found := acting(facts, other))), ())


def assigned(facts: Facts, role: str) -> frozenset[str]:
    """The people assigned in the role on this case who still hold it."""
    named = facts.case.staffing.get(role, ())
    if not named:
        return frozenset()
    holding = {
        h.person for h in facts.people.holdings(role, facts.now, facts.case.key) if h.acting_for is None
    }
    return frozenset(p for p in named if p in holding)


def acting(facts: Facts, role: str) -> tuple[Holding, ...]:
    """Who acts in the role here: those assigned and their delegates, or all holders where nobody is assigned."""
    found = holdings(facts, role)
    named = assigned(facts, role)
    if not named:
        return found
    return tuple(h for h in found if (h.acting_for or h.person) in named)


def team(facts: Facts) -> tuple[str, ...]:
    """Everybody assigned to the case in any role, in order, who still holds the role and is active."""
    people = [
        p for role in facts.case.staffing for p in facts.case.staffing[role] if p in assigned(facts, role)
    ]
    return tuple(dict.fromkeys(people))


def barred(facts: Facts, signoffs: SignoffSet, key: str | None, role: str) -> dict[str, str]:
    """Whom separation of duties keeps from signing this set in this role, and why (domain rule 8)."""
    rules = facts.policies.separation
    found: dict[str, str] = {}
    for person, why in _bars(facts, rules, signoffs, key, role):
        found.setdefault(person, why)
    return found


def _bars(
    facts: Facts, rules: Separation, signoffs: SignoffSet, key: str | None, role: str
) -> Iterator[tuple[str, str]]:
    case = facts.case
    against = {*rules.barred_roles.get(signoffs.set_class, ()), *_excluded(rules, role)}
    for other in sorted(against):
        told = f"{other} of this case"
        yield from ((person, f"is {told}") for person in case.staffing.get(other, ()))
        yield from ((deputy, f"stands in for {giver} as {told}") for deputy, giver in _deputies(facts, other))
        yield from ((person, f"acted as {told}") for person in case.acted.get(other, ()))
    if signoffs.set_class in rules.authors:
        yield from ((person, f"last changed {name}") for name, person in _authors(case, signoffs, key))
    signers = {*against, *rules.signers.get(signoffs.set_class, ())}
    for signoff in (s for s in case.signoffs if s.set != signoffs.name):
        if signoff.role in signers:  # a withdrawal does not undo that he spoke
            yield from ((person, f"signs as {signoff.role} on this case") for person in signoff.persons)
        approved = signoff.verdict is Verdict.APPROVE and not signoff.withdrawn
        if signoff.set in signoffs.distinct_from and approved:
            yield from ((person, f"signed {signoff.name}") for person in signoff.persons)


def _excluded(rules: Separation, role: str) -> Iterator[str]:
    """The roles that nobody who has `role` on a case has there, too."""
    for one, other in rules.distinct_roles:
        if role in (one, other):
            yield other if role == one else one


def _deputies(facts: Facts, role: str) -> Iterator[tuple[str, str]]:
    """(deputy, giver) wherever somebody assigned in the role lent it."""
    for holding in facts.people.holdings(role, facts.now, facts.case.key):
        if holding.acting_for in facts.case.staffing.get(role, ()):
            yield holding.person, str(holding.acting_for)


def _authors(case: Case, signoffs: SignoffSet, key: str | None) -> Iterator[tuple[str, str]]:
    for kind in signoffs.covers:
        for document in case.documents(kind):
            if key is None or document.key in (None, key):
                for person in document.changed_by:
                    yield evidence_id(kind, document.key), person


def _distinct(rules: Separation, role: str, other: str) -> bool:
    return (role, other) in rules.distinct_roles or (other, role) in rules.distinct_roles


def staffing_conflict(facts: Facts, role: str, person: str) -> str | None:
    """Why this person cannot be assigned in this role on this case; None where nothing stands against it."""
    for other, people in facts.case.staffing.items():
        if person in people and _distinct(facts.policies.separation, role, other):
            return f"{person} is {other} of {facts.case.key}; {role} and {other} of one case are two people"
    return None


def conflicts(workflow: Workflow, policies: Policies) -> frozenset[frozenset[str]]:
    """Pairs of roles that one person cannot usefully have on one case of this workflow."""
    found: set[frozenset[str]] = set()
    rules = policies.separation
    for name in sets_asked(workflow):
        signoffs = policies.signoffs[name]
        seats = signoffs.seats_for(workflow.size)
        against = {
            *rules.barred_roles.get(signoffs.set_class, ()),
            *rules.signers.get(signoffs.set_class, ()),
        }
        for place, seat in enumerate(seats):
            others = against.union(*(other.roles for other in seats[place + 1 :]))
            found |= {frozenset({role, other}) for role in seat.roles for other in others}
    found |= {frozenset(pair) for pair in (*rules.distinct_roles, *rules.exclusive_grants)}
    return frozenset(pair for pair in found if len(pair) == 2)


def sets_asked(workflow: Workflow) -> dict[str, int]:
    """Each sign-off set that a transition asks for, with the place where it stands: the first state, in the order
    of work, that such a transition leaves (domain rule 3)."""
    found: dict[str, int] = {}
    for transition in workflow.transitions:
        place = workflow.states[transition.source].order
        for guard in transition.guards:
            for name in named(guard.rule, "signoff"):
                found[name] = min(place, found.get(name, place))
    return found


def named(rule: Rule, sort: str) -> tuple[str, ...]:
    """What a rule and its parts name, of one sort (see `Rule.names`)."""
    own = rule.names().get(sort, ())
    return (*own, *(name for part in rule.parts() for name in named(part, sort)))
