"""Seats of a sign-off set, from the ways in which a policy file writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mofflow.domain.policy import Seat

Form = str | Mapping[str, Any] | Sequence[Any]


def seats_of(form: Form) -> tuple[Seat, ...]:
    """The seats that a role, `{any_of: [...]}`, `{quorum: {...}}` or a list of these asks for.

    A quorum becomes one seat for each role that must be among its members, blocking where it has a veto,
    and seats for any of its roles up to `at_least`, whose rejections only do not count.
    """
    if isinstance(form, str):
        return (Seat(roles=(form,)),)
    if isinstance(form, Mapping):
        return _quorum(form["quorum"]) if "quorum" in form else (Seat(roles=tuple(form["any_of"])),)
    return tuple(seat for part in form for seat in seats_of(part))


def _quorum(quorum: Mapping[str, Any]) -> tuple[Seat, ...]:
    veto, including = quorum.get("veto", ()), quorum.get("including", ())
    named = [Seat(roles=(role,), blocking=role in veto) for role in including]
    others = [Seat(roles=tuple(quorum["of"]), blocking=False)] * (quorum["at_least"] - len(named))
    return (*named, *others)
