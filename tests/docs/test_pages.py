"""What holds for every page: links lead somewhere, every command is mentioned, and it speaks of the project alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mofflow.cli.main import main
from tests.docs.markdown import anchors, links, manual, name_of, pages

_WORDS = ("session", "sessions", "AI", "agent", "agents", "assistant", "assistants", "farm", "LLM", r"W\d+")
FORBIDDEN = re.compile(rf"(?<![\w-])(?:{'|'.join(_WORDS)})(?![\w-])", re.IGNORECASE)
THIS_MACHINE = re.compile(r"(?<![\w.~$}])/(?:work|root|home|Users|tmp|mnt|opt)(?:/|\b)")


def _commands(group: click.Group = main, before: str = "") -> Iterator[tuple[str, bool]]:
    """(command, whether it is a group)."""
    ctx = click.Context(group, info_name="mofflow")
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        yield f"{before}{name}", isinstance(command, click.Group)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")


COMMANDS = sorted(_commands())


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """To a file, and to a heading in it where one is named."""
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{name_of(page)}: {link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{name_of(page)}: there is no heading for {link}"


def test_every_page_is_reached_from_the_readme() -> None:
    """A page to which nothing links is not found by anybody."""
    reached, waiting = set(), [manual()[0]]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
        waiting += [t for t in targets if t.suffix == ".md" and t not in reached]
    assert not [name_of(page) for page in pages() if page not in reached]


@pytest.mark.parametrize("command", [name for name, group in COMMANDS if not group])
def test_every_command_is_mentioned(command: str) -> None:
    """In the README or in a guide, as it is typed."""
    words = re.escape(command).replace(r"\ ", r"\s+")
    typed = re.compile(rf"(?:mofflow(?:\s+--[a-z-]+\s+\S+)*\s+|`){words}(?![\w-])")
    assert any(typed.search(page.read_text(encoding="utf-8")) for page in manual())


@pytest.mark.parametrize("command", [name for name, _ in COMMANDS])
def test_the_help_of_every_command_works(command: str) -> None:
    """And begins with how it is called."""
    shown = CliRunner().invoke(main, [*command.split(), "--help"], prog_name="mofflow")
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith(f"Usage: mofflow {command} ")


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_speaks_of_the_project_alone(page: Path) -> None:
    """Not of how it came about, nor of a machine that its reader does not have."""
    lines = page.read_text(encoding="utf-8").splitlines()
    hits = [
        f"{name_of(page)}:{number}: {line}"
        for number, line in enumerate(lines, start=1)
        if FORBIDDEN.search(line) or THIS_MACHINE.search(line)
    ]
    assert not hits


@pytest.mark.parametrize(
    ("line", "pattern", "hit"),
    [
        ("comes with W2", FORBIDDEN, True),
        ("an AI wrote it", FORBIDDEN, True),
        ("a session of the board", FORBIDDEN, True),
        ("obsession, agency, aim", FORBIDDEN, False),
        ("see /work/main", THIS_MACHINE, True),
        ("cd /root", THIS_MACHINE, True),
        ("tests/work/here", THIS_MACHINE, False),
    ],
)
def test_the_patterns_find_what_they_are_for(line: str, pattern: re.Pattern[str], hit: bool) -> None:
    """Whole words only."""
    assert bool(pattern.search(line)) is hit
