"""People, and the roles that they hold: grants and delegations, each for a scope and a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A natural person. `proposed` marks one who does not exist yet but whom a remedy would add."""

    id: str
    name: str = ""
    email: str = ""
    zone: str = ""
    accounts: tuple[str, ...] = ()
    active: bool = True
    proposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role given to a person. `case` None means everywhere; `from_person` is set where it is a delegation.

    `revoked` ends it; `for_cause` also takes back what was signed under it.
    """

    id: str
    person: str
    role: str
    by: str
    starts: datetime
    case: str | None = None
    ends: datetime | None = None
    from_person: str | None = None
    revoked: datetime | None = None
    for_cause: bool = False

    def holds(self, at: datetime, case: str | None) -> bool:
        """Whether it gives the role at `at` (from `starts`, before its end) for `case`."""
        in_time = self.starts <= at and (self.ends is None or at < self.ends)
        return in_time and (self.revoked is None or at < self.revoked) and self.case in (None, case)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Somebody who has a role now, by himself or for the person who delegated it."""

    person: str
    acting_for: str | None = None

    @property
    def persons(self) -> frozenset[str]:
        """The natural persons behind it."""
        return frozenset({self.person} | ({self.acting_for} if self.acting_for else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody known, by id, and the grants of the roles that a workflow names (plus administrator)."""

    persons: Mapping[str, Person] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()

    def active(self, person: str) -> bool:
        """Whether this person exists and may act."""
        found = self.persons.get(person)
        return found is not None and found.active

    def holdings(self, role: str, at: datetime, case: str | None) -> tuple[Holding, ...]:
        """Who holds `role` at `at` for `case`: own grants first, then delegations whose giver still holds it."""
        standing = [g for g in self.grants if g.role == role and g.holds(at, case) and self.active(g.person)]
        own = dict.fromkeys(g.person for g in standing if g.from_person is None)
        lent = [g for g in standing if g.from_person in own]
        return (
            *(Holding(person=p) for p in own),
            *(Holding(person=g.person, acting_for=g.from_person) for g in lent),
        )

    def resting_on(self, holding: Holding, role: str, at: datetime, case: str | None) -> tuple[str, ...]:
        """The ids of the grants by which somebody has a role now: his own, or the loan and those of its giver."""
        pairs = {(holding.person, holding.acting_for), (holding.acting_for or holding.person, None)}
        return tuple(
            g.id
            for g in self.grants
            if g.role == role and (g.person, g.from_person) in pairs and g.holds(at, case)
        )

    def roles_of(self, person: str, at: datetime, case: str | None) -> frozenset[str]:
        """The roles that a person has now, delegated ones included."""
        roles = {g.role for g in self.grants if g.person == person}
        return frozenset(r for r in roles if any(h.person == person for h in self.holdings(r, at, case)))
