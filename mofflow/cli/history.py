"""`mofflow history` and `mofflow find`: what was done, and where something is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import click

from mofflow.cli._complete import keys, people
from mofflow.cli._output import Column, Output, formatted
from mofflow.cli._session import examples, page_of, pages, with_world
from mofflow.cli._values import last_of, start_of
from mofflow.cli._views import event_view
from mofflow.domain.event import Kind, Outcome
from mofflow.errors import BadInput
from mofflow.services import audit, cases, definitions
from mofflow.services.ports import HistoryQuery
from mofflow.services.world import World


@click.command(
    epilog=examples(
        "mofflow history P-1",
        "mofflow history --trigger go --outcome refused --json",
        "mofflow history P-1 --at 2023-06-01",
    )
)
@click.argument("key", required=False, shell_complete=keys)
@click.option("--person", metavar="P", shell_complete=people, help="Who acted, was acted for, or entered it.")
@click.option("--from", "since", metavar="T", help="From this time, or from the beginning of this day.")
@click.option("--to", "until", metavar="T", help="Up to this time, or to the end of this day.")
@click.option("--trigger", metavar="X", help="Only this trigger.")
@click.option("--state", metavar="S", help="Only where this state is entered or left.")
@click.option(
    "--kind", metavar="K", type=click.Choice([k.value for k in Kind]), help="Only events of this kind."
)
@click.option(
    "--outcome", type=click.Choice([o.value for o in Outcome]), help="Only what was done, or was refused."
)
@click.option("--at", metavar="T", help="Show the state of KEY at this time instead.")
@pages
@formatted
@with_world
def history(
    world: World,
    /,
    key: str | None,
    at: str | None,
    limit: int,
    cursor: str | None,
    out: Output,
    **filters: str | None,
) -> None:
    """Who did what, when, and by which rules.

    Oldest first; times decide as stated (`at`), the real ones stand beside them (`recorded_at`). Days are those of
    the organisation's zone.
    """
    if at is not None:
        _as_it_was(world, key, at, out)
        return
    page = audit.history(world, _query(world, key, filters, limit, cursor))
    columns: list[Column] = ["at", "case", "seq", "actor", ("what", _what), "outcome", ("detail", _detail)]
    policies = None if out.table else definitions.policies_in_force(world)  # tables show no clauses
    items = [event_view(recorded, policies) for recorded in page.items]
    out.items(items, columns, name="events", cursor=page.next_cursor, none="No events.")


def _query(
    world: World, key: str | None, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> HistoryQuery:
    since, until = filters["since"], filters["until"]
    zone = (
        definitions.policies_in_force(world).calendar.zone if since is not None or until is not None else UTC
    )
    return HistoryQuery(
        case=key,
        person=filters["person"],
        since=start_of(since, "--from", zone) if since is not None else None,
        until=last_of(until, "--to", zone) if until is not None else None,
        trigger=filters["trigger"],
        state=filters["state"],
        kind=filters["kind"],
        outcome=filters["outcome"],
        limit=limit,
        after=cursor,
    )


def _as_it_was(world: World, key: str | None, at: str, out: Output) -> None:
    from mofflow.cli._views import full_view
    from mofflow.cli.show import described

    if key is None:
        raise BadInput("--at shows one case.", "Write: mofflow history KEY --at TIME")
    facts = cases.load(world, key)
    moment = last_of(at, "--at", facts.policies.calendar.zone)
    then = replace(facts.with_case(audit.case_at(world, key, moment)), now=moment)
    view = full_view(then)
    out.record(view, lambda: described(then, view, out))


def _what(item: Mapping[str, Any]) -> object:
    return (
        f"{item['trigger']}: {item['from']} to {item['to']}"
        if item["to"] and item["from"]
        else item["trigger"] or item["kind"]
    )


def _detail(item: Mapping[str, Any]) -> object:
    """The most telling part of an event."""
    guards, data, texts = item["guards"], item["data"], item["texts"]
    failing = [f"{g['guard']} {g['code']}" for g in guards if not g["passed"]]
    if failing:
        return ", ".join(failing)
    words = [
        str(data[name])
        for name in ("kind", "set", "key", "verdict", "role", "person", "guard", "obligation", "name")
        if data.get(name)
    ]
    words += [f"{name} {value}" for name, value in data.get("changes", {}).items()]
    return " ".join(
        [*words, *(texts[name] for name in ("title", "text", "comment", "reason") if name in texts)]
    )


@click.command(epilog=examples("mofflow find candidate", "mofflow find 'back-out' --json"))
@click.argument("text")
@pages
@formatted
@with_world
def find(world: World, text: str, limit: int, cursor: str | None, out: Output) -> None:
    """Search titles, evidence and remarks."""
    if not text.strip():
        raise BadInput("Say what to look for.", "Write: mofflow find TEXT")
    found, after = page_of(lambda most: audit.find(world, text, most), limit, cursor)
    items = [{"case": case, "where": where, "excerpt": excerpt} for case, where, excerpt in found]
    out.items(items, ["case", "where", "excerpt"], cursor=after, none="Nothing was found.")
