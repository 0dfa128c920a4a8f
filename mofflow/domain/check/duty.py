"""What people must do on the path of work, and which two duties one person cannot have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from mofflow.domain.check.seats import usable
from mofflow.domain.guards.evidence import EvidenceRule
from mofflow.domain.guards.role import RoleRule
from mofflow.domain.guards.signoff import SignoffRule
from mofflow.domain.policy import Policies, SignoffSet
from mofflow.domain.rule import Rule
from mofflow.domain.workflow import CLOCK, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something that one person does in one of `roles`; no roles: anybody of the case.

    A duty of a seat names its set; one of attaching a document names its evidence kind.
    """

    roles: tuple[str, ...]
    set: str | None = None
    seat: int = 0
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The duties of a path, each once, and for each the numbers of those that another person must have."""

    duties: tuple[Duty, ...]
    apart: tuple[frozenset[int], ...]
    kinds: int
    seats: int


def work_of(
    path: tuple[Transition, ...], rules: tuple[Rule, ...], policies: Policies, size: str | None
) -> Work:
    """The duties: to have each role that a guard wants, to fire each edge, to fill each seat, to attach each kind."""
    sets = {r.set: policies.signoffs[r.set] for r in rules if isinstance(r, SignoffRule)}
    found = [Duty(roles=(rule.role,)) for rule in rules if isinstance(rule, RoleRule)]
    found += _firing(path)
    seats = [
        Duty(roles=usable(seat, signoffs, policies), set=signoffs.name, seat=place)
        for signoffs in sets.values()
        for place, seat in enumerate(signoffs.seats_for(size))
    ]
    kinds = dict.fromkeys(
        r.kind for r in rules if isinstance(r, EvidenceRule) and r.kind in policies.evidence
    )
    papers = [Duty(roles=policies.evidence[kind].by, kind=kind) for kind in kinds]
    ordered = sorted(dict.fromkeys(found + seats), key=lambda duty: len(duty.roles) != 1)
    duties = (*ordered, *sorted(papers, key=lambda duty: not duty.roles))
    return Work(duties=duties, apart=_apart(duties, sets, policies), kinds=len(kinds), seats=len(seats))


def _firing(path: tuple[Transition, ...]) -> Iterator[Duty]:
    for edge in path:
        roles = tuple(by.role for by in edge.by if by.role is not None)
        if CLOCK not in roles:
            named = any(by.person for by in edge.by)  # whoever a document names, so anybody may be
            yield Duty(roles=() if named else roles)


def _apart(
    duties: tuple[Duty, ...], sets: dict[str, SignoffSet], policies: Policies
) -> tuple[frozenset[int], ...]:
    found: list[set[int]] = [set() for _ in duties]
    for one, other in combinations(range(len(duties)), 2):
        if _separate(duties[one], duties[other], sets, policies) or _separate(
            duties[other], duties[one], sets, policies
        ):
            found[one].add(other)
            found[other].add(one)
    return tuple(frozenset(numbers) for numbers in found)


def _separate(seat: Duty, other: Duty, sets: dict[str, SignoffSet], policies: Policies) -> bool:
    """Whether who fills this seat is barred by the other duty (domain rule 8); pairs of roles are judged elsewhere."""
    if seat.set is None:
        return False
    signoffs, rules = sets[seat.set], policies.separation
    if other.kind is not None:
        return signoffs.set_class in rules.authors and other.kind in signoffs.covers
    if other.set is None:
        return False
    signers = set(rules.signers.get(signoffs.set_class, ()))
    elsewhere = other.set != seat.set and bool(other.roles) and signers.issuperset(other.roles)
    return other.set == seat.set or other.set in signoffs.distinct_from or elsewhere
