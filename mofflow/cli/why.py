"""`mofflow why`: what can happen next, what stands against it, and the commands that help."""

from __future__ import annotations

import click

from mofflow.cli._answers import Telling, told
from mofflow.cli._complete import triggers
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, examples, with_world
from mofflow.services import cases
from mofflow.services.world import World


@click.command(epilog=examples("mofflow why P-2", "mofflow why P-2 hold --json"))
@case_key
@click.argument("trigger", required=False, shell_complete=triggers)
@formatted
@with_world
@click.pass_context
def why(ctx: click.Context, world: World, key: str, trigger: str | None, out: Output) -> None:
    """What can happen next, what stands against it, and the commands that help.

    Every trigger that leaves the present state of KEY, or TRIGGER alone: who may fire it, each guard, and for each
    guard that fails what would satisfy it. Follow the commands of a trigger from top to bottom, and ask again after
    each. Exit code 0 if one can be fired now, else 1. Nothing is changed.
    """
    facts, asker, answers = cases.explain(world, key, trigger)
    view = Telling(facts, asker, answers).view()
    out.record(view, lambda: told(view, out.zone))
    if not any(answer.available for answer in answers):
        ctx.exit(1)
