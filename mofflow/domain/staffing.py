"""Finding people for a plan: those who act already, those who could, and at last somebody new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mofflow.domain import acts
from mofflow.domain.case import Verdict
from mofflow.domain.duties import acting, assigned, barred, conflicts, holdings, staffing_conflict
from mofflow.domain.facts import Facts
from mofflow.domain.people import Grant, Holding, Person
from mofflow.domain.permits import ADMINISTRATOR, permitted
from mofflow.domain.policy import SignoffSet
from mofflow.domain.steps import AddPerson, Assign, GrantRole, Proposal, Unassign

if TYPE_CHECKING:
    from mofflow.domain.remedy import Plan


def barred_from(
    facts: Facts, signoffs: SignoffSet, key: str | None, roles: tuple[str, ...]
) -> dict[str, str]:
    """Whom separation of duties bars from a seat, whichever of its roles he would sign in."""
    found: dict[str, str] = {}
    for role in roles:
        found |= barred(facts, signoffs, key, role)
    return found


def undone(facts: Facts, signoffs: SignoffSet, roles: tuple[str, ...]) -> dict[str, str]:
    """Whose approval of another set would count no more if he signed this one in one of these roles."""
    rules, known = facts.policies.separation, facts.policies.signoffs
    against = {n for n, other in known.items() if set(roles) & set(rules.signers.get(other.set_class, ()))}
    return {
        person: f"gave {given.name}, which would no longer count"
        for given in facts.case.signoffs
        if given.set in against - {signoffs.name} and given.verdict is Verdict.APPROVE
        if not given.void and not given.withdrawn
        for person in given.persons
    }


def fill(plan: Plan, roles: tuple[str, ...], *, assign: bool, avoid: Mapping[str, str]) -> str:
    """Somebody who acts in one of the roles and is none of `avoid`; the plan gets the steps that this takes."""
    for role in roles:
        for holding in acting(plan.facts, role):
            if not holding.persons & set(avoid) and (
                not assign or holding.person in assigned(plan.facts, role)
            ):
                return holding.person
    for role in roles:
        for holding in _assignable(plan.facts, role, avoid):
            _assign(plan, role, holding.person, grant=False)
            return holding.person
    for role in roles:
        for person in _grantable(plan.facts, role, avoid):
            _give(plan, role, person, assign=assign)
            return person
    return _add(plan, roles[0], assign=assign, avoid=avoid)


def _assignable(facts: Facts, role: str, avoid: Mapping[str, str]) -> Iterator[Holding]:
    """Holders in their own right whom an assignment would let act."""
    for holding in holdings(facts, role):
        person = holding.person
        own = any(h == holding for h in facts.people.holdings(role, facts.now, facts.case.key))
        if (
            own
            and holding.acting_for is None
            and person not in avoid
            and not staffing_conflict(facts, role, person)
        ):
            yield holding


def _grantable(facts: Facts, role: str, avoid: Mapping[str, str]) -> Iterator[str]:
    """People none of whose roles conflicts with this one: first those on the case or just proposed, then others."""
    against = conflicts(facts.workflow, facts.policies)
    staffed = {p for people in facts.case.staffing.values() for p in people}
    proposed = {p.id for p in facts.people.persons.values() if p.proposed}
    known = set(facts.people.persons) - staffed - proposed
    for person in (*sorted(staffed | proposed), *sorted(known)):
        has = facts.people.roles_of(person, facts.now, facts.case.key)
        if not facts.people.active(person) or person in avoid or ADMINISTRATOR in has:
            continue
        if any(frozenset({role, other}) in against for other in has) or staffing_conflict(
            facts, role, person
        ):
            continue
        yield person


def _give(plan: Plan, role: str, person: str, *, assign: bool) -> None:
    # An assignment that stands already means nothing without the role.
    staffed = person in plan.facts.case.staffing.get(role, ())
    if not staffed and (assign or assigned(plan.facts, role)):
        _assign(plan, role, person, grant=True)
    else:
        plan.steps.append(GrantRole(actor=administrator(plan), person=person, role=role))
        _grant(plan, role, person)


def _add(plan: Plan, role: str, *, assign: bool, avoid: Mapping[str, str]) -> str:
    known = plan.facts.people.persons
    stem = role.replace("_", "-")
    person = next(name for n in range(1, len(known) + 2) if (name := f"{stem}-{n}") not in known)
    others = tuple(plan.proposals)
    plan.proposals[person] = Proposal(
        id=person, role=role, barred=tuple(sorted(set(avoid) - set(others))), distinct_from=others
    )
    plan.steps.append(AddPerson(actor=administrator(plan), person=person, role=role))
    people = plan.facts.people
    persons = {**people.persons, person: Person(id=person, proposed=True)}
    plan.facts = replace(plan.facts, people=replace(people, persons=persons))
    _grant(plan, role, person)
    if assign or assigned(plan.facts, role):
        _assign(plan, role, person, grant=False)
    return person


def _grant(plan: Plan, role: str, person: str) -> None:
    grant = Grant(id=f"proposed {person} {role}", person=person, role=role, by="", starts=plan.facts.now)
    people = plan.facts.people
    plan.facts = replace(plan.facts, people=replace(people, grants=(*people.grants, grant)))


def _assign(plan: Plan, role: str, person: str, *, grant: bool) -> None:
    may = permitted(plan.facts, plan.asker, "assign")
    actor = plan.asker if may and not grant else administrator(plan)
    if grant:
        _grant(plan, role, person)
    plan.perform(acts.assign(role, person), actor, Assign(actor=actor, role=role, person=person, grant=grant))


def administrator(plan: Plan) -> str:
    """An administrator: the asker if he is one."""
    found = [h.person for h in acting(plan.facts, ADMINISTRATOR) if h.acting_for is None]
    return plan.asker if plan.asker in found or not found else found[0]


def single_out(plan: Plan, role: str) -> None:
    """Assign the one who acts in a role of several; where several are assigned, keep the first."""
    named = sorted(assigned(plan.facts, role))
    if not named:
        own = [h.person for h in plan.facts.people.holdings(role, plan.facts.now, plan.facts.case.key)]
        if own:
            _assign(plan, role, own[0], grant=False)
        else:
            fill_stand_in(plan, role)
    for person in named[1:]:
        actor = administrator(plan)
        plan.perform(acts.unassign(role, person), actor, Unassign(actor=actor, role=role, person=person))


def fill_stand_in(plan: Plan, role: str) -> None:
    """Nobody holds the role itself: give it to one of those who stand in."""
    for holding in acting(plan.facts, role):
        _give(plan, role, holding.person, assign=True)
        return
