"""`mofflow demo`: a real project, from its proposal to its end, in a database of its own."""

from __future__ import annotations

import shlex
import shutil
import tempfile
import textwrap
from pathlib import Path

import click

from mofflow.cli._story import Line, Story
from mofflow.cli._text import coloured, visible
from mofflow.errors import Conflict
from mofflow.settings import Settings

_EXPLORE = (
    "mofflow show P-1",
    "mofflow history P-1 --outcome refused",
    "mofflow audit findings",
    "mofflow obligation list",
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
    story, teller = Story(path, settings.account), _Teller()
    teller.title(f"{story.data['title']}: a project under mofflow")
    for line in story.play():
        teller.tell(line)
    teller.title("Look at it yourself")
    teller.say(f"  export MOFFLOW_DATABASE={shlex.quote(f'sqlite:///{path.absolute()}')}")
    for command in _EXPLORE:
        teller.say(f"  {command}")


class _Teller:
    """Tells lines: with rich on a terminal, plain otherwise."""

    def __init__(self) -> None:
        self._console = None
        self._width = min(100, shutil.get_terminal_size((100, 24)).columns)
        if coloured():
            from rich.console import Console  # only where it can be seen

            self._console = Console(highlight=False)

    def say(self, text: str, style: str = "") -> None:
        """One line, or a paragraph."""
        if self._console is None:
            click.echo(text)
        else:
            from rich.text import Text

            self._console.print(Text(text, style=style))

    def title(self, text: str) -> None:
        """A heading."""
        self.say("")
        self.say(text, "bold")

    def tell(self, line: Line) -> None:
        """A line of the story."""
        if line.kind == "stage":
            self.title(line.text)
        elif line.kind == "say":
            self.say(
                textwrap.fill(line.text, self._width, initial_indent="  ", subsequent_indent="  "), "italic"
            )
        elif line.kind == "reason":
            self.say(" " * 24 + visible(line.text), "yellow")
        else:
            when = f"{line.at:%Y-%m-%d}" if line.at else ""
            self.say(
                f"  {when}  {line.actor:8} {visible(line.text)}", "red" if line.kind == "refused" else ""
            )
