"""The base of all guard rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class Rule:
    """A predicate over facts, as data. Each family is one file in `domain.guards`.

    `rank` orders remedies so that none undoes an earlier one: roles, fields, documents, dates, expressions,
    obligations, sign-offs.
    """

    __slots__ = ()
    family: ClassVar[str] = ""
    rank: ClassVar[int] = 0

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """What the rule refers to, by sort: role, field, evidence, date (`kind.path`), duration, signoff, trigger."""
        return {}

    def parts(self) -> tuple[Rule, ...]:
        """The rules that it is made of."""
        return ()
