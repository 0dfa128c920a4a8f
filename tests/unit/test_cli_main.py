"""The table of commands, and what every command promises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from mofflow import __version__
from mofflow.cli.main import main

# commands whose output is a text of one form by its nature, so that `--format table|json|...` has no meaning
_ONE_FORM = {"completion", "demo"}
_READ_ONLY = {
    *("show", "why", "history", "find", "version", "completion", "demo", "evidence list", "evidence get"),
    *(
        "evidence template",
        "obligation list",
        "project list",
        "project board",
        "person list",
        "workflow list",
    ),
    *("workflow show", "workflow check", "workflow diagram", "workflow diff", "policy list", "policy show"),
    *("policy check", "policy schema", "audit findings", "db status"),
}


def commands(group: click.Group = main, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """(name, command) of every command, those in groups too."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


COMMANDS = dict(commands())


def options(name: str) -> set[str]:
    """The options of a command."""
    return {word for parameter in COMMANDS[name].params for word in parameter.opts if word.startswith("-")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_tells_and_ends_in_examples(name: str) -> None:
    """A sentence, then one to three commands that run as they stand."""
    help_text = CliRunner().invoke(main, [*name.split(), "--help"])
    assert help_text.exit_code == 0
    assert COMMANDS[name].help
    examples = help_text.stdout.rstrip().partition("Examples:\n")[2].splitlines()
    assert 1 <= len(examples) <= 3
    assert all(line.strip().startswith("mofflow ") for line in examples)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - _ONE_FORM))
def test_every_command_prints_for_programs_too(name: str) -> None:
    """--format and --json are everywhere, with the same meaning."""
    assert {"--format", "--json"} <= options(name)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - _READ_ONLY))
def test_every_change_can_be_tried(name: str) -> None:
    """With --dry-run."""
    assert "--dry-run" in options(name)


@pytest.mark.parametrize(
    "name", ["history", "find", "audit findings", *(name for name in COMMANDS if name.endswith(" list"))]
)
def test_lists_page(name: str) -> None:
    """From 1 to 1,000 at once."""
    assert {"--limit", "--cursor"} <= options(name)


def test_the_table_says_what_the_commands_say() -> None:
    """Its short helps are the first lines of theirs, though nothing is imported to print it."""
    ctx = click.Context(main)
    for section in main.table.values():
        for name, (_, short) in section.items():
            command = main.get_command(ctx, name)
            assert command is not None
            assert (command.help or "").splitlines()[0] == short, name


def test_help_imports_no_command() -> None:
    """Nor anything else that is slow."""
    code = (
        "import sys; sys.argv = ['mofflow', '--help']; before = set(sys.modules)\n"
        "from mofflow.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "slow = {'rich', 'structlog', 'sqlmodel', 'sqlalchemy', 'pydantic', 'yaml', 'jsonschema', 'json', 'pathlib'}\n"
        "found = [m for m in set(sys.modules) - before if m in slow or m.startswith('mofflow.') and m not in"
        " ('mofflow.cli', 'mofflow.cli.main', 'mofflow.cli._lazy', 'mofflow.cli._errors', 'mofflow.cli._text', 'mofflow.errors')]\n"
        "assert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_is_told_twice() -> None:
    """As an option and as a command."""
    assert CliRunner().invoke(main, ["--version"]).stdout == f"mofflow {__version__}\n"
    assert __version__ in CliRunner().invoke(main, ["version"]).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    """For each of the three shells."""
    assert "_MOFFLOW_COMPLETE" in CliRunner().invoke(main, ["completion", shell]).stdout


def test_every_global_option_has_a_variable() -> None:
    """So that a shell can set it once."""
    variables = {parameter.name: parameter.envvar for parameter in main.params if parameter.expose_value}
    assert variables == {
        "database": "MOFFLOW_DATABASE",
        "actor": "MOFFLOW_ACTOR",
        "now": "MOFFLOW_NOW",
        "log_level": "MOFFLOW_LOG_LEVEL",
        "log_format": "MOFFLOW_LOG_FORMAT",
    }


def test_debug_logs_the_call_to_stderr() -> None:
    """As one JSON object where that is asked for; stdout holds data only."""
    shown = CliRunner().invoke(main, ["--log-level", "debug", "--log-format", "json", "version", "--json"])
    entry = json.loads(shown.stderr)
    assert (entry["action"], entry["command"]) == ("command.called", "version")
    assert json.loads(shown.stdout)["version"] == __version__
