"""`mofflow version`."""

from __future__ import annotations

import platform

import click

from mofflow import __version__
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import examples


@click.command(epilog=examples("mofflow version", "mofflow version --json"))
@formatted
def version(out: Output) -> None:
    """Tell the version."""
    view = {"version": __version__, "python": platform.python_version()}
    out.record(view, lambda: f"mofflow {__version__}, Python {view['python']}")
