"""The command line as a user has it: in process for most tests, as real processes where that is the point."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mofflow.cli.main import main

STATED = {"MOFFLOW_ALLOW_STATED_TIME": "1"}
COMMAND = (sys.executable, "-m", "mofflow")


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, and what it printed."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # JSON
        """What it printed on stdout, read as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:  # noqa: ANN401  # JSON
        """The error object, the last line of stderr."""
        return json.loads(self.err.strip().splitlines()[-1])["error"]

    @property
    def codes(self) -> list[str]:
        """The codes of its refusals."""
        return [refusal["code"] for refusal in self.error["refusals"]]


@dataclass
class Mofflow:
    """One database and the command that works on it. `now` is stated where it is set."""

    folder: Path
    now: str | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The file."""
        return self.folder / "mofflow.db"

    @property
    def environment(self) -> dict[str, str]:
        """What a shell would have set."""
        own = {"MOFFLOW_DATABASE": f"sqlite:///{self.database}", "NO_COLOR": "1", "TZ": "UTC"}
        return own | (STATED | {"MOFFLOW_NOW": self.now} if self.now else {}) | self.env

    def __call__(self, *args: str, as_: str | None = None, expect: int | None = 0) -> Ran:
        """Run a command in process; `expect` is the exit code that it must have (None: any)."""
        words = [*(("--as", as_) if as_ else ()), *args]
        result = CliRunner(env=_cleared(self.environment)).invoke(main, words)
        ran = Ran(args=tuple(words), code=result.exit_code, out=result.stdout, err=result.stderr)
        if expect is not None:
            assert ran.code == expect, f"{' '.join(words)} -> {ran.code}, not {expect}\n{ran.out}\n{ran.err}"
        return ran

    def init(self, people: Mapping[str, Sequence[str]] | None = None) -> Mofflow:
        """Make the database, with these people and their roles."""
        entries = [{"id": person, "roles": list(roles)} for person, roles in (people or {}).items()]
        file = self.write("people.json", json.dumps({"people": entries}))
        self("init", "--people", str(file))
        return self

    def write(self, name: str, content: str) -> Path:
        """A file beside the database."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def why(self, key: str, trigger: str) -> Any:  # noqa: ANN401  # JSON
        """The answer of `why --json` for one trigger."""
        return self("why", key, trigger, "--json", expect=None).json["triggers"][0]

    def process_environment(self) -> dict[str, str]:
        """For a real process: this environment, and what Python needs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_PROCESS_START") if name in os.environ}
        kept |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
        return kept | {"PYTHONPATH": str(Path(__file__).parents[2])} | self.environment


def _cleared(environment: Mapping[str, str]) -> dict[str, str | None]:
    """The environment with every other setting of mofflow taken out."""
    others = {name: None for name in os.environ if name.startswith("MOFFLOW_") and name not in environment}
    return {**others, **environment}
