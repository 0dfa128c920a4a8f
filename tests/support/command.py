"""The command line as a user has it: in process for most tests, as real processes where that is the point."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mofflow.cli.main import main

STATED = {"MOFFLOW_ALLOW_STATED_TIME": "1"}
COMMAND = (sys.executable, "-m", "mofflow")
NOBODY = 65534  # the user and the group that have no rights


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, and what it printed."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # JSON
        """What it printed on stdout, read as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:  # JSON
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

    def why(self, key: str, trigger: str) -> Any:  # JSON
        """The answer of `why --json` for one trigger."""
        return self("why", key, trigger, "--json", expect=None).json["triggers"][0]

    def contents(self) -> dict[str, list[Any]]:
        """Every row of every table, and the names of the stored files with their sizes."""
        with closing(sqlite3.connect(self.database)) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            ).fetchall()
            rows = {
                name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for (name,) in tables
            }
        store = self.folder / "mofflow.db.evidence"
        files = [
            (str(f.relative_to(store)), f.stat().st_size) for f in sorted(store.rglob("*")) if f.is_file()
        ]
        return {**rows, "files": files}

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing that is stored may differ after what happens inside."""
        before = self.contents()
        yield
        after = self.contents()
        different = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        assert not different, f"changed: {different}"

    def refuses(self, *args: str, code: str, told: Sequence[str] = (), as_: str | None = None) -> Ran:
        """Run what is wrong, for programs and for people: a clear answer, no traceback, and nothing is changed."""
        with self.unchanged():
            ran = self(*args, "--json", as_=as_, expect=EXIT_CODES[code])
            plain = self(*args, as_=as_, expect=EXIT_CODES[code])
        clear(ran, code, told)
        assert "Traceback" not in plain.err
        assert plain.err.startswith(("Error: ", "Refused: ", "Not permitted: ", "Conflict: "))
        return ran

    def process(self, *args: str, before: str = "", **options: Any) -> Ran:
        """Run a command as a real process; `before` is Python that runs in it first. Options are those of `run`."""
        code = f"{before}\nfrom mofflow.cli.main import main\nmain(prog_name='mofflow')"
        command = [*((sys.executable, "-c", code) if before else COMMAND), *args]
        environment = {**self.process_environment(), "PYTHONDONTWRITEBYTECODE": "1"}
        if before:  # what limits the process would also keep it from writing what was measured of it
            environment = {n: v for n, v in environment.items() if not n.startswith("COVERAGE")}
        found = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False, **options
        )
        return Ran(args=args, code=found.returncode, out=found.stdout, err=found.stderr)

    def as_nobody(self, *args: str) -> Ran:
        """Run a command in a fork that has given up the rights of root; the account is then that of uid 65534."""
        inlet, outlet = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if os.geteuid() == 0:
                    os.setgroups([])
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                ran = self(*args, expect=None)
                answer = {"code": ran.code, "out": ran.out, "err": ran.err}
            except BaseException as error:  # noqa: BLE001  # the child must never return into the tests
                answer = {"code": -1, "out": "", "err": repr(error)}
            with os.fdopen(outlet, "w", encoding="utf-8") as file:
                json.dump(answer, file)
            os._exit(0)
        os.close(outlet)
        with os.fdopen(inlet, encoding="utf-8") as file:
            said = json.load(file)
        os.waitpid(child, 0)
        return Ran(args=args, **said)

    def process_environment(self) -> dict[str, str]:
        """For a real process: this environment, and what Python needs."""
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "COVERAGE_PROCESS_START")
            if name in os.environ
        }
        kept |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
        return kept | {"PYTHONPATH": str(Path(__file__).parents[2])} | self.environment


EXIT_CODES: Mapping[str, int] = {
    "refused": 1,
    "usage": 2,
    "not_found": 2,
    "invalid_declaration": 2,
    "conflict": 3,
    "not_permitted": 4,
    "unavailable": 5,
    "internal": 5,
}


def clear(ran: Ran, code: str, told: Sequence[str] = ()) -> None:
    """The error object is the last line of stderr; it says what was found and what to do next, and `told`."""
    error = ran.error
    assert set(error) == {"code", "message", "hint", "refusals"}
    assert error["code"] == code, ran
    assert error["message"], ran
    assert error["hint"], ran
    assert "Traceback" not in ran.err
    assert "Traceback" not in ran.out
    for words in told:
        assert words in error["message"] or words in error["hint"], (words, error)


def _cleared(environment: Mapping[str, str]) -> dict[str, str | None]:
    """The environment with every other setting of mofflow taken out."""
    others = {name: None for name in os.environ if name.startswith("MOFFLOW_") and name not in environment}
    return {**others, **environment}
