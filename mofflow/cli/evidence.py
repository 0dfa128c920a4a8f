"""`mofflow evidence`: read what is attached, and print forms for what is missing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import BinaryIO

import click

from mofflow.cli._complete import kinds
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import asker, case_key, examples, page_of, pages, with_world
from mofflow.cli._text import visible
from mofflow.cli._views import View, evidence_view
from mofflow.errors import BadInput, Conflict
from mofflow.services import cases, documents
from mofflow.services.world import World

_SHOWN = 1 << 20  # bytes of a document that are shown in a record; a larger one is saved with --output


@click.group()
def evidence() -> None:
    """Read evidence, and print forms for it."""


@evidence.command(
    "list", epilog=examples("mofflow evidence list P-1", "mofflow evidence list P-1 --format csv")
)
@case_key
@pages
@formatted
@with_world
def listed(world: World, key: str, limit: int, cursor: str | None, out: Output) -> None:
    """The current documents of a case."""
    facts = cases.load(world, key)
    found, after = page_of(facts.case.evidence.values(), limit, cursor)
    items = [{"case": key, **evidence_view(document)} for document in found]
    out.items(
        items,
        [
            "name",
            "version",
            ("digest", lambda item: str(item["digest"])[:12]),
            "size",
            "file",
            "attached",
            "by",
        ],
        cursor=after,
        none=f"{key} has no evidence.",
    )


@evidence.command(
    "get",
    epilog=examples(
        "mofflow evidence get P-1 acceptance_criteria",
        "mofflow evidence get P-1 acceptance_criteria --version 1 --json",
    ),
)
@case_key
@click.argument("kind", shell_complete=kinds)
@click.option("--version", metavar="N", type=click.IntRange(1), help="An earlier version.")
@click.option(
    "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to save it; not over a file."
)
@formatted
@with_world
def get(world: World, key: str, kind: str, version: int | None, output: Path | None, out: Output) -> None:
    """A document as it was attached: to stdout, or into a file.

    KIND may be KIND:KEY, such as site_record:main.
    """
    name, number, stream = documents.open_document(world, key, kind, version)
    with stream:
        if output is not None:
            view: View = {
                "case": key,
                "name": kind,
                "version": number,
                "file": str(output),
                **_saved(stream, output),
            }
            out.record(view, lambda: f"{kind} version {number} of {key} is in {visible(str(output))}.")
        elif out.table:
            sys.stdout.flush()
            shutil.copyfileobj(stream, sys.stdout.buffer)
        else:
            out.record({"case": key, "name": kind, "version": number, "file": name, **_content(stream)})


def _saved(stream: BinaryIO, target: Path) -> View:
    try:
        with target.open("xb") as file:
            try:
                shutil.copyfileobj(stream, file)
                return {"size": file.tell()}
            except BaseException:
                target.unlink()
                raise
    except FileExistsError as error:
        raise Conflict(f"{target} exists already.", "Name another file.") from error
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise BadInput(f"{target} cannot be written: {error.strerror}.", "Name another file.") from error


def _content(stream: BinaryIO) -> View:
    content = stream.read(_SHOWN + 1)
    if len(content) > _SHOWN:
        raise BadInput("The document is too large to be shown in a record.", "Save it with --output FILE.")
    try:
        return {"content": content.decode(), "encoding": "utf-8"}
    except UnicodeDecodeError:
        import base64

        return {"content": base64.b64encode(content).decode(), "encoding": "base64"}


@evidence.command(
    "template",
    epilog=examples(
        "mofflow evidence template business_case", "mofflow evidence template site_record --case P-1"
    ),
)
@click.argument("kind", shell_complete=kinds)
@click.option("--case", "key", metavar="KEY", help="Fill it from this case.")
@formatted
@with_world
def template(world: World, kind: str, key: str | None, out: Output) -> None:
    """A commented form in YAML that fits KIND; fill it in, then attach it."""
    from mofflow.cli._forms import example_without_case, form

    declared, example = documents.template(world, kind, key)
    if not example:
        example = example_without_case(world, declared, asker(world))
    view: View = {
        "kind": declared.name,
        "title": declared.title,
        "purpose": declared.purpose,
        "statement": declared.statement,
        "by": list(declared.by),
        "schema": declared.schema,
        "example": example,
    }
    out.record(view, lambda: form(declared, example))
