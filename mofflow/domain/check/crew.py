"""The fewest people for a set of duties: an exact search for the smallest colouring, with separation as conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mofflow.domain.check.duty import Duty, Work

Pairs = frozenset[frozenset[str]]
_MOST_STEPS = 20_000


@dataclass(slots=True, eq=False)
class _Person:
    roles: list[str] = field(default_factory=list)
    duties: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Search:
    """Gives duties to people in their order, each to an earlier person before a new one.

    conflicts: pairs of roles that no person has both of. single: roles that only one person has. `exact` turns False
    where the search is given up.
    """

    work: Work
    conflicts: Pairs
    single: frozenset[str]
    exact: bool = True
    best: tuple[tuple[str, ...], ...] | None = None
    _people: list[_Person] = field(default_factory=list)
    _steps: int = 0
    _least: int = 1

    def run(self) -> tuple[tuple[str, ...], ...] | None:
        """The roles of each person; None where no number of people will do."""
        numbers = self._needed()
        self._least = max(1, self._clique(numbers))
        self._give(numbers)
        return self.best

    def _needed(self) -> list[int]:
        """Without the duties that go to whoever has another one: exact, since nothing forbids it."""
        kept: list[int] = []
        numbers = range(len(self.work.duties))
        for number in numbers:
            others = (*kept, *(n for n in numbers if n > number))
            if not any(self._covers(other, number) for other in others):
                kept.append(number)
        return kept

    def _covers(self, other: int, number: int) -> bool:
        """Whether who has `other` can have `number` too, whatever else he does."""
        duties, apart = self.work.duties, self.work.apart
        if other in apart[number] or (duties[number].roles and duties[number].roles != duties[other].roles):
            return False
        if len(duties[other].roles) > 1 and not apart[number] <= apart[other]:
            return False
        return all(n in apart[other] or self._opposed(duties[other], duties[n]) for n in apart[number])

    def _opposed(self, one: Duty, other: Duty) -> bool:
        """Whether no role of one goes together with any role of the other."""
        pairs = [frozenset({a, b}) in self.conflicts for a in one.roles for b in other.roles]
        return bool(pairs) and all(pairs)

    def _clique(self, numbers: list[int]) -> int:
        """How many duties surely need a person each: no crew is smaller."""
        largest = 0
        for first in numbers:
            clique = [first]
            for number in numbers:
                if number not in clique and all(self._separate(number, other) for other in clique):
                    clique.append(number)
            largest = max(largest, len(clique))
        return largest

    def _separate(self, one: int, other: int) -> bool:
        duties = self.work.duties
        return other in self.work.apart[one] or self._opposed(duties[one], duties[other])

    def _give(self, numbers: list[int]) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            self.exact = False
            return
        if not numbers:
            self.best = tuple(tuple(person.roles) for person in self._people)
            return
        for person, role in self._candidates(numbers[0]):
            had = len(person.roles)
            if role is not None and role not in person.roles:
                person.roles.append(role)
            person.duties.append(numbers[0])
            self._give(numbers[1:])
            person.duties.pop()
            del person.roles[had:]
            if not person.duties:
                self._people.pop()  # he was new, so he is the last
            if self._done():
                return

    def _done(self) -> bool:
        return self._steps > _MOST_STEPS or (self.best is not None and len(self.best) <= self._least)

    def _candidates(self, number: int) -> Iterator[tuple[_Person, str | None]]:
        """Who may have the duty, and in which role: with a role that he has first, at last somebody new."""
        roles: tuple[str | None, ...] = self.work.duties[number].roles or (None,)
        people = tuple(self._people)
        fits = [(p, r) for p in people for r in roles if self._fits(p, number, r)]
        yield from sorted(fits, key=lambda fit: fit[1] is not None and fit[1] not in fit[0].roles)
        for role in roles:
            if self.best is not None and len(people) + 1 >= len(self.best):
                return
            person = _Person()
            if self._fits(person, number, role):
                self._people.append(person)
                yield person, role

    def _fits(self, person: _Person, number: int, role: str | None) -> bool:
        if not self.work.apart[number].isdisjoint(person.duties):
            return False
        if role is None or role in person.roles:
            return True
        taken = role in self.single and any(role in other.roles for other in self._people)
        return not taken and not any(frozenset({role, other}) in self.conflicts for other in person.roles)
