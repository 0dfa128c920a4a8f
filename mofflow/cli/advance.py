"""`mofflow advance`: fire a trigger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from mofflow.cli._answers import Telling, told_refusals
from mofflow.cli._complete import triggers
from mofflow.cli._documents import drafts_of
from mofflow.cli._errors import Refused
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import Whole, asker, case_key, dry_run, examples, with_world
from mofflow.cli._values import file_data, loosely
from mofflow.cli._views import View
from mofflow.errors import BadInput
from mofflow.services import cases
from mofflow.services.cases import Advanced, Refusal
from mofflow.services.documents import Draft
from mofflow.services.world import World

_DOCUMENTS = "documents"
_LONGEST_ID = 200  # characters of a request id


@click.command(
    epilog=examples(
        "mofflow why P-2",
        "mofflow --as sofia advance P-2 hold --reason 'Budget is frozen' --set review_date=2099-01-15 --dry-run",
    )
)
@case_key
@click.argument("trigger", shell_complete=triggers)
@click.option(
    "--set", "given", metavar="FIELD=VALUE", multiple=True, help="An input of the trigger; may be repeated."
)
@click.option(
    "--from",
    "source",
    metavar="YAML",
    type=click.Path(path_type=Path),
    help="A file of inputs; under `documents` it may hold evidence to attach along with it (kind: fields).",
)
@click.option("--reason", metavar="TEXT", help="The same as --set reason=TEXT.")
@click.option("--expect-version", metavar="N", type=Whole(1), help="Only if the case is at this version.")
@click.option(
    "--request-id", metavar="ID", help="The same id again gives the first result, and changes nothing."
)
@dry_run
@formatted
@with_world
def advance(  # noqa: PLR0913, PLR0917  # one for each option
    world: World,
    key: str,
    trigger: str,
    given: tuple[str, ...],
    source: Path | None,
    reason: str | None,
    expect_version: int | None,
    request_id: str | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Fire a trigger.

    The inputs that TRIGGER needs, and what stands against it, are told by `mofflow why KEY TRIGGER`.
    """
    if request_id is not None:
        _require_request_id(request_id)
    inputs, documents = _inputs(given, source, reason)
    found = cases.advance(
        world,
        key,
        trigger,
        inputs=inputs,
        documents=documents,
        expect_version=expect_version,
        request_id=request_id,
        dry_run=dry_run,
    )
    if isinstance(found, Refusal):
        raise _refused(world, found, out)
    view = advanced_view(found)
    if found.repeated:
        click.echo(f"The request {request_id} was served before; nothing was changed.", err=True)
    out.record(view, lambda: _told(view, out))


def _require_request_id(text: str) -> None:
    """BadInput for what two callers could write differently, or what cannot be told apart when it is shown."""
    if not (text.isascii() and text.isprintable() and 1 <= len(text) <= _LONGEST_ID):
        raise BadInput(
            f"--request-id is 1 to {_LONGEST_ID} printable ASCII characters.",
            "Make one for each request, such as a UUID, and leave it out where you need none.",
        )


def _inputs(
    given: tuple[str, ...], source: Path | None, reason: str | None
) -> tuple[dict[str, object], tuple[Draft, ...]]:
    inputs = file_data(source) if source else {}
    bundle = inputs.pop(_DOCUMENTS, None)
    inputs |= loosely(given)
    if reason is not None:
        if "reason" in inputs:
            raise BadInput("The reason is given twice.", "Give it once, with --reason.")
        inputs["reason"] = reason
    if bundle is None:
        return inputs, ()
    if not isinstance(bundle, Mapping):
        raise BadInput(
            "`documents` in the file of inputs is no mapping.", "Write: documents: {KIND: {FIELD: VALUE}}"
        )
    return inputs, drafts_of(bundle)


def _refused(world: World, found: Refusal, out: Output) -> Refused:
    refused = found.refused
    telling = Telling(found.facts, asker(world), (found.answer,))
    refusals = telling.refusals(j for j in refused.judged if not j.passed)
    told = told_refusals(refusals, out.zone) if out.table else ""
    return Refused(refused.message, refused.hint, refusals, permitted=refused.permitted, told=told)


def advanced_view(found: Advanced) -> View:
    """What `advance --json` prints; `event` is the hash of the event, null on a dry run."""
    event = found.event
    return {
        "case": event.case,
        "trigger": event.act.trigger,
        "from": event.act.source,
        "to": event.act.target,
        "version": found.version,
        "event": found.hash,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "request_id": event.request_id,
        "obligations": list(found.obligations),
        "dry_run": found.hash is None,
    }


def _told(view: View, out: Output) -> str:
    would = "would go" if view["dry_run"] else "went"
    told = f"{view['case']} {would} from {view['from']} to {view['to']} ({view['trigger']}), version {view['version']}."
    duties = out.cell(view["obligations"])
    return told + (
        f"\nIt leaves duties: {duties}. See: mofflow obligation list {view['case']}" if duties else ""
    )
