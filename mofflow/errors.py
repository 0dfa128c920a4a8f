"""Everything that can go wrong, each with what was found, and a hint at what to do next.

A refusal is no error: `decide` returns it as a value (see `domain.decide`).
"""

from __future__ import annotations

from collections.abc import Sequence


class MofflowError(Exception):
    """Base of all errors that mofflow raises on purpose."""

    code = "internal"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(MofflowError):
    """The words of a call, a value or a file are wrong: exit code 2."""

    code = "usage"


class NotFound(MofflowError):
    """A name that was given is not known."""

    code = "not_found"


class InvalidDeclaration(MofflowError):
    """A workflow or policy file cannot be accepted; `problems` says where and why, one line each."""

    code = "invalid_declaration"

    def __init__(self, message: str, hint: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__("\n".join([message, *problems]), hint)
        self.problems = tuple(problems)


class Conflict(MofflowError):
    """Somebody else moved it first, or the key is taken: read again, then retry."""

    code = "conflict"


class NotPermitted(MofflowError):
    """The actor lacks the role, or separation of duties forbids the act."""

    code = "not_permitted"


class Unavailable(MofflowError):
    """The database, a file system or another part of the infrastructure failed."""

    code = "unavailable"


def nearest(word: str, known: Sequence[str]) -> str:
    """` (did you mean 'x'?)` where a known word is close, else the empty string: it may stand before a full stop."""
    from difflib import get_close_matches  # rarely needed: kept off the start-up path

    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""
