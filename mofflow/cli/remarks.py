"""`mofflow note` and `mofflow waive`."""

from __future__ import annotations

import click

from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, dry_run, examples, with_world
from mofflow.cli._text import local, visible
from mofflow.cli._values import end_of
from mofflow.cli._views import change_view
from mofflow.services import remarks
from mofflow.services.world import World


@click.command(epilog=examples("mofflow note P-1 'Asked the supplier for a date' --dry-run"))
@case_key
@click.argument("text")
@dry_run
@formatted
@with_world
def note(world: World, key: str, text: str, dry_run: bool, out: Output) -> None:
    """Put a remark into the history."""
    written = remarks.note(world, key, text, dry_run=dry_run)
    view = {**change_view(written), "seq": written.event.seq, "text": text}
    would = "would stand" if dry_run else "stands"
    out.record(view, lambda: f"The remark {would} in the history of {key}, number {view['seq']}.")


@click.command(
    epilog=examples(
        "mofflow project create 'New portal' --key P-TRIAL",
        "mofflow --as sofia waive P-TRIAL go.support_handover --reason 'Training is booked' --until P14D --dry-run",
    )
)
@case_key
@click.argument("guard")
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@click.option(
    "--until",
    metavar="DATE",
    required=True,
    help="To the end of this day in the organisation's zone, to this time, or for so long (P14D).",
)
@dry_run
@formatted
@with_world
def waive(world: World, key: str, guard: str, reason: str, until: str, dry_run: bool, out: Output) -> None:
    """Let a waivable guard count as passed for a while.

    Only a guard that its workflow marks waivable can be waived, by the role named there; it always leaves a finding.
    """
    end = end_of(until, "--until", world)
    written = remarks.waive(world, key, guard, reason=reason, until=end, dry_run=dry_run)
    view = {**change_view(written), "guard": guard, "until": end, "reason": reason}
    would = "would count" if dry_run else "counts"
    out.record(
        view,
        lambda: (
            f"{visible(guard)} of {key} {would} as passed until {local(end, out.zone)}: a finding WAIVED_GUARD."
        ),
    )
