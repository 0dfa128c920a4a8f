"""Data on stdout: as a table for people, or as JSON, NDJSON or CSV for programs."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from enum import Enum
from pathlib import PurePath
from typing import Any, ParamSpec, TypeVar

import click

from mofflow.cli._session import zone_here
from mofflow.cli._text import aligned, coloured, local, utc, visible

FORMATS = ("table", "json", "ndjson", "csv")
Row = Mapping[str, object]
Column = str | tuple[str, Callable[[Row], object]]  # a key, which is also the heading; or heading and value
P = ParamSpec("P")
R = TypeVar("R")

_FORMULA = tuple(
    "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
)  # wide forms too: what makes a spreadsheet take text for a formula


class Output:
    """The format that was asked for, and how to find the zone in which tables tell times."""

    def __init__(self, form: str = "table", find_zone: Callable[[], tzinfo | None] = lambda: None) -> None:
        self.form = form
        self._find_zone = find_zone

    @functools.cached_property
    def zone(self) -> tzinfo | None:
        """The zone of whoever reads it; None: the system's."""
        return self._find_zone()

    @property
    def table(self) -> bool:
        """Whether it is for a person."""
        return self.form == "table"

    def record(self, data: Row, text: Callable[[], str] | None = None) -> None:
        """One record; `text` makes what a person reads, by default one line for each key."""
        if self.table:
            click.echo(text() if text else self.pairs(data.items()))
        elif self.form == "csv":
            click.echo(_csv([data], list(data)), nl=False)
        else:
            click.echo(json.dumps(plain(data), indent=2 if self.form == "json" else None))

    def items(
        self,
        items: Sequence[Row],
        columns: Sequence[Column],
        *,
        name: str = "items",
        cursor: str | None = None,
        none: str = "None.",
    ) -> None:
        """A list, in JSON called `name`; `none` is what a person reads where it is empty, `cursor` leads on."""
        if self.form == "json":
            click.echo(json.dumps({name: plain(items), "next_cursor": cursor}, indent=2))
            return
        if self.form == "ndjson":
            for item in items:
                click.echo(json.dumps(plain(item)))
        elif self.form == "csv":
            keys = list(items[0]) if items else [c for c in columns if isinstance(c, str)]
            click.echo(_csv(items, keys), nl=False)
        else:
            self.rows(items, columns, none)
        if cursor:
            click.echo(f"There is more: --cursor {cursor}", err=True)

    def rows(self, items: Sequence[Row], columns: Sequence[Column], none: str) -> None:
        """The list as a table."""
        if not items:
            click.echo(none, err=True)
            return
        heads = [c if isinstance(c, str) else c[0] for c in columns]
        cells = [
            [self.cell(item[c] if isinstance(c, str) else c[1](item)) for c in columns] for item in items
        ]
        if coloured():
            from mofflow.cli._tables import draw

            draw(heads, cells)
        else:
            click.echo(aligned(heads, cells))

    def pairs(self, pairs: Iterable[tuple[str, object]]) -> str:
        """One line for each name and value; names are padded to one length."""
        shown = [(name, self.cell(value)) for name, value in pairs]
        longest = max((len(name) for name, _ in shown), default=0)
        return "\n".join(f"{name.ljust(longest)}  {value}".rstrip() for name, value in shown)

    def cell(self, value: object) -> str:
        """A value as a person reads it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return local(value, self.zone)
        if isinstance(value, Mapping):
            return ", ".join(f"{self.cell(k)}: {self.cell(v)}" for k, v in value.items())
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(self.cell(entry) for entry in value)
        return visible(str(plain(value)))


def formatted(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--format` and `--json`; it gets the choice as `out`."""

    @click.option(
        "--format", "form", type=click.Choice(FORMATS), default="table", help="How the result is printed."
    )
    @click.option("--json", "as_json", is_flag=True, help="The same as --format json.", show_default=False)
    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        form, as_json = str(kwargs.pop("form")), kwargs.pop("as_json")
        kwargs["out"] = Output("json" if as_json else form, zone_here)
        return command(*args, **kwargs)

    return call


def plain(value: object) -> Any:  # noqa: ANN401  # JSON
    """The value as JSON has it: times in UTC, sets in order."""
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _csv(items: Iterable[Row], keys: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([_csv_cell(item.get(key)) for key in keys] for item in items)
    return text.getvalue()


def _csv_cell(value: object) -> object:
    """Safe for a spreadsheet: no text begins a formula, and nothing is invisible."""
    found = plain(value)
    if found is None or isinstance(found, int):
        return "" if found is None else json.dumps(found)
    if isinstance(found, list) and all(isinstance(entry, str) for entry in found):
        found = "; ".join(found)
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    text = visible(text, keep="\n")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text
