"""What the tests of the documentation read out of Markdown: fenced blocks, tables that are made, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"```(\w*)\s*")
_DIRECTIVE = re.compile(r"<!-- (.+) -->\s*")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"#+ +(.+?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block. `directive` is the text of the comment on the line before it, else empty; `line` is that of the fence."""

    file: Path
    line: int
    language: str
    directive: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole content."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def place(self) -> str:
        """Where it stands, as `docs/guide-auditor.md:12`."""
        return f"{name_of(self.file)}:{self.line}"


def pages() -> list[Path]:
    """The README, everything under docs/, and the pages beside the README."""
    beside = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    return [*beside, *sorted((ROOT / "docs").rglob("*.md"))]


def manual() -> list[Path]:
    """The pages that tell how to use the program."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    """A page, as seen from the root."""
    return page.relative_to(ROOT).as_posix()


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page, in their order."""
    return tuple(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    directive, before = "", ""
    opened: tuple[int, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if opened and line.rstrip() == "```":
            yield Block(
                file=page, line=opened[0], language=opened[1], directive=directive, lines=tuple(inside)
            )
            opened = None
        elif opened:
            inside.append(line)
        elif fence:
            comment = _DIRECTIVE.fullmatch(before)
            directive, opened, inside = comment.group(1) if comment else "", (number, fence.group(1)), []
        before = line
    assert opened is None, f"{name_of(page)}:{opened}: a block is not closed"


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    kept, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def links(page: Path) -> list[str]:
    """The targets of all links of a page, without those to other sites."""
    found = _LINK.findall(prose(page))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The names by which the headings of a page can be linked to."""
    found = (_HEADING.fullmatch(line) for line in prose(page).splitlines())
    return {_anchor(heading.group(1)) for heading in found if heading}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
