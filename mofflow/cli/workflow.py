"""`mofflow workflow`: what is in force, what can be proved of a file, and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mofflow.cli._checks import checked, verdict
from mofflow.cli._complete import workflows
from mofflow.cli._declared import (
    adopted_view,
    definition_view,
    described,
    told_adoption,
    transition_view,
    workflow_file,
)
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import dry_run, examples, page_of, pages, with_world
from mofflow.domain.workflow import Workflow
from mofflow.services import definitions
from mofflow.services.world import World

View = dict[str, Any]


@click.group()
def workflow() -> None:
    """Workflows: check, adopt, draw, compare."""


@workflow.command("list", epilog=examples("mofflow workflow list", "mofflow workflow list --json"))
@pages
@formatted
@with_world
def listed(world: World, limit: int, cursor: str | None, out: Output) -> None:
    """Every workflow that was adopted, the newest last."""
    found, after = page_of(definitions.listed(world, "workflow"), limit, cursor)
    out.items(
        [definition_view(one) for one in found],
        [
            "name",
            "version",
            ("digest", lambda item: str(item["digest"])[:12]),
            "in_force",
            "adopted_at",
            "adopted_by",
        ],
        cursor=after,
    )


@workflow.command(
    epilog=examples(
        "mofflow workflow show deliver-project", "mofflow workflow show deliver-project --size small"
    )
)
@click.argument("name", shell_complete=workflows)
@click.option("--size", metavar="S", help="Only what this size asks for.")
@formatted
@with_world
def show(world: World, name: str, size: str | None, out: Output) -> None:
    """States, fields, and every trigger with who fires it and its guards.

    NAME is that of a workflow in force, or the beginning of a digest.
    """
    from mofflow.formats.diagram import sized

    found = definitions.adopted(world, "workflow", name)
    shown = sized(definitions.workflow_named(world, name), size)
    view: View = {
        **definition_view(found),
        "title": shown.title,
        "kind": shown.kind,
        "states": [
            {"name": s.name, "stage": s.stage or None, "final": s.final} for s in shown.states.values()
        ],
        "fields": [
            {
                "name": f.name,
                "kind": f.kind,
                "values": list(f.values),
                "default": f.default,
                "material": f.material,
            }
            for f in shown.fields.values()
        ],
        "transitions": [transition_view(edge) for edge in shown.transitions],
    }
    out.record(view, lambda: "\n".join(described(shown, view, out)))


@workflow.command(
    epilog=examples("mofflow workflow check", "mofflow workflow check --json"),
)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--policies",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Under these policies, not the shipped ones.",
)
@formatted
@with_world
@click.pass_context
def check(
    ctx: click.Context, world: World, files: tuple[Path, ...], policies: Path | None, out: Output
) -> None:
    """What can be proved of workflow files before they run; without FILE, of the shipped ones.

    Exit code 1 if anything is wrong. No database is needed.
    """
    paths = tuple(workflow_file(world, str(file)) for file in files) or tuple(
        world.declarations.shipped_workflows()
    )
    found = [checked(world, path, policies) for path in paths]
    if len(files) == 1:
        out.record(found[0], lambda: verdict(found[0]))
    elif out.table:
        click.echo("\n".join(verdict(view) for view in found))
    else:
        out.items(found, ["workflow", "ok"])
    if not all(view["ok"] for view in found):
        ctx.exit(1)


@workflow.command(
    epilog=examples("mofflow workflow list", "mofflow workflow adopt shipped:deliver-project --dry-run")
)
@click.argument("file")
@dry_run
@formatted
@with_world
def adopt(world: World, file: str, dry_run: bool, out: Output) -> None:
    """Put a workflow in force for new cases, once it passes every check. Open cases keep theirs.

    FILE is a file, or shipped:NAME for a workflow that comes with mofflow.
    """
    found = definitions.adopt_workflow(world, workflow_file(world, file), dry_run=dry_run)
    out.record(adopted_view(found, dry_run), lambda: told_adoption(found, dry_run))


@workflow.command(
    epilog=examples(
        "mofflow workflow diagram deliver-project",
        "mofflow workflow diagram deliver-project --format dot --size small",
    )
)
@click.argument("name", shell_complete=workflows)
@click.option(
    "--format",
    "form",
    type=click.Choice(("mermaid", "dot", "svg")),
    default="mermaid",
    help="svg needs Graphviz.",
)
@click.option("--size", metavar="S", help="Only what this size asks for.")
@click.option(
    "--json", "as_json", is_flag=True, show_default=False, help="Inside a record, with name and format."
)
@with_world
def diagram(world: World, name: str, form: str, size: str | None, as_json: bool) -> None:
    """Draw a workflow."""
    from mofflow.formats import diagram as formats

    draw = {"mermaid": formats.mermaid, "dot": formats.dot, "svg": formats.svg}[form]
    shown = definitions.workflow_named(world, name)
    drawn = draw(shown, size)
    if as_json:
        Output("json").record({"workflow": shown.name, "size": size, "format": form, "diagram": drawn})
    else:
        click.echo(drawn, nl=False)


@workflow.command(epilog=examples("mofflow workflow diff deliver-project shipped:deliver-project"))
@click.argument("old", metavar="A", shell_complete=workflows)
@click.argument("new", metavar="B", shell_complete=workflows)
@formatted
@with_world
def diff(world: World, old: str, new: str, out: Output) -> None:
    """What differs between two workflows: each the name of one in force, the beginning of a digest, or a file.

    shipped:NAME is the file that comes with mofflow.
    """
    from mofflow.cli._diff import differences

    items = list(differences(_either(world, old), _either(world, new)))
    out.items(items, ["change", "what", "name", "before", "after"], none="They are the same.")


def _either(world: World, name: str) -> Workflow:
    path = workflow_file(world, name)
    if path.suffix in (".yaml", ".yml", ".json") or path.is_file():
        return definitions.read_workflow(world, path)[1]
    return definitions.workflow_named(world, name)
