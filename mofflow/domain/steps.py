"""The steps of a remedy: what somebody does, never how a command line says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that `actor` can do."""

    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Step):
    """Make a person known, with a first role."""

    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole(Step):
    """Give a person another role."""

    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Step):
    """Staff a role of the case; `grant`: give the role for this case along with it."""

    role: str
    person: str
    grant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassign(Step):
    """End an assignment."""

    role: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach(Step):
    """Attach a document such as `example`."""

    kind: str
    key: str | None
    example: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Step):
    """Approve."""

    set: str
    key: str | None
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Step):
    """Take one's own rejection back."""

    set: str
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFields(Step):
    """Set declared fields; the values are examples where `given` does not name the field."""

    values: Mapping[str, object]
    given: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(Step):
    """Settle an obligation."""

    obligation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance(Step):
    """Fire a trigger of this case."""

    trigger: str
    inputs: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A person who is to be found: `role` the first that he is wanted for, `barred` people who cannot be him."""

    id: str
    role: str
    barred: tuple[str, ...]
    distinct_from: tuple[str, ...]
