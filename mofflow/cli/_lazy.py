"""Groups whose commands are imported only when they are called: their names and short helps stand in tables."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from mofflow.cli._errors import guarded
from mofflow.errors import nearest

Table = Mapping[str, Mapping[str, tuple[str, str]]]  # heading -> name -> ("module:attribute", short help)


class Lazy(click.Group):
    """A group over such a table."""

    def __init__(self, *, table: Table, **settings: Any) -> None:  # noqa: ANN401  # those of click.Group
        super().__init__(**settings)
        self.table = table
        self._places = {name: entry[0] for section in table.values() for name, entry in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        if cmd_name not in self._places:
            return None
        from importlib import import_module

        module, _, attribute = self._places[cmd_name].partition(":")
        found = getattr(import_module(module), attribute)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first argument; the nearest name helps where there is none."""
        name = args[0]
        if name not in self._places and not name.startswith("-"):
            raise click.UsageError(f"There is no command {name!r}{nearest(name, list(self._places))}.", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table as it stands: nothing is imported."""
        longest = max(map(len, self._places))
        for heading, section in self.table.items():
            rows = [(name.ljust(longest), short) for name, (_, short) in section.items()]
            with formatter.section(heading):
                formatter.write_dl(rows)


class Root(Lazy):
    """The program: every error becomes an exit code here, whoever calls it."""

    def main(  # type: ignore[override]  # it always ends the process, as click's own does in standalone mode
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        **extra: Any,  # noqa: ANN401  # those of click.Context
    ) -> None:
        """Run the command of these arguments (default: those of the process), then exit with its code."""
        name = prog_name or "mofflow"
        if complete_var or os.environ.get("_MOFFLOW_COMPLETE"):
            self._main_shell_completion(extra, name, complete_var)
        given = list(sys.argv[1:] if args is None else args)
        _open_streams()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        sys.exit(guarded(lambda: self._run(name, given, extra), given))

    def _run(self, name: str, args: list[str], extra: Mapping[str, Any]) -> object:
        for place, word in enumerate(args, start=1):
            if not word.isascii() and any("\ud800" <= c <= "\udfff" for c in word):
                raise click.UsageError(f"Argument {place} is not valid UTF-8.")
        with self.make_context(name, args, **extra) as ctx:
            return self.invoke(ctx)


def _open_streams() -> None:
    """Where the caller closed a standard stream it leads nowhere: what is said goes unread, and nothing else gets its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # open as long as the process
