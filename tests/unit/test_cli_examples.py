"""The examples of every help text run as written on the demo's database."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from mofflow.cli.main import main


def run(args: list[str], folder: Path) -> Result:
    """A command on the demo's database, without the variables of the person who runs the tests."""
    cleared = {name: None for name in os.environ if name.startswith("MOFFLOW_")}
    runner = CliRunner(env={**cleared, "MOFFLOW_DATABASE": f"sqlite:///{folder / 'demo.db'}"})
    return runner.invoke(main, args)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database that `mofflow demo` leaves behind."""
    folder = tmp_path_factory.mktemp("demo")
    made = run(["demo", "--output", str(folder / "demo.db")], folder)
    assert made.exit_code == 0, made.output
    return folder


def helps(group: click.Group = main) -> Iterator[tuple[str, list[str]]]:
    """(command, its examples)."""
    ctx = click.Context(group, info_name="mofflow")
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", lines) for inner, lines in helps(command))
        else:
            told = (command.epilog or "").partition("Examples:\n")[2]
            yield name, [line.strip() for line in told.splitlines()]


EXAMPLES = [(name, lines) for name, lines in helps() if name != "demo"]


@pytest.mark.parametrize(("name", "lines"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_the_examples_of_a_help_run(
    name: str, lines: list[str], demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each ends well, and at least one of them calls the command itself."""
    monkeypatch.chdir(demo)
    for line in lines:
        program, *words = shlex.split(line)
        shown = run(words, demo)
        assert program == "mofflow"
        assert shown.exit_code == 0, f"{line}\n{shown.output}"
        assert "Traceback" not in shown.output
    assert any(f" {name} " in f"{line} " for line in lines)
