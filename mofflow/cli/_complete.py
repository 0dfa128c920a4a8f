"""Shell completion of names that stand in the database; where anything fails, nothing is offered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from mofflow.services.world import World

Names = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completer(find: Callable[[World, click.Context], Iterable[str]]) -> Names:
    def complete(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            names = list(find(_world(ctx), ctx))
        except Exception:  # noqa: BLE001  # completing must never print an error into somebody's command line
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    return complete


def _world(ctx: click.Context) -> World:
    from mofflow.bootstrap import world
    from mofflow.settings import read

    given = ctx.find_root().params
    return world(read(os.environ, database=given.get("database"), actor=given.get("actor")))


def _keys(world: World, _ctx: click.Context) -> Iterable[str]:
    from mofflow.services.ports import CaseQuery

    with world.database.reading() as reading:
        return [case.key for case in reading.cases(CaseQuery(limit=1000)).items]


def _triggers(world: World, ctx: click.Context) -> Iterable[str]:
    from mofflow.domain.decide import leaving
    from mofflow.services import cases

    return leaving(cases.load(world, ctx.params["key"]))


def _kinds(world: World, _ctx: click.Context) -> Iterable[str]:
    with world.database.reading() as reading:
        return reading.policies().evidence


def _signoffs(world: World, ctx: click.Context) -> Iterable[str]:
    from mofflow.domain.duties import sets_asked
    from mofflow.services import cases

    return sets_asked(cases.load(world, ctx.params["key"]).workflow)


def _roles(world: World, _ctx: click.Context) -> Iterable[str]:
    with world.database.reading() as reading:
        return reading.policies().roles


def _people(world: World, _ctx: click.Context) -> Iterable[str]:
    with world.database.reading() as reading:
        return reading.people(None).persons


def _workflows(world: World, _ctx: click.Context) -> Iterable[str]:
    with world.database.reading() as reading:
        return [d.name for d in reading.definitions("workflow") if d.in_force]


keys = _completer(_keys)
triggers = _completer(_triggers)
kinds = _completer(_kinds)
signoffs = _completer(_signoffs)
roles = _completer(_roles)
people = _completer(_people)
workflows = _completer(_workflows)
