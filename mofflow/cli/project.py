"""`mofflow project`: open projects, and see where they all stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import click

from mofflow.cli._complete import workflows
from mofflow.cli._output import Column, Output, formatted
from mofflow.cli._session import dry_run, examples, pages, with_world
from mofflow.cli._text import visible
from mofflow.cli._values import loosely
from mofflow.cli._views import act_view, case_view, stage_of, workflows_of
from mofflow.domain.case import Case
from mofflow.domain.workflow import Workflow
from mofflow.errors import BadInput, nearest
from mofflow.services import audit, cases, definitions
from mofflow.services.ports import CaseQuery, Page
from mofflow.services.world import World, moment

KIND = "project"
_COLUMNS: list[Column] = ["key", "title", "stage", "state", "version", ("size", lambda item: item["size"])]


@click.group()
def project() -> None:
    """Projects: create, list, board."""


@project.command(
    epilog=examples(
        "mofflow project create 'Replace the mail system' --set size=small --dry-run",
        "mofflow project create 'New portal' --key P-PORTAL --set sites=main,branch --dry-run",
    )
)
@click.argument("title")
@click.option("--key", metavar="K", help="Its key; otherwise the next number is taken.")
@click.option(
    "--workflow", metavar="W", default="deliver-project", shell_complete=workflows, help="The one to follow."
)
@click.option(
    "--set", "given", metavar="FIELD=VALUE", multiple=True, help="A declared field; may be repeated."
)
@dry_run
@formatted
@with_world
def create(
    world: World,
    title: str,
    key: str | None,
    workflow: str,
    given: tuple[str, ...],
    dry_run: bool,
    out: Output,
) -> None:
    """Open a project in the first state of its workflow."""
    written = cases.create(world, title, workflow=workflow, key=key, fields=loosely(given), dry_run=dry_run)
    case = written.case
    view = {
        **case_view(case, workflows_of(world, [case])[case.definition]),
        "fields": dict(case.fields),
        **act_view(written.event, written.recorded),
        "kind": case.kind,
    }
    told = f"{case.key} {'would be' if dry_run else 'is'} open: {visible(case.title)}, in {case.state}."
    out.record(view, lambda: f"{told}\nWhat comes next: mofflow why {case.key}")


@project.command(
    "list", epilog=examples("mofflow project list", "mofflow project list --stage deploy --json")
)
@click.option("--stage", metavar="S", help="Only those in this stage.")
@click.option("--state", metavar="S", help="Only those in this state.")
@click.option(
    "--overdue", is_flag=True, show_default=False, help="Only those that owe a duty whose day has passed."
)
@pages
@formatted
@with_world
def listed(
    world: World,
    stage: str | None,
    state: str | None,
    overdue: bool,
    limit: int,
    cursor: str | None,
    out: Output,
) -> None:
    """Projects in the order in which they were opened."""
    _known(world, stage, state)
    query = CaseQuery(kind=KIND, stage=stage, state=state, limit=limit, after=cursor)
    page = _overdue(world, query) if overdue else audit.cases(world, query)
    known = workflows_of(world, page.items)
    items = [_item(case, known[case.definition]) for case in page.items]
    out.items(items, _COLUMNS, cursor=page.next_cursor, none="No projects.")


def _item(case: Case, workflow: Workflow) -> dict[str, object]:
    return {**case_view(case, workflow), "size": case.size}


def _known(world: World, stage: str | None, state: str | None) -> None:
    """BadInput for a stage or a state that no workflow in force has."""
    if stage is None and state is None:
        return
    with world.database.reading() as reading:
        found = [reading.workflow(d.digest) for d in reading.definitions("workflow") if d.in_force]
    states = {
        s.name: s.stage for workflow in found for s in workflow.states.values() if workflow.kind == KIND
    }
    for what, name, names in (("stage", stage, set(states.values()) - {""}), ("state", state, set(states))):
        if name is not None and name not in names:
            told = f"There is no {what} {name!r}{nearest(name, sorted(names))}."
            raise BadInput(
                told,
                f"There are: {', '.join(dict.fromkeys(n for n in states.values() if n))}."
                if what == "stage"
                else "See: mofflow workflow show deliver-project",
            )


def _overdue(world: World, query: CaseQuery) -> Page[Case]:
    """The first page that has any case with an open duty whose day has passed."""
    zone = definitions.policies_in_force(world).calendar.zone
    with world.database.reading() as reading:
        today = moment(world, reading).astimezone(zone).date()
    while True:
        page = audit.cases(world, replace(query, final=False))
        late = [case for case in page.items if _is_late(case, today)]
        if late or page.next_cursor is None:
            return Page(items=late, next_cursor=page.next_cursor)
        query = replace(query, after=page.next_cursor)


def _is_late(case: Case, today: date) -> bool:
    return any(o.settled is None and date.fromisoformat(o.due) < today for o in case.obligations)


@project.command(epilog=examples("mofflow project board", "mofflow project board --json"))
@formatted
@with_world
def board(world: World, out: Output) -> None:
    """Every open project under the stage in which it stands."""
    found: list[Case] = []
    query: CaseQuery | None = CaseQuery(kind=KIND, final=False, limit=1000)
    while query is not None:
        page = audit.cases(world, query)
        found += page.items
        query = replace(query, after=page.next_cursor) if page.next_cursor else None
    known = workflows_of(world, found)
    stages = list(dict.fromkeys(s.stage for w in known.values() for s in w.states.values() if s.stage))
    by_stage: Mapping[str, list[dict[str, object]]] = {stage: [] for stage in stages}
    for case in found:
        by_stage[str(stage_of(case, known[case.definition]))].append(_card(case))
    items = [{"stage": stage, "cases": cards} for stage, cards in by_stage.items()]
    if out.table and items:
        click.echo("\n".join(_lines(by_stage)))
    else:
        out.items(items, ["stage", "cases"], none="No open projects.")


def _card(case: Case) -> dict[str, object]:
    return {"key": case.key, "title": case.title, "state": case.state, "since": case.entered.at}


def _lines(by_stage: Mapping[str, list[dict[str, object]]]) -> list[str]:
    lines = []
    for stage, cards in by_stage.items():
        lines.append(f"{stage} ({len(cards)})")
        lines += [f"  {card['key']}  {visible(str(card['title']))}  [{card['state']}]" for card in cards]
    return lines
