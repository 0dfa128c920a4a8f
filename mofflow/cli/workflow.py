"""`mofflow workflow`: what is in force, what can be proved of a file, and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from mofflow.cli._complete import workflows
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import dry_run, examples, with_world
from mofflow.cli._text import aligned, marks, visible
from mofflow.domain.check.report import Crew, Report
from mofflow.domain.workflow import Guard, Transition, Workflow
from mofflow.errors import InvalidDeclaration
from mofflow.services import definitions
from mofflow.services.ports import Definition
from mofflow.services.world import World

View = dict[str, Any]


@click.group()
def workflow() -> None:
    """Workflows: check, adopt, draw, compare."""


def definition_view(found: Definition) -> View:
    """An adopted definition, without its content."""
    return {
        "name": found.name,
        "version": found.version,
        "digest": found.digest,
        "in_force": found.in_force,
        "adopted_at": found.adopted_at,
        "adopted_by": found.adopted_by,
    }


@workflow.command("list", epilog=examples("mofflow workflow list", "mofflow workflow list --json"))
@formatted
@with_world
def listed(world: World, out: Output) -> None:
    """Every workflow that was adopted, the newest last."""
    items = [definition_view(found) for found in definitions.listed(world, "workflow")]
    out.items(
        items,
        [
            "name",
            "version",
            ("digest", lambda item: str(item["digest"])[:12]),
            "in_force",
            "adopted_at",
            "adopted_by",
        ],
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
        "transitions": [_transition(edge) for edge in shown.transitions],
    }
    out.record(view, lambda: "\n".join(_described(shown, view, out)))


def _transition(edge: Transition) -> View:
    return {
        "trigger": edge.trigger,
        "from": edge.source,
        "to": edge.target,
        "by": [by.role or by.person for by in edge.by],
        "needs": [need.name for need in edge.needs],
        "guards": [_guard(guard) for guard in edge.guards],
        "sizes": sorted(edge.sizes),
    }


def _guard(guard: Guard) -> View:
    waivable = {"by": guard.waivable.by, "at_most": guard.waivable.at_most} if guard.waivable else None
    return {
        "name": guard.name,
        "family": guard.rule.family,
        "clauses": list(guard.clauses),
        "sizes": sorted(guard.sizes),
        "waivable": waivable,
    }


def _described(shown: Workflow, view: View, out: Output) -> Iterator[str]:
    yield f"{shown.name} {shown.version}: {visible(shown.title)}"
    fields = view["fields"]
    rows = [[out.cell(f[k]) for k in ("name", "kind", "values", "default", "material")] for f in fields]
    yield "\n" + aligned(("field", "kind", "values", "default", "material"), rows)
    edges = view["transitions"]
    rows = [
        [out.cell(e[k]) for k in ("from", "trigger", "to", "by")]
        + [", ".join(g["name"] for g in e["guards"])]
        for e in edges
    ]
    yield "\n" + aligned(("from", "trigger", "to", "by", "guards"), rows)


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
    paths = files or tuple(world.declarations.shipped_workflows())
    found = [_checked(world, path, policies) for path in paths]
    if len(files) == 1:
        out.record(found[0], lambda: _verdict(found[0]))
    elif out.table:
        click.echo("\n".join(_verdict(view) for view in found))
    else:
        out.items(found, ["workflow", "ok"])
    if not all(view["ok"] for view in found):
        ctx.exit(1)


def _checked(world: World, path: Path, policies: Path | None) -> View:
    """What `check --json` prints of a file; a file that cannot be read as a workflow has problems of `schema`."""
    try:
        name = definitions.read_workflow(world, path)[1].name
        report = definitions.check_file(world, path, policies)
    except InvalidDeclaration as error:
        told = error.problems or (error.message,)
        problems: list[View] = [
            {"check": "schema", "message": m, "state": None, "trigger": None, "path": []} for m in told
        ]
        return {"workflow": str(path), "file": str(path), "ok": False, "problems": problems, "people": {}}
    return {"workflow": name, "file": str(path), "ok": report.ok, **_report(report)}


def _report(report: Report) -> View:
    return {
        "problems": [
            {
                "check": problem.check,
                "message": problem.message,
                "state": problem.state,
                "trigger": problem.trigger,
                "path": [{"state": state, "trigger": trigger} for state, trigger in problem.path],
                "size": problem.size,
                "told": problem.told(),
            }
            for problem in report.problems
        ],
        "people": {size: _crew(crew) for size, crew in report.people.items()},
    }


def _crew(crew: Crew) -> View:
    return {
        "fewest": crew.size,
        "roles": [list(roles) for roles in crew.people],
        "documents": crew.documents,
        "signoffs": crew.signoffs,
        "exact": crew.exact,
    }


def _verdict(view: View) -> str:
    problems, people = view["problems"], view["people"]
    passed, failed = marks()
    lines = [f"{passed if view['ok'] else failed} {visible(str(view['workflow']))}"]
    lines += [f"  {visible(str(p.get('told') or p['message']))}" for p in problems]
    lines += [f"  {_needs(size, crew)}" for size, crew in people.items()]
    return "\n".join(lines)


def _needs(size: str, crew: Mapping[str, object]) -> str:
    most = "" if crew["exact"] else " at most"
    return f"{size or 'a case'}: {crew['fewest']} people{most}, {crew['documents']} documents, {crew['signoffs']} sign-offs"


@workflow.command(
    epilog=examples(
        "mofflow workflow list", "mofflow workflow adopt workflows/deliver-project.yaml --dry-run"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@dry_run
@formatted
@with_world
def adopt(world: World, file: Path, dry_run: bool, out: Output) -> None:
    """Put a workflow in force for new cases, once it passes every check. Open cases keep theirs."""
    found = definitions.adopt_workflow(world, file, dry_run=dry_run)
    out.record(adopted_view(found, dry_run), lambda: told_adoption(found, dry_run))


def adopted_view(found: definitions.Adopted, dry_run: bool) -> View:
    """A definition that came into force."""
    return {
        **definition_view(found.definition),
        "touches": list(found.touches),
        "unchanged": found.unchanged,
        "dry_run": dry_run,
    }


def told_adoption(found: definitions.Adopted, dry_run: bool) -> str:
    """The same in words."""
    name = f"{found.definition.name} {found.definition.version}"
    if found.unchanged:
        return f"{name} is in force already."
    touched = f" Open cases that it concerns: {', '.join(found.touches)}." if found.touches else ""
    return f"{name} {'would be' if dry_run else 'is'} in force.{touched}"


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
@with_world
def diagram(world: World, name: str, form: str, size: str | None) -> None:
    """Draw a workflow."""
    from mofflow.formats import diagram as formats

    draw = {"mermaid": formats.mermaid, "dot": formats.dot, "svg": formats.svg}[form]
    click.echo(draw(definitions.workflow_named(world, name), size), nl=False)


@workflow.command(epilog=examples("mofflow workflow diff deliver-project workflows/deliver-project.yaml"))
@click.argument("old", metavar="A", shell_complete=workflows)
@click.argument("new", metavar="B", shell_complete=workflows)
@formatted
@with_world
def diff(world: World, old: str, new: str, out: Output) -> None:
    """What differs between two workflows: each the name of one in force, the beginning of a digest, or a file."""
    from mofflow.cli._diff import differences

    items = list(differences(_either(world, old), _either(world, new)))
    out.items(items, ["change", "what", "name", "before", "after"], none="They are the same.")


def _either(world: World, name: str) -> Workflow:
    path = Path(name)
    if path.suffix in (".yaml", ".yml", ".json") or path.is_file():
        return definitions.read_workflow(world, path)[1]
    return definitions.workflow_named(world, name)
