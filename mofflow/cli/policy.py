"""`mofflow policy`: the rules that hold across workflows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from mofflow.cli._declared import adopted_view, told_adoption
from mofflow.cli._output import Output, formatted, plain
from mofflow.cli._session import dry_run, examples, page_of, pages, with_world
from mofflow.cli._text import visible
from mofflow.errors import InvalidDeclaration, NotFound, nearest
from mofflow.services import definitions
from mofflow.services.ports import Definition
from mofflow.services.world import World

View = dict[str, Any]


@click.group()
def policy() -> None:
    """Policies: check, adopt, JSON Schemas."""


def _folder(world: World, name: Path | None) -> Path:
    """The folder of that name; `shipped`, or none at all, is the one that comes with mofflow."""
    return world.declarations.shipped_policies() if name is None or str(name) == "shipped" else name


def _in_force(world: World) -> Definition:
    return next(d for d in reversed(definitions.listed(world, "policy")) if d.in_force)


def _files(found: Definition) -> Iterator[tuple[str, View]]:
    """(file name without its ending, content) of each file of the set in force."""
    content: Mapping[str, Any] = found.content  # checked when it was adopted
    yield from content.items()


@policy.command("list", epilog=examples("mofflow policy list", "mofflow policy list --json"))
@pages
@formatted
@with_world
def listed(world: World, limit: int, cursor: str | None, out: Output) -> None:
    """The policies in force: whose each is, and when it is due to be looked at again.

    What each says is shown by `mofflow policy show NAME`.
    """
    found = _in_force(world)
    items: list[View] = [
        {
            "name": name,
            "policy": content["policy"],
            "statement": content["statement"],
            "owner": content["owner"],
            "agreed_by": content["agreed_by"],
            "review_after": content["review_after"],
            "rules": len(_rules(content)),
            "digest": found.digest,
            "adopted_at": found.adopted_at,
            "adopted_by": found.adopted_by,
        }
        for name, content in _files(found)
    ]
    shown, after = page_of(items, limit, cursor)
    out.items(shown, ["name", "policy", "owner", "review_after", "rules"], cursor=after)


def _rules(content: Mapping[str, Any]) -> Mapping[str, object]:
    """The rules by name; a list of rules is numbered."""
    rules = content["rules"]
    if isinstance(rules, Mapping):
        return rules
    return {str(number): rule for number, rule in enumerate(rules, start=1)}


@policy.command(epilog=examples("mofflow policy show roles", "mofflow policy show signoffs --json"))
@click.argument("name")
@formatted
@with_world
def show(world: World, name: str, out: Output) -> None:
    """The rules of a policy: NAME is a file (evidence-build) or a kind (evidence)."""
    found = _in_force(world)
    files = [(file, content) for file, content in _files(found) if name in (file, content["policy"])]
    if not files:
        names = sorted({n for file, content in _files(found) for n in (file, str(content["policy"]))})
        raise NotFound(
            f"There is no policy {name!r}{nearest(name, names)}.", f"There are: {', '.join(names)}."
        )
    view: View = {
        "name": name,
        "digest": found.digest,
        "files": [{"name": file, **content} for file, content in files],
    }
    out.record(view, lambda: "\n\n".join(_told(file, content, out) for file, content in files))


def _told(file: str, content: Mapping[str, object], out: Output) -> str:
    lines = [f"{file}: {visible(' '.join(str(content['statement']).split()))}", ""]
    return "\n".join(lines) + out.pairs((name, _short(rule)) for name, rule in _rules(content).items())


def _short(rule: object) -> object:
    """A rule without what only programs read."""
    if isinstance(rule, Mapping):
        return {name: inner for name, inner in rule.items() if name not in ("example", "fields", "optional")}
    return rule


@policy.command(epilog=examples("mofflow policy check", "mofflow policy check --json"))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@formatted
@with_world
@click.pass_context
def check(ctx: click.Context, world: World, folder: Path | None, out: Output) -> None:
    """Check policy files, and the shipped workflows under them; without DIR, the shipped ones.

    Exit code 1 if a workflow does not pass under them. No database is needed.
    """
    chosen = _folder(world, folder)
    _, policies = definitions.read_policies(world, chosen)
    problems = [
        f"{path.name}: {p}"
        for path in world.declarations.shipped_workflows()
        for p in _problems(world, path, chosen)
    ]
    view: View = {"folder": str(chosen), "digest": policies.digest, "ok": not problems, "problems": problems}
    told = "They can be adopted." if not problems else "\n".join(visible(p) for p in problems)
    out.record(view, lambda: f"{visible(str(chosen))} ({policies.digest[:12]})\n{told}")
    if problems:
        ctx.exit(1)


def _problems(world: World, path: Path, folder: Path) -> Iterator[str]:
    try:
        yield from (problem.told() for problem in definitions.check_file(world, path, folder).problems)
    except InvalidDeclaration as error:
        yield from error.problems or (error.message,)


@policy.command(epilog=examples("mofflow policy adopt shipped --dry-run"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@dry_run
@formatted
@with_world
def adopt(world: World, folder: Path, dry_run: bool, out: Output) -> None:
    """Put a folder of policies in force, for open cases too; every workflow in force must pass under them.

    DIR is a folder, or `shipped` for the policies that come with mofflow.
    """
    found = definitions.adopt_policies(world, _folder(world, folder), dry_run=dry_run)
    out.record(adopted_view(found, dry_run), lambda: told_adoption(found, dry_run))


@policy.command(epilog=examples("mofflow policy schema evidence", "mofflow policy schema workflow"))
@click.argument("kind")
@formatted
def schema(kind: str, out: Output) -> None:
    """The JSON Schema of policy files of a KIND, or of `workflow` files; an editor can complete them by it.

    It is printed as JSON, unless --format says otherwise.
    """
    from mofflow.declarations.files import DeclarationFiles

    found = DeclarationFiles().schema(kind)
    out.record(found, lambda: json.dumps(plain(found), indent=2))
