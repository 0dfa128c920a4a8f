"""`mofflow demo`: a real project, from its proposal to its end, in a database of its own."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path

import click

from mofflow.cli._story import Line, Story
from mofflow.cli._text import coloured, local, visible
from mofflow.errors import Conflict
from mofflow.settings import Settings

_EXPLORE = (
    "mofflow show P-1",
    "mofflow history P-1 --outcome refused",
    "mofflow audit findings",
    "mofflow why P-2",
    "mofflow --as carla sign P-2 vision",
    "mofflow --as sofia advance P-2 approve",
)


@click.command(
    epilog="""\b
Examples:
  mofflow demo
  mofflow demo --output demo.db
"""
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="The database to make; default: in a temporary folder."
)
@click.pass_obj
def demo(settings: Settings, output: Path | None) -> None:
    """Drive a real project, the Debian 12 release, through its whole life.

    In stated time and in a database of its own, by what every command calls. It ends with commands to explore it.
    """
    path = output or Path(tempfile.mkdtemp(prefix="mofflow-demo-")) / "demo.db"
    if path.exists():
        raise Conflict(f"{path} exists already.", "Name another file with --output.")
    story = Story(path, settings.account)
    click.echo(_title(f"{story.data['title']}: a project under mofflow"))
    for line in story.play():
        click.echo(_told(line))
    click.echo(_title("Look at it yourself"))
    click.echo(f"  export MOFFLOW_DATABASE={shlex.quote(f'sqlite:///{path.absolute()}')}")
    for command in _EXPLORE:
        click.echo(f"  {command}")


def _title(text: str) -> str:
    return "\n" + _styled(text, bold=True)


def _told(line: Line) -> str:
    if line.kind == "stage":
        return _title(line.text)
    if line.kind == "say":
        return _wrapped(line.text)
    if line.kind == "reason":
        return _styled(f"                              {visible(line.text)}", fg="yellow")
    when = local(line.at, line.at.tzinfo)[:10] if line.at else ""
    text = f"  {when}  {line.actor:8} {visible(line.text)}"
    return _styled(text, fg="red") if line.kind == "refused" else text


def _wrapped(text: str) -> str:
    import textwrap

    return _styled(textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="  "), italic=True)


def _styled(text: str, **style: object) -> str:
    return click.style(text, **style) if coloured() else text  # type: ignore[arg-type]  # click's own words
