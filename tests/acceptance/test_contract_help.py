"""Help with examples that run as written on the demo's database, and remedies that parse with the real commands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from mofflow.cli.main import main
from mofflow.domain import steps
from tests.support.command import Mofflow
from tests.support.remedies import Project, roads

ROOT = Path(__file__).parents[2]


def commands() -> Iterator[tuple[str, ...]]:
    """The words of every command."""

    def inside(words: tuple[str, ...], found: click.Command) -> Iterator[tuple[str, ...]]:
        if not isinstance(found, click.Group):
            yield words
            return
        context = click.Context(found)
        for name in found.list_commands(context):
            inner = found.get_command(context, name)
            assert inner is not None
            yield from inside((*words, name), inner)

    yield from inside((), main)


COMMANDS = sorted(commands())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Mofflow:
    """The database of the demo, beside the workflows and policies that examples name."""
    folder = tmp_path_factory.mktemp("demo")
    mofflow = Mofflow(folder)
    mofflow("demo", "--output", str(mofflow.database))
    for name in ("workflows", "policies"):
        (folder / name).symlink_to(ROOT / name)
    return mofflow


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_ends_in_examples_that_run_as_written(
    demo: Mofflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """One example or more, each on a copy of the demo's database, with exit code 0 or 1 and no traceback."""
    folder = Path(shutil.copytree(demo.folder, tmp_path / "copy", symlinks=True))
    monkeypatch.chdir(folder)
    mofflow = Mofflow(folder)
    lines = examples(mofflow(*words, "--help").out)
    assert lines
    assert any(
        f"mofflow {' '.join(words)}" in re.sub(r" --database \S+| --as \S+", "", line) for line in lines
    )
    for line in lines:
        run(mofflow, line)


def examples(text: str) -> list[str]:
    """The commands under `Examples:`, which ends the help; a line that is broken is put together."""
    head, found, tail = text.partition("Examples:\n")
    assert found, head[-200:]
    lines = tail.rstrip().splitlines()
    assert all(line.startswith(("    ", "  ")) for line in lines)
    return [line.strip() for line in lines]


def run(mofflow: Mofflow, line: str) -> None:
    """Run it as a shell would, as far as examples go: variables before it, and where its output goes."""
    words = shlex.split(line)
    own = Mofflow(mofflow.folder, env=dict(mofflow.env))
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        name, _, value = words.pop(0).partition("=")
        own.env[name] = value
    assert words.pop(0) == "mofflow", line
    target = None
    if ">" in words:
        place = words.index(">")
        target, words = words[place + 1], words[:place]
    if words[0] == "demo":
        own.env["TMPDIR"] = str(mofflow.folder)
        ran = own.process(*words)
    else:
        ran = own(*words, expect=None)
    assert ran.code in (0, 1), (line, ran)
    assert "Traceback" not in ran.err
    if target:
        Path(target).write_text(ran.out, encoding="utf-8")


