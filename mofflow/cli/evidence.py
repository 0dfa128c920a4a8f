"""`mofflow evidence`: read what is attached, and print forms for what is missing."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from mofflow.cli import _forms
from mofflow.cli._complete import kinds
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import Whole, asker, case_key, examples, page_of, pages, with_world
from mofflow.cli._text import visible
from mofflow.cli._views import View, evidence_view
from mofflow.domain.case import Evidence
from mofflow.domain.event import Kind, Outcome
from mofflow.errors import BadInput, Conflict
from mofflow.services import audit, cases, documents
from mofflow.services.ports import HistoryQuery, Recorded
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
    items = [{"case": key, **evidence_view(document), "fields": dict(document.fields)} for document in found]
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
        "mofflow evidence get P-1 acceptance_criteria --fields",
        "mofflow evidence get P-1 acceptance_criteria --version 1 --json",
    ),
)
@case_key
@click.argument("kind", shell_complete=kinds)
@click.option("--version", metavar="N", type=Whole(1), help="An earlier version.")
@click.option(
    "--fields", "fields_only", is_flag=True, show_default=False, help="Its fields as YAML, not the file."
)
@click.option(
    "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to save it; not over a file."
)
@formatted
@with_world
def get(
    world: World,
    key: str,
    kind: str,
    version: int | None,
    fields_only: bool,
    output: Path | None,
    out: Output,
) -> None:
    """A document as it was attached: to stdout, or into a file.

    KIND may be KIND:KEY, such as site_record:main. A file that was attached with fields of its own is one half of the
    document: --fields shows the other. Sign-offs bind to both, by the seal that --json tells.
    """
    if fields_only and output is not None:
        raise BadInput("--fields and --output ask for two things.", "Give one of them.")
    name, number, stream = documents.open_document(world, key, kind, version)
    with stream:
        view = _document(world, key, kind, number)
        if fields_only:
            out.record(view, lambda: _forms.fields_as_yaml(view["fields"] or {}))
        elif output is not None:
            view |= {"file": str(output), **_saved(stream, output)}
            out.record(view, lambda: f"{kind} version {number} of {key} is in {visible(str(output))}.")
        elif out.table:
            sys.stdout.flush()
            shutil.copyfileobj(stream, sys.stdout.buffer)
        else:
            out.record({**view, "file": name, **_content(stream)})


def _document(world: World, key: str, kind: str, number: int) -> View:
    """What was recorded of a version: digest of the file, fields, and the seal over both."""
    facts = cases.load(world, key)
    now = documents.current(facts.case.evidence, kind, key)
    view: View = {"case": key, "name": kind, "version": number}
    if now.version == number:
        return {**view, "file": now.name, "digest": now.digest, "seal": now.seal, "fields": dict(now.fields)}
    act = next(r.event.act for r in _attachings(world, key) if _is(r.event.act.data, now, number))
    fields = json.loads(act.texts["fields"]) if "fields" in act.texts else None  # None: erased
    return {
        **view,
        "file": act.texts.get("name", kind),
        "digest": act.data["digest"],
        "seal": act.data["seal"],
        "fields": fields,
    }


def _is(data: Mapping[str, object], document: Evidence, number: int) -> bool:
    wanted = (document.kind, document.key, number)
    return (data.get("kind"), data.get("key"), data.get("version")) == wanted


def _attachings(world: World, key: str) -> Iterator[Recorded]:
    query = HistoryQuery(case=key, kind=Kind.EVIDENCE, outcome=Outcome.DONE, limit=1000)
    while True:
        page = audit.history(world, query)
        yield from page.items
        if page.next_cursor is None:
            return
        query = replace(query, after=page.next_cursor)


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
        raise BadInput(
            "The document is too large to be shown in a record.",
            "Save it with --output FILE, or read --fields.",
        )
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
    declared, example = documents.template(world, kind, key)
    if not example:
        example = _forms.example_without_case(world, declared, asker(world))
    view: View = {
        "kind": declared.name,
        "title": declared.title,
        "purpose": declared.purpose,
        "statement": declared.statement,
        "by": list(declared.by),
        "schema": declared.schema,
        "example": example,
    }
    out.record(view, lambda: _forms.form(declared, example))
