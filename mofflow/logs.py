"""Logs for operators, on stderr: each entry a stable action, a sentence, and values; structlog is imported by the first."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from structlog.typing import Processor

_RANKS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_SECRET = re.compile(
    r"passw|passphrase|secret|token|credential|cookie|authorization|private|signing_key", re.IGNORECASE
)
_LOGIN = re.compile(r"(\w+://)[^/@\s]*@")
_HIDDEN = "***"


class Log:
    """Writes entries of `level` and above; those below cost one comparison."""

    def __init__(self, level: str = "warning", form: str = "console", stream: TextIO | None = None) -> None:
        self._rank = _RANKS[level]
        self._form = form
        self._stream = stream
        self._logger: Any = None

    def debug(self, action: str, sentence: str, **values: object) -> None:
        """For whoever looks for a defect."""
        self._write("debug", action, sentence, values)

    def info(self, action: str, sentence: str, **values: object) -> None:
        """What was done."""
        self._write("info", action, sentence, values)

    def warning(self, action: str, sentence: str, **values: object) -> None:
        """What an operator should look at some day."""
        self._write("warning", action, sentence, values)

    def error(self, action: str, sentence: str, **values: object) -> None:
        """What an operator should look at now."""
        self._write("error", action, sentence, values)

    def _write(self, level: str, action: str, sentence: str, values: MutableMapping[str, object]) -> None:
        if _RANKS[level] < self._rank:
            return
        if self._logger is None:
            self._logger = _logger(self._form, self._stream or sys.stderr)
        getattr(self._logger, level)(sentence, action=action, **values)


def _logger(form: str, stream: TextIO) -> Any:  # noqa: ANN401  # structlog says no more
    import structlog

    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    if form == "json":
        processors.append(structlog.processors.JSONRenderer(default=str))
    else:
        colors = stream.isatty() and not os.environ.get("NO_COLOR")
        processors += [_on_one_line, structlog.dev.ConsoleRenderer(colors=colors)]
    return structlog.wrap_logger(
        structlog.WriteLogger(stream), processors=processors, wrapper_class=structlog.BoundLogger
    )


def _without_secrets(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name, value in entry.items():
        if _SECRET.search(name):
            entry[name] = _HIDDEN
        elif isinstance(value, str):
            entry[name] = _LOGIN.sub(rf"\1{_HIDDEN}@", value)
    return entry


def _on_one_line(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Nobody's text may begin a line of its own, or steer the terminal."""
    for name, value in entry.items():
        text = value if isinstance(value, str) else str(value)
        if not text.isprintable():
            entry[name] = text.encode("unicode_escape").decode("ascii")
    return entry
