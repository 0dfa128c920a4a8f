"""The shipped workflow and policies as plain data, for second opinions that must not share code with mofflow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SIZES = ("small", "normal", "large")


@cache
def workflow() -> dict[str, Any]:
    """`workflows/deliver-project.yaml`."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "workflows" / "deliver-project.yaml").read_text("utf-8"))
    return found


@cache
def policy(name: str) -> Any:
    """The rules of one policy file."""
    return yaml.safe_load((ROOT / "policies" / f"{name}.yaml").read_text("utf-8"))["rules"]


@cache
def places() -> dict[str, int]:
    """The order of the states: of work, then on_hold and the final ones."""
    told = workflow()
    names = [state for states in told["stages"].values() for state in states]
    return {state: place for place, state in enumerate([*names, told["hold"], *told["final"]])}


def moves() -> Iterator[tuple[dict[str, Any], str, str]]:
    """(transition, source, target) for every declared move; `remembered` stays as it is written."""
    groups = workflow()["groups"]
    for entry in workflow()["transitions"]:
        sources, _, target = entry["move"].partition("->")
        for name in (part.strip() for part in sources.split(",")):
            for source in groups.get(name, [name]):
                yield entry, source, target.strip()


def guards(entry: dict[str, Any], size: str) -> Iterator[dict[str, Any]]:
    """The guards of a transition that a size asks for, shared ones included."""
    for guard in entry.get("guards", ()):
        for one in workflow()["shared"][guard["use"]] if "use" in guard else (guard,):
            if size in one.get("sizes", SIZES):
                yield one


@cache
def stands(size: str) -> dict[str, int]:
    """Where each sign-off set stands: the first state, in order, that a transition asking for it leaves."""
    found: dict[str, int] = {}
    for entry, source, _ in moves():
        if size in entry.get("sizes", SIZES):
            for guard in guards(entry, size):
                if "signoff" in guard:
                    place = places()[source]
                    found[guard["signoff"]] = min(place, found.get(guard["signoff"], place))
    return found


@cache
def seats(name: str, size: str) -> tuple[frozenset[str], ...]:
    """The roles that may fill each seat of a set."""
    asked = policy("signoffs")[name]["seats"]
    form = asked.get(size, asked.get("all", []))
    if isinstance(form, dict):
        return (frozenset(form["any_of"]),)
    return tuple(frozenset({role}) for role in form)


@cache
def all_seats(name: str) -> frozenset[str]:
    """Every role that has a seat in some size."""
    return frozenset(role for size in SIZES for seat in seats(name, size) for role in seat)
