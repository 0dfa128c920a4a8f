"""Who may do what to a case beside firing triggers: attach, sign, and the acts of the permission policy."""

from __future__ import annotations

from dataclasses import dataclass

from mofflow.domain.duties import acting, barred, team
from mofflow.domain.facts import Facts
from mofflow.domain.people import Holding
from mofflow.domain.policy import Seat, SignoffSet
from mofflow.domain.signoffs import standing

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why an act is not permitted, or would not count. `permission` tells the lack of a role from a failing rule."""

    code: str
    message: str
    hint: str
    permission: bool = True


def as_holder(facts: Facts, actor: str, role: str) -> Holding | None:
    """How the actor acts in a role on this case: for himself before for others."""
    found = [h for h in acting(facts, role) if h.person == actor]
    return min(found, key=lambda h: h.acting_for is not None, default=None)


def permitted(facts: Facts, actor: str, act: str) -> tuple[Holding, str] | None:
    """The holding and role by which the permission policy lets the actor do `act`; None where it does not."""
    if not facts.people.active(actor):
        return None
    for role in facts.policies.permissions.get(act, ()):
        if role == "*":
            return Holding(person=actor), "person"
        found = as_holder(facts, actor, role)
        if found:
            return found, role
    return None


def attachers(facts: Facts, kind: str) -> tuple[Holding, ...]:
    """Everybody who may attach this kind of evidence here."""
    roles = facts.policies.evidence[kind].by
    if roles:
        return tuple(dict.fromkeys(h for role in roles for h in acting(facts, role)))
    people = team(facts)
    lent = (h for role in facts.case.staffing for h in acting(facts, role) if h.acting_for in people)
    return tuple(dict.fromkeys((*(Holding(person=p) for p in people), *lent)))


def may_attach(facts: Facts, actor: str, kind: str) -> Holding | Denial:
    """The holding by which the actor may attach `kind`."""
    found = [h for h in attachers(facts, kind) if h.person == actor]
    if found:
        return min(found, key=lambda h: h.acting_for is not None)
    roles = facts.policies.evidence[kind].by
    wanted = " or ".join(roles) if roles else f"somebody assigned to {facts.case.key}"
    hint = f"Let {wanted} do it" + (
        "." if roles else f", or assign {actor} (mofflow assign {facts.case.key} ROLE {actor})."
    )
    return Denial(
        code="SEPARATION", message=f"{actor} may not attach {kind}: that is for {wanted}.", hint=hint
    )


def may_sign(
    facts: Facts, actor: str, signoffs: SignoffSet, key: str | None, wanted: str | None
) -> tuple[Holding, str] | Denial:
    """The holding and the role in which the actor may sign a set; `wanted` is the role that he names, if any."""
    seats = signoffs.seats_for(facts.workflow.size)
    still_open = standing(
        facts, signoffs.name, key
    ).open_seats  # a seat that is empty before one that is taken
    roles = list(dict.fromkeys(role for seat in (*still_open, *seats) for role in seat.roles))
    held = [(h, r) for r in roles if wanted in (None, r) and (h := as_holder(facts, actor, r))]
    if not held:
        return Denial(
            code="SEPARATION",
            message=f"{actor} has no seat in {signoffs.name}: it is signed by {_seats(seats)}.",
            hint="See who may sign with: mofflow why " + facts.case.key,
        )
    denial: Denial | None = None
    for holding, role in held:
        against = barred(facts, signoffs, key, role)
        reasons = [f"{p} {against[p]}" for p in sorted(holding.persons) if p in against]
        if not reasons:
            return holding, role
        denial = Denial(
            code="SEPARATION",
            message=f"{actor} may not sign {signoffs.name} as {role}: {'; '.join(reasons)}.",
            hint="Separation of duties: another person must sign.",
        )
    assert denial is not None  # held is not empty  # noqa: S101
    return denial


def _seats(seats: tuple[Seat, ...]) -> str:
    return ", ".join(seat.label for seat in seats)
