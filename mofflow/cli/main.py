"""The command `mofflow`: global options, and the table of all commands."""

from __future__ import annotations

import os

import click

from mofflow import __version__
from mofflow.cli._lazy import Root

_DAILY = {
    "show": ("mofflow.cli.show:show", "Where a case stands: state, people, evidence, sign-offs, duties."),
    "why": (
        "mofflow.cli.why:why",
        "What can happen next, what stands against it, and the commands that help.",
    ),
    "advance": ("mofflow.cli.advance:advance", "Fire a trigger."),
    "attach": ("mofflow.cli.attach:attach", "Add or replace evidence."),
    "evidence": ("mofflow.cli.evidence:evidence", "Read evidence, and print forms for it."),
    "sign": ("mofflow.cli.sign:sign", "Give a sign-off, or reject."),
    "withdraw": ("mofflow.cli.sign:withdraw", "Take one's own sign-off back."),
    "assign": ("mofflow.cli.staffing:assign", "Staff a role of a case."),
    "unassign": ("mofflow.cli.staffing:unassign", "End an assignment."),
    "set": ("mofflow.cli.fields:set_fields", "Set declared fields of a case."),
    "waive": ("mofflow.cli.remarks:waive", "Let a waivable guard count as passed for a while."),
    "note": ("mofflow.cli.remarks:note", "Put a remark into the history."),
    "obligation": ("mofflow.cli.obligation:obligation", "Dated duties: list and settle them."),
    "history": ("mofflow.cli.history:history", "Who did what, when, and by which rules."),
    "find": ("mofflow.cli.history:find", "Search titles, evidence and remarks."),
}
_NOUNS = {
    "project": ("mofflow.cli.project:project", "Projects: create, list, board."),
    "person": ("mofflow.cli.person:person", "People, roles and delegations."),
    "workflow": ("mofflow.cli.workflow:workflow", "Workflows: check, adopt, draw, compare."),
    "policy": ("mofflow.cli.policy:policy", "Policies: check, adopt, JSON Schemas."),
    "audit": ("mofflow.cli.audit:audit", "What an auditor asks."),
    "db": ("mofflow.cli.database:database", "The database: upgrade, status, backup."),
}
_START = {
    "init": ("mofflow.cli.init:init", "Make a database, with its first people and the shipped rules."),
    "demo": (
        "mofflow.cli.demo:demo",
        "Drive a real project, the Debian 12 release, through its whole life.",
    ),
    "completion": ("mofflow.cli.completion:completion", "Print the completion script of a shell."),
    "version": ("mofflow.cli.version:version", "Tell the version."),
}


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"mofflow {__version__}")
        ctx.exit()


@click.group(
    cls=Root,
    table={"Daily work": _DAILY, "What there is": _NOUNS, "Setting up": _START},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110, "show_default": True},
    epilog="Every command has --help with examples. What goes to stdout is data; the rest goes to stderr.",
)
@click.option(
    "--database",
    metavar="URL",
    envvar="MOFFLOW_DATABASE",
    show_envvar=True,
    help="sqlite:///FILE; a file in your data folder where nothing is said.",
)
@click.option(
    "--as",
    "actor",
    metavar="PERSON",
    envvar="MOFFLOW_ACTOR",
    show_envvar=True,
    help="Act as this person; for administrators, and recorded. Otherwise your account tells who you are.",
)
@click.option(
    "--now",
    metavar="TIMESTAMP",
    envvar="MOFFLOW_NOW",
    show_envvar=True,
    help="Decide by this time (ISO 8601 with zone), in a database that was made for stated time.",
)
@click.option(
    "--log-level",
    type=click.Choice(("debug", "info", "warning", "error")),
    default="warning",
    envvar="MOFFLOW_LOG_LEVEL",
    show_envvar=True,
    help="What is logged to stderr.",
)
@click.option(
    "--log-format",
    type=click.Choice(("console", "json")),
    default="console",
    envvar="MOFFLOW_LOG_FORMAT",
    show_envvar=True,
    help="How it is logged.",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Tell the version."
)
@click.pass_context
def main(
    ctx: click.Context,
    database: str | None,
    actor: str | None,
    now: str | None,
    log_level: str,
    log_format: str,
) -> None:
    """Governed IT projects: every gate asks for its evidence and sign-offs, and says what is missing."""
    from mofflow.logs import Log
    from mofflow.settings import read

    ctx.obj = read(
        os.environ, database=database, actor=actor, now=now, log_level=log_level, log_format=log_format
    )
    told = {"command": ctx.invoked_subcommand, "account": ctx.obj.account, "database": str(ctx.obj.path)}
    Log(log_level, log_format).debug("command.called", "A command was called.", **told, version=__version__)