def test_the_demo_ends_with_the_database_to_set_and_commands_that_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints at its end is copied into a shell: each line runs, in order."""
    monkeypatch.chdir(tmp_path)
    mofflow = Mofflow(tmp_path)
    told = mofflow("demo", "--output", str(mofflow.database)).out
    lines = [line.strip() for line in told.rstrip().splitlines()]
    start = next(n for n, line in enumerate(lines) if line.startswith("export MOFFLOW_DATABASE="))
    export, *lines = lines[start:]
    assert export == f"export MOFFLOW_DATABASE=sqlite:///{mofflow.database}"
    assert len(lines) >= 4
    for line in lines:
        if line.startswith("mofflow"):
            run(mofflow, line)
    assert mofflow("show", "P-2", "--json").json["state"] == "planning"
    assert "exists already" in mofflow("demo", "--output", str(mofflow.database), expect=3).err


def test_the_help_of_the_program_and_of_each_group_names_its_commands() -> None:
    """Every command is listed with a short text; `-h` does as well."""
    mofflow = roads().at("small", "proposed").mofflow
    for words in sorted({words[:-1] for words in COMMANDS}):
        text = mofflow(*words, "--help").out
        assert text == mofflow(*words, "-h").out
        for name in (command[-1] for command in COMMANDS if command[:-1] == words):
            assert re.search(rf"^  {re.escape(name)} ", text, re.MULTILINE), (words, name)


def test_global_options_name_their_variables() -> None:
    """Each option that may stand in the environment says where."""
    text = " ".join(roads().at("small", "proposed").mofflow("--help").out.split())
    for name in ("DATABASE", "ACTOR", "NOW", "LOG_LEVEL", "LOG_FORMAT"):
        assert f"MOFFLOW_{name}" in text


def test_version_is_told_in_three_ways() -> None:
    """`--version`, `version` and its JSON agree."""
    mofflow = roads().at("small", "proposed").mofflow
    version = mofflow("version", "--json").json["version"]
    assert mofflow("--version").out.strip() == f"mofflow {version}"
    assert version in mofflow("version").out


# Remedies


def parses(line: list[Any]) -> tuple[str, ...]:
    """Parse a remedy with the real command, its placeholders filled in; the words of the command."""
    words = [word if isinstance(word, str) else f"{word['prefix']}{value(word)}" for word in line]
    if words[0] == "--as":
        words = words[2:]
    called: list[str] = []
    found: click.Command = main
    while isinstance(found, click.Group):
        called.append(words.pop(0))
        inner = found.get_command(click.Context(found), called[-1])
        assert inner is not None, line
        found = inner
    with found.make_context(" ".join(called), words):
        return tuple(called)


def value(word: dict[str, Any]) -> str:
    """What a person would write for a placeholder; a file that exists for a file."""
    return str(ROOT / "pyproject.toml") if word["kind"] == "file" else str(word["example"])


def seen_in(project: Project) -> Iterator[tuple[str, ...]]:
    """The command of each remedy that `why` gives, for the administrator and for the program manager."""
    for as_ in (None, "pam"):
        answer = project.mofflow("why", project.key, "--json", as_=as_, expect=None).json
        for trigger in answer["triggers"]:
            for guard in trigger["guards"]:
                for line in guard["remedy"]:
                    yield parses(line)


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_every_remedy_of_every_state_parses_with_the_real_commands(size: str) -> None:
    """What `why` says can be typed."""
    seen = set()
    for state in (
        *(
            "proposed",
            "envisioning",
            "vision_review",
            "planning",
            "plan_review",
            "building",
            "scope_review",
            "stabilizing",
        ),
        *("piloting", "release_review", "deploying", "quiet_period", "completion_review"),
    ):
        seen |= set(seen_in(roads().at(size, state)))
    assert {("attach",), ("sign",), ("set",), ("advance",)} <= seen


VERBS = {
    steps.AddPerson: ("person", "add"),
    steps.GrantRole: ("person", "grant"),
    steps.Assign: ("assign",),
    steps.Unassign: ("unassign",),
    steps.Attach: ("attach",),
    steps.Sign: ("sign",),
    steps.Withdraw: ("withdraw",),
    steps.SetFields: ("set",),
    steps.Settle: ("obligation", "settle"),
    steps.Advance: ("advance",),
}


def test_every_kind_of_step_is_known_here() -> None:
    """A new step has to be put into the table above."""
    declared = {c for c in vars(steps).values() if isinstance(c, type) and issubclass(c, steps.Step)}
    assert declared - {steps.Step} == set(VERBS)


@pytest.mark.parametrize("step", VERBS, ids=lambda step: step.__name__)
def test_each_step_appears_as_a_command_that_parses(step: type[steps.Step]) -> None:
    """A situation in which `why` needs it, and the command line that it becomes."""
    project = SITUATIONS[step]()
    assert VERBS[step] in set(seen_in(project))


def rejected_by_one_who_may_not_sign_any_more() -> Project:
    """He rejected, and was assigned as developer: only his withdrawal helps."""
    project = roads().at("normal", "vision_review")
    project.sign("vision", "cust", "--reject")
    project.mofflow("assign", "P-1", "developer", "cust", "--grant")
    return project


def two_interfaces() -> Project:
    """Two people are assigned where exactly one has to be."""
    project = roads().at("small", "proposed")
    for person in ("cust", "cleo"):
        project.mofflow("assign", "P-1", "business_interface", person, "--grant")
    return project


def without_an_architect() -> Project:
    """A role that nobody holds: somebody has to be found, or an existing one is granted it."""
    project = roads().at("large", "plan_review")
    project.mofflow("person", "revoke", "arch", "architect")
    return project


def nobody_else_at_all() -> Project:
    """Only the administrator is left."""
    project = roads().at("small", "vision_review")
    for person in ("cust", "cleo"):
        project.mofflow("person", "deactivate", person)
    for item in project.mofflow("person", "list", "--json").json["items"]:
        if item["id"] not in ("root", "pam"):
            project.mofflow("person", "deactivate", item["id"])
    return project


def with_an_open_condition() -> Project:
    """In completion review, with a duty that is not settled."""
    project = roads().at("normal", "release_review")
    for kind in ("configuration_baseline", "back_out_plan", "security_assessment"):
        project.attach(kind)
    project.attach("release_signoff_form", outcome="conditional")
    project.sign("provider_acceptance", "ops")
    project.sign("release", "ops")
    project.advance(
        "conditional_go",
        "sol",
        conditions=[{"guard": "support_handover", "owner": "sup", "due": "2026-01-31"}],
    )
    for trigger in ("site_done", "deployed", "end_quiet"):
        project.go(trigger)
    return project


SITUATIONS: dict[type[steps.Step], Callable[[], Project]] = {
    steps.AddPerson: nobody_else_at_all,
    steps.GrantRole: without_an_architect,
    steps.Assign: lambda: roads().at("large", "proposed"),
    steps.Unassign: two_interfaces,
    steps.Attach: lambda: roads().at("small", "envisioning"),
    steps.Sign: lambda: roads().at("small", "vision_review"),
    steps.Withdraw: rejected_by_one_who_may_not_sign_any_more,
    steps.SetFields: lambda: roads().at("small", "planning"),
    steps.Settle: with_an_open_condition,
    steps.Advance: lambda: roads().at("small", "deploying"),
}


def test_real_process_runs_as_a_module_too() -> None:
    """`python -m mofflow` is the same program."""
    mofflow = roads().at("small", "building").mofflow
    ran = mofflow.process("show", "P-1", "--json")
    assert ran.code == 0
    assert ran.json == mofflow("show", "P-1", "--json").json
    assert os.environ.get("MOFFLOW_DATABASE") is None or ran.json
