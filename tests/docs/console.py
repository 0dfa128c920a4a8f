"""Runs the `console` blocks of a page as a reader would: one bash, an empty environment, an empty home.

    $ a command            lines of the kind `> more` go on with it
    what it prints         `...` stands for anything within a line, a line `...` for any number of lines
    $ another  # exit 1    a code other than 0 is told

Blocks before which `<!-- file NAME -->` stands are written into the working folder when their turn comes. The working folder
also holds `workflows/` and `policies/`, as a checkout does. Times are UTC. Runs of spaces count as one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.markdown import ROOT, Block, blocks, name_of

_MARK = "-- end of example"
_EXIT = re.compile(r"\s# exit (\d+)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One command with what it is said to do, or a file to write (then `command` is its name, and `file` is true)."""

    place: str
    command: str
    code: int = 0
    expected: tuple[str, ...] = ()
    file: bool = False


def examples(page: Path) -> list[Example]:
    """All examples of a page, in their order."""
    return list(_examples(blocks(page)))


def _examples(found: Iterable[Block]) -> Iterator[Example]:
    for block in found:
        if block.directive.startswith("file "):
            yield Example(place=block.place, command=block.directive[5:], expected=block.lines, file=True)
        elif block.language == "console":
            yield from _commands(block)


def _commands(block: Block) -> Iterator[Example]:
    command: list[str] = []
    expected: list[str] = []
    start = block.line
    for number, line in enumerate((*block.lines, "$ "), start=block.line + 1):
        if line.startswith("$ "):
            if command:
                yield _example(f"{name_of(block.file)}:{start}", command, expected)
            command, expected, start = [line[2:]], [], number
        elif line.startswith("> ") and command and not expected:
            command.append(line[2:])
        else:
            assert command, f"{block.place}: output before the first command"
            expected.append(line)


def _example(place: str, command: list[str], expected: list[str]) -> Example:
    told = _EXIT.search(command[-1])
    return Example(
        place=place,
        command="\n".join(command),
        code=int(told.group(1)) if told else 0,
        expected=tuple(expected),
    )


def faults(page: Path, folder: Path) -> list[str]:
    """Run a page in an empty folder; what differs from what it says, with its place."""
    work = _prepared(folder)
    wanted = examples(page)
    printed, codes = _run(wanted, work, folder)
    found = []
    for number, example in enumerate(wanted):
        if example.file:
            continue
        if number >= len(codes):
            found.append(f"{example.place}: bash ended before it")
            break
        if codes[number] != example.code:
            found.append(f"{example.place}: exit code {codes[number]}, not {example.code}: {example.command}")
        if not matches(example.expected, printed[number].splitlines()):
            said = "\n".join(example.expected)
            found.append(
                f"{example.place}: $ {example.command}\n--- the page says\n{said}\n--- it prints\n{printed[number]}"
            )
    return found


def _prepared(folder: Path) -> Path:
    """The working folder, with what a checkout holds, and a `mofflow` on the path."""
    programs, work = folder / "bin", folder / "home" / "work"
    programs.mkdir()
    work.mkdir(parents=True)
    for name in ("workflows", "policies"):
        shutil.copytree(ROOT / name, work / name)
    for name, arguments in (("mofflow", "-m mofflow"), ("python3", "")):
        program = programs / name
        program.write_text(
            f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' {arguments} \"$@\"\n", encoding="utf-8"
        )
        program.chmod(0o755)
    return work


def _run(wanted: list[Example], work: Path, folder: Path) -> tuple[list[str], list[int]]:
    """What each example printed, and its exit code; a file counts as printing nothing."""
    script = folder / "script.sh"
    script.write_text(_script(wanted, folder), encoding="utf-8")
    bash = shutil.which("bash")
    assert bash, "bash is needed to run the examples"
    ran = subprocess.run(
        [bash, "--norc", "--noprofile", str(script)],
        cwd=work,
        env={
            "HOME": str(folder / "home"),
            "PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "TZ": "UTC",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    text = ran.stdout.decode(errors="replace")
    parts = re.split(rf"\n{_MARK} (\d+)\n", text)
    return [part.rstrip("\n") for part in parts[:-1:2]], [int(code) for code in parts[1::2]]


def _script(wanted: list[Example], folder: Path) -> str:
    lines = []
    for number, example in enumerate(wanted):
        if example.file:
            source = folder / f"file-{number}"
            source.write_text("".join(f"{line}\n" for line in example.expected), encoding="utf-8")
            lines.append(f"cp '{source}' '{example.command}'")
        else:
            lines.append(example.command)
        lines.append(f"printf '\\n{_MARK} %s\\n' \"$?\"")
    return "\n".join(lines) + "\n"


def matches(expected: Iterable[str], printed: Iterable[str]) -> bool:
    """Whether these lines are what is expected."""
    pattern = "".join(_pattern(line) for line in _plain(expected))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _plain(printed))) is not None


def _plain(lines: Iterable[str]) -> Iterator[str]:
    return (" ".join(line.split()) for line in lines)


def _pattern(line: str) -> str:
    if line == "...":
        return r"(?:[^\n]*\n)*"
    return r"[^\n]*".join(re.escape(part) for part in line.split("...")) + r"\n"
