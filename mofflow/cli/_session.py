"""What commands share: the world that they run in, options that mean the same everywhere, examples under the help."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import tzinfo
from itertools import islice
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from mofflow.cli._text import zone_of
from mofflow.errors import BadInput, MofflowError

if TYPE_CHECKING:
    from mofflow.services.world import World

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])
_WORLD = "mofflow.world"
_DIGITS = 12  # of a cursor: more than any list has entries


class Whole(click.IntRange):
    """A whole number between two, or from one on; what is wrong is told in plain words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # as click has it
        """The number."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            most = f" to {self.max}" if self.max is not None else ""
            self.fail(f"{value!r} is no whole number from {self.min}{most}.", param, ctx)


def world_of(ctx: click.Context) -> World:
    """The world of this run, made when it is first asked for."""
    if _WORLD not in ctx.meta:
        from mofflow.bootstrap import world

        ctx.meta[_WORLD] = world(ctx.obj)
    found: World = ctx.meta[_WORLD]
    return found


def with_world(command: Callable[Concatenate[World, P], R]) -> Callable[P, R]:
    """Hand the world in as the first argument."""

    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return command(world_of(click.get_current_context()), *args, **kwargs)

    return call


def asker(world: World) -> str:
    """The id of the person in whose name the command runs."""
    from mofflow.services.world import caller

    with world.database.reading() as reading:
        return caller(world, reading).actor


def zone_here() -> tzinfo | None:
    """The zone of the person who asks; None for that of the system."""
    from mofflow.services.world import caller

    ctx = click.get_current_context(silent=True)
    if ctx is None or ctx.obj is None:
        return None
    world = world_of(ctx)
    try:
        with world.database.reading() as reading:
            person = reading.person(caller(world, reading).actor)
    except MofflowError:
        return None
    return zone_of(person.zone) if person else None


def case_key(command: Command) -> Command:
    """The argument KEY: a case."""
    from mofflow.cli._complete import keys

    return click.argument("key", shell_complete=keys)(command)


def dry_run(command: Command) -> Command:
    """The option that every changing command has."""
    return click.option(
        "--dry-run", is_flag=True, show_default=False, help="Say what would come of it, and write nothing."
    )(command)


def pages(command: Command) -> Command:
    """The options that every list has."""
    limit = click.option(
        "--limit", metavar="N", type=Whole(1, 1000), default=100, help="So many at most, up to 1000."
    )
    cursor = click.option("--cursor", metavar="TEXT", help="Go on where the last page ended.")
    return limit(cursor(command))


def page_of(
    items: Iterable[T] | Callable[[int], Iterable[T]], limit: int, cursor: str | None
) -> tuple[list[T], str | None]:
    """The part of a list that `pages` asks for, and the cursor of the next part, where there is one.

    `items` may be a function that gives so many from the beginning.
    """
    start = _start(cursor)
    listed = items(start + limit + 1) if callable(items) else items
    found = list(islice(listed, start, start + limit + 1))
    return found[:limit], str(start + limit) if len(found) > limit else None


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= _DIGITS):
        raise BadInput(f"Not a cursor of this list: {cursor!r}.", "Pass `next_cursor` of the last page.")
    return int(cursor)


def examples(*lines: str) -> str:
    """The end of a help text: commands that run as they stand."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {line}" for line in lines)])
