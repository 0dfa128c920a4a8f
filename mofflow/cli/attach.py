"""`mofflow attach`: add or replace evidence."""

from __future__ import annotations

from pathlib import Path

import click

from mofflow.cli._complete import kinds
from mofflow.cli._documents import drafts
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, dry_run, examples, with_world
from mofflow.cli._text import aligned
from mofflow.cli._views import View, evidence_view
from mofflow.services import documents
from mofflow.services.world import World


@click.command(
    epilog=examples(
        "mofflow evidence template vision_scope",
        """mofflow --as sofia attach P-2 vision_scope --set vision='Faster' --set 'in_scope=["orders"]' --dry-run""",
    )
)
@case_key
@click.argument("kind", required=False, shell_complete=kinds)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "given", metavar="FIELD=VALUE", multiple=True, help="A field of the document; may be repeated."
)
@click.option(
    "--from",
    "source",
    metavar="YAML",
    type=click.Path(path_type=Path),
    help="A file of fields; without KIND a bundle of several kinds (kind: fields).",
)
@dry_run
@formatted
@with_world
def attach(
    world: World,
    key: str,
    kind: str | None,
    file: Path | None,
    given: tuple[str, ...],
    source: Path | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Add or replace evidence.

    FILE is YAML or JSON that holds the fields of KIND; with --set or --from, which give the fields, it may be any
    file. The file goes into the evidence store under its SHA-256 digest. Sign-offs that cover the document lapse
    where its content changes.
    """
    after, names = documents.attach(world, key, drafts(world, kind, file, given, source), dry_run=dry_run)
    case = after.case
    view: View = {
        "case": case.key,
        "version": case.version,
        "evidence": [evidence_view(case.evidence[name]) for name in names],
        "dry_run": dry_run,
    }
    out.record(view, lambda: _told(view, out))


def _told(view: View, out: Output) -> str:
    items = view["evidence"]
    heads = ("name", "version", "size", "digest")
    would = "Would attach to" if view["dry_run"] else "Attached to"
    table = aligned(heads, [[out.cell(item[head]) for head in heads] for item in items])
    return f"{would} {view['case']}, version {view['version']}:\n{table}"
