"""Which sign-offs count, and which seats of a set they fill (domain rule 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mofflow.domain.case import Firing, SignOff, Verdict, evidence_id
from mofflow.domain.dates import latest
from mofflow.domain.durations import parse
from mofflow.domain.duties import barred
from mofflow.domain.facts import Facts
from mofflow.domain.policy import Seat, SignoffSet

After = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a set stands. `counting` fill seats; `open_seats` are not filled; `rejected_by` block the set.

    `explanation` is (code, sentence) for the most telling sign-off that does not count.
    """

    name: str
    covers: Mapping[str, str]
    counting: tuple[SignOff, ...]
    open_seats: tuple[Seat, ...]
    rejected_by: tuple[str, ...]
    explanation: tuple[str, str]
    not_before: datetime | None = None
    none_reason: str = ""


def covered(facts: Facts, signoffs: SignoffSet, key: str | None) -> dict[str, str]:
    """Seal of every covered document that is present, by name; of keyed kinds only that of `key` where one is."""
    return {
        evidence_id(d.kind, d.key): d.seal
        for kind in signoffs.covers
        for d in facts.case.documents(kind)
        if key is None or d.key in (None, key)
    }


def material(facts: Facts) -> dict[str, object]:
    """The material fields and their values."""
    return {n: facts.case.fields.get(n) for n, f in facts.workflow.fields.items() if f.material}


def after_moment(facts: Facts, after: After) -> tuple[Firing | None, datetime | None]:
    """The last firing among the triggers of `after`, and the latest of the dates that go with it."""
    fired = [(facts.case.fired[t], t) for t in after if t in facts.case.fired]
    if not fired:
        return None, None
    last, trigger = max(fired, key=lambda pair: pair[0].moment)
    dates = [m for name in after[trigger] if (m := latest(name, facts)) is not None]
    return last, max(dates, default=None)


def unfit(
    facts: Facts, signoff: SignOff, signoffs: SignoffSet, after: After | None = None
) -> tuple[str, str] | None:
    """(code, why) where an approval does not count now; None where it counts (domain rule 2)."""
    if lapsed := _lapsed(facts, signoff, signoffs):
        return "SIGNOFF_VOID", lapsed
    against = barred(facts, signoffs, signoff.key, signoff.role)
    for person in sorted(signoff.persons):
        if person in against:
            return (
                "SEPARATION",
                f"{person} {against[person]}, so the sign-off of {signoff.name} does not count.",
            )
    return _too_early(facts, signoff, after)


def _lapsed(facts: Facts, signoff: SignOff, signoffs: SignoffSet) -> str | None:
    told = f"{signoff.person}'s sign-off of {signoff.name} is void:"
    if signoff.void:
        return f"{told} {signoff.void.reason}."
    if dict(signoff.covers) != covered(facts, signoffs, signoff.key):
        return f"{told} a document that it covers was changed."
    if dict(signoff.material) != material(facts):
        return f"{told} a material field was changed."
    if not _held_role(facts, signoff):
        return f"{told} the role {signoff.role} was taken back for cause."
    if signoffs.valid_for is not None:
        ends = parse(signoffs.valid_for).add(signoff.moment.at, facts.policies.calendar.zone)
        if ends <= facts.now:
            return f"{told} it was valid for {signoffs.valid_for} only."
    return None


def _too_early(facts: Facts, signoff: SignOff, after: After | None) -> tuple[str, str] | None:
    if after is None:
        return None
    firing, date = after_moment(facts, after)
    told = " or ".join(after)
    if firing is None or signoff.moment <= firing.moment:
        return "SIGNOFF_TOO_EARLY", f"{signoff.person} signed {signoff.name} before {told}."
    if date is not None and signoff.moment.at < date:
        return "SIGNOFF_TOO_EARLY", f"{signoff.person} signed {signoff.name} before {date.isoformat()}."
    return None


def _held_role(facts: Facts, signoff: SignOff) -> bool:
    """Whether none of the grants that it rests on was revoked for cause since; an ordinary end changes nothing."""
    return not any(g.for_cause and g.revoked for g in facts.people.grants if g.id in signoff.grants)


def standing(facts: Facts, name: str, key: str | None, after: After | None = None) -> Standing:
    """How the set `name` (for `key`) stands now."""
    signoffs = facts.policies.signoffs[name]
    seats = signoffs.seats_for(facts.workflow.size)
    acts = [s for s in facts.case.signoffs if s.set == name and s.key == key and not s.withdrawn]
    fit, unfits = [], []
    for act in acts:
        if act.verdict is Verdict.APPROVE:
            why = unfit(facts, act, signoffs, after)
            unfits.append(why) if why else fit.append(act)
    filled = match(seats, fit)
    open_seats = tuple(seat for place, seat in enumerate(seats) if place not in filled)
    _, date = after_moment(facts, after) if after else (None, None)
    return Standing(
        name=evidence_id(name, key),
        covers=covered(facts, signoffs, key),
        counting=tuple(filled[place] for place in sorted(filled)),
        open_seats=open_seats,
        rejected_by=_rejecters(facts, signoffs, acts, key),
        explanation=unfits[0] if unfits else ("SIGNOFF_MISSING", ""),
        not_before=date if open_seats and date is not None and date > facts.now else None,
        none_reason=signoffs.none.get(facts.workflow.size or "", signoffs.none.get("all", "")),
    )


def _rejecters(
    facts: Facts, signoffs: SignoffSet, acts: Sequence[SignOff], key: str | None
) -> tuple[str, ...]:
    """People whose rejection stands: in a seat that blocks, whatever the size since, of documents as they still are.

    Where a set covers no documents, nothing could ever lift the rejection of somebody who left: it ends with him.
    """
    blocking = {r for seats in signoffs.seats.values() for seat in seats if seat.blocking for r in seat.roles}
    now = covered(facts, signoffs, key)
    return tuple(
        s.person
        for s in acts
        if s.verdict is Verdict.REJECT and s.role in blocking and not s.void and dict(s.covers) == now
        if signoffs.covers or facts.people.active(s.person)
    )


def match(seats: Sequence[Seat], fit: Sequence[SignOff]) -> dict[int, SignOff]:
    """The largest choice of sign-offs for seats, by place, in which no natural person appears twice."""
    best: dict[int, SignOff] = {}

    def fill(place: int, chosen: dict[int, SignOff], used: frozenset[str]) -> None:
        nonlocal best
        if len(chosen) > len(best):
            best = dict(chosen)
        if place == len(seats) or len(best) == len(seats) or len(chosen) + len(seats) - place <= len(best):
            return
        for signoff in fit:
            if signoff.role in seats[place].roles and not signoff.persons & used:
                fill(place + 1, {**chosen, place: signoff}, used | signoff.persons)
        fill(place + 1, chosen, used)

    fill(0, {}, frozenset())
    return best
