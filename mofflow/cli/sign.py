"""`mofflow sign` and `mofflow withdraw`."""

from __future__ import annotations

import click

from mofflow.cli._complete import roles, signoffs
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, dry_run, examples, with_world
from mofflow.cli._signing import refused
from mofflow.cli._text import visible
from mofflow.cli._views import View, act_view, change_view, evidence_view
from mofflow.domain.case import Verdict
from mofflow.errors import BadInput
from mofflow.services import signoffs as service
from mofflow.services.signoffs import Signed, SignRefusal
from mofflow.services.world import World


@click.command(
    epilog=examples(
        "mofflow why P-2", "mofflow --as carla sign P-2 vision --comment 'As we agreed' --dry-run"
    )
)
@case_key
@click.argument("signoff", required=False, shell_complete=signoffs)
@click.option(
    "--all", "everything", is_flag=True, show_default=False, help="Everything on the case that waits for me."
)
@click.option(
    "--role", metavar="ROLE", shell_complete=roles, help="The role to sign in, where you have several."
)
@click.option("--reject", is_flag=True, show_default=False, help="Reject instead of approving.")
@click.option(
    "--comment", metavar="TEXT", default="", show_default=False, help="What you want to say with it."
)
@dry_run
@formatted
@with_world
def sign(  # noqa: PLR0913, PLR0917  # one for each option
    world: World,
    key: str,
    signoff: str | None,
    everything: bool,
    role: str | None,
    reject: bool,
    comment: str,
    dry_run: bool,
    out: Output,
) -> None:
    """Give a sign-off, or reject.

    SIGNOFF is the name of a set, or SET:VALUE where it is given for each of something, such as site:main. It binds to
    the documents that the set covers, each by the seal over its file and its fields, and lapses when one of them
    changes. With --dry-run these are shown, and nothing is signed; `mofflow evidence get` shows what is in them.
    """
    if (signoff is None) != everything:
        raise BadInput(
            "Say what to sign.", "Name one sign-off, or give --all for everything that waits for you."
        )
    names = (signoff,) if signoff is not None else ()
    verdict = Verdict.REJECT if reject else Verdict.APPROVE
    found = service.sign(world, key, names, role=role, verdict=verdict, comment=comment, dry_run=dry_run)
    if isinstance(found, SignRefusal):
        raise refused(world, found)
    view: View = {
        "case": key,
        "version": found[-1].written.case.version,
        "signoffs": [_signed(one) for one in found],
        "dry_run": dry_run,
    }
    out.record(view, lambda: "\n".join(_told(one, out, dry_run) for one in found))


def _signed(one: Signed) -> View:
    return {
        "name": one.name,
        "role": one.role,
        "verdict": one.verdict,
        "documents": [evidence_view(document) for document in one.documents],
        **act_view(one.written.event, one.written.recorded),
    }


def _told(one: Signed, out: Output, dry_run: bool) -> str:
    lines = [
        f"  {d['name']} version {d['version']}, SHA-256 {d['digest']}, seal {d['seal'][:12]}"
        for d in map(evidence_view, one.documents)
    ]
    does = f"would {one.verdict.value}" if dry_run else f"{one.verdict.value}s"
    event = one.written.event
    behalf = f" for {event.act.acting_for}" if event.act.acting_for else ""
    told = f"{event.actor}{behalf} {does} {visible(one.name)} as {one.role}, {out.cell(event.at)}."
    return "\n".join([*lines, told])


@click.command(
    epilog=examples(
        "mofflow --as carla sign P-2 vision",
        "mofflow --as carla withdraw P-2 vision --reason 'The costs changed'",
    )
)
@case_key
@click.argument("signoff", shell_complete=signoffs)
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@dry_run
@formatted
@with_world
def withdraw(world: World, key: str, signoff: str, reason: str, dry_run: bool, out: Output) -> None:
    """Take one's own sign-off back.

    The history keeps both, the sign-off and its withdrawal.
    """
    view = {**change_view(service.withdraw(world, key, signoff, reason, dry_run=dry_run)), "name": signoff}
    would = "would be" if dry_run else "is"
    out.record(view, lambda: f"{view['actor']}'s sign-off of {visible(signoff)} on {key} {would} withdrawn.")
