"""Text for people: nothing in it steers the terminal, columns stay aligned, times are told in a zone of theirs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_JOINERS = "\u200c\u200d"  # scripts and emoji need them; every other invisible character is shown escaped


def visible(text: str, keep: str = "") -> str:
    """The text with control characters, bidirectional marks and other invisible ones shown as escapes.

    Those in `keep` (a line break, say) stay.
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or c.isprintable() or _harmless(c) else _escaped(c) for c in text)


def _harmless(character: str) -> bool:
    import unicodedata

    return character in _JOINERS or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    code = ord(character)
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if character in named:
        return named[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """How many columns a terminal gives it."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(character: str) -> int:
    import unicodedata

    if unicodedata.combining(character) or character in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns two spaces apart, without trailing blanks; empty where there are no rows."""
    table = [list(heads), *map(list, rows)]
    widths = [max(width(row[place]) for row in table) for place in range(len(heads))]
    lines = ("  ".join(cell + " " * (widths[n] - width(cell)) for n, cell in enumerate(row)) for row in table)
    return "\n".join(line.rstrip() for line in lines)


def local(moment: datetime, zone: tzinfo | None) -> str:
    """A time to the minute in `zone` (None: that of the system), with its name."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def utc(moment: datetime) -> str:
    """A time for programs: ISO 8601 in UTC, as the history writes it, so that texts sort like times."""
    from mofflow.domain.ledger import utc_text

    return utc_text(moment)


def zone_of(name: str) -> tzinfo | None:
    """The zone of that name; None, so that the system's is taken, where there is none."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):  # an unknown name is a KeyError
        return None


def coloured() -> bool:
    """Whether stdout is a terminal that may show colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def marks() -> tuple[str, str]:
    """The signs for passed and failed that stdout can write."""
    try:
        "✓✗".encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return "+", "-"
    return "✓", "✗"
