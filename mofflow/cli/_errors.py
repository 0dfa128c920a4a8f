"""The one place where an error becomes an exit code and what stderr says of it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

import click

from mofflow.cli._text import visible
from mofflow.errors import MofflowError, Unavailable

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
INTERRUPTED = 130  # as shells count an end by SIGINT
PIPE_CLOSED = 141  # and by SIGPIPE

_DISK = {errno.ENOSPC: "There is no space left on the disk", errno.EDQUOT: "The disk quota is used up"}


class Refused(MofflowError):
    """The answer is no: `refusals` lists every guard that fails. `permitted`: whether the actor may act at all."""

    def __init__(
        self,
        message: str,
        hint: str,
        refusals: Sequence[Mapping[str, object]],
        *,
        permitted: bool,
        told: str = "",
    ) -> None:
        super().__init__(message, hint)
        self.code = "refused" if permitted else "not_permitted"
        self.refusals = list(refusals)
        self.told = told  # the refusals as a person reads them


class Manner(NamedTuple):
    """How errors are to be told; read off the arguments, since parsing them may be what fails."""

    as_json: bool
    traceback: bool

    @classmethod
    def of(cls, args: Sequence[str], environ: Mapping[str, str]) -> Manner:
        """What the arguments and the environment ask for."""
        words = list(args[: args.index("--")] if "--" in args else args)
        return cls(
            as_json="--json" in words or _value(words, "--format") == "json",
            traceback=(_value(words, "--log-level") or environ.get("MOFFLOW_LOG_LEVEL")) == "debug",
        )


def _value(words: Sequence[str], option: str) -> str | None:
    for word, following in pairwise([*words, ""]):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def guarded(call: Callable[[], object], args: Sequence[str]) -> int:
    """Run a command and give its exit code; whatever it raises is told on stderr."""
    manner = Manner.of(args, os.environ)
    try:
        found = call()
        sys.stdout.flush()
    except (KeyboardInterrupt, EOFError, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _silence(sys.stdout)
        return PIPE_CLOSED
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except Exception as error:  # noqa: BLE001  # the last line of defence
        return _failed(error, manner)
    return found if isinstance(found, int) else 0


def _failed(error: Exception, manner: Manner) -> int:
    if isinstance(error, OSError):
        _silence(sys.stdout)
    elif (
        type(error).__name__ == "NoArgsIsHelpError"
        and isinstance(error, click.UsageError)
        and not manner.as_json
    ):
        click.echo(error.format_message(), err=True)
        return EXIT_CODES["usage"]
    found = _told(error)
    if manner.traceback and found.code in ("internal", "unavailable"):
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    _report(found, manner)
    return EXIT_CODES[found.code]


def _told(error: Exception) -> MofflowError:
    """The error as one of ours."""
    if isinstance(error, MofflowError):
        return error
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        reason = _DISK.get(error.errno or 0, error.strerror or str(error))
        return Unavailable(f"{named}{reason}.", "Mend that, then run it again.")
    message = f"A defect of mofflow: {type(error).__name__}: {error}"
    return MofflowError(
        message, "Run it again with --log-level debug (before the command) and report what it shows."
    )


def _usage(error: click.ClickException) -> MofflowError:
    found = MofflowError(error.format_message())
    found.code = "usage"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        found.hint = f"See: {error.ctx.command_path} --help"
    return found


def _report(error: MofflowError, manner: Manner) -> None:
    told = {"code": error.code, "message": error.message, "hint": error.hint, "refusals": _refusals(error)}
    if manner.as_json:
        import json

        from mofflow.cli._output import plain

        click.echo(json.dumps({"error": plain(told)}), err=True)
        return
    click.echo(visible(f"{_heading(error)}{error.message}", keep="\n"), err=True)
    if isinstance(error, Refused) and error.told:
        click.echo(error.told, err=True)
    if error.hint:
        click.echo(visible(f"Hint: {error.hint}", keep="\n"), err=True)


def refusal(guard: str, code: str, message: str, hint: str) -> dict[str, object]:
    """The entry of a single act that was refused, as those of guards are."""
    return {
        "guard": guard,
        "code": code,
        "passed": False,
        "clauses": [],
        "message": message,
        "hint": hint,
        "who": {"roles": [], "people": [], "barred": {}},
        "remedy": [],
        "not_before": None,
    }


def _refusals(error: MofflowError) -> Sequence[Mapping[str, object]]:
    if isinstance(error, Refused):
        return error.refusals
    act = getattr(
        error, "act", None
    )  # of `Denied`; services are not imported here, so that start-up stays short
    return (
        [refusal(str(act), str(getattr(error, "refusal", "NOT_PERMITTED")), error.message, error.hint)]
        if act
        else []
    )


def _heading(error: MofflowError) -> str:
    return {"refused": "Refused: ", "not_permitted": "Not permitted: ", "conflict": "Conflict: "}.get(
        error.code, "Error: "
    )


def _silence(stream: object) -> None:
    """Let what is still buffered go nowhere, so that the end of the process does not fail once more."""
    with suppress(OSError, ValueError, AttributeError):
        number = stream.fileno()  # type: ignore[attr-defined]  # what has none raises AttributeError
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
