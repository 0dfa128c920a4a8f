"""Start-up time: `--help`, and reading commands on a case with 10,000 events, against bare imports."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from mofflow import bootstrap
from mofflow.domain import acts
from mofflow.services import cases
from mofflow.services.recording import record
from mofflow.services.world import caller, facts_of
from mofflow.settings import Settings, account
from tests.benchmarks.ratios import Goal, Result, interleaved

EVENTS = 10_000
HELP_BASE = ("-c", "import click")
READ_BASE = ("-c", "import click, sqlmodel")
READERS = ("why", "show", "history")


def measure(quick: bool) -> list[Result]:
    """Medians of 20 alternating runs (5 where quick), each a process of its own with compiled bytecode."""
    rounds = 5 if quick else 20
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        _fill(path)
        environment = {**os.environ, "MOFFLOW_DATABASE": f"sqlite:///{path}", "NO_COLOR": "1"}

        def run(*words: str) -> None:
            subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment)

        helped = [Goal("mofflow --help", lambda: run("-m", "mofflow", "--help"), at_most=1.6)]
        read = [
            Goal(f"mofflow {verb} P-1 ({EVENTS} events)", _reader(run, verb), at_most=1.3) for verb in READERS
        ]
        return [
            *interleaved("import click", lambda: run(*HELP_BASE), helped, rounds),
            *interleaved("import click, sqlmodel", lambda: run(*READ_BASE), read, rounds),
        ]


def _reader(run: Callable[..., None], verb: str) -> Callable[[], None]:
    return lambda: run("-c", _MAIN, verb, "P-1")


# `why` answers "no" with exit code 1, which is no failure of a measurement
_MAIN = "import sys\nfrom mofflow.__main__ import main\ntry: main()\nexcept SystemExit as e: sys.exit(e.code not in (0, 1))"


def _fill(path: Path) -> None:
    """A project with a long history: many remarks, and an open gate."""
    settings = Settings(path=path, account=account())
    bootstrap.found(settings, {})
    world = bootstrap.world(settings)
    cases.create(world, "A long story", workflow="deliver-project")
    with world.database.writing() as writing:
        who = caller(world, writing)
        facts = facts_of(world, writing, "P-1", who)
        for number in range(EVENTS - 1):
            written = record(world, writing, who, facts, acts.note(f"Remark {number}."))
            facts = facts.with_case(written.case)
