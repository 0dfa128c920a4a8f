"""CEL expressions of an organisation's own rules, compiled on first use. The extra `cel` brings the library."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

from mofflow.errors import InvalidDeclaration

INSTALL = "pip install 'mofflow[cel]'"
MAX_LENGTH = 2_000  # characters; longer rules are not readable anyway
_SEES = "It sees `case` (key, state, iteration, fields), `evidence` (fields by document) and `now`, and is true or false."


def installed() -> bool:
    """Whether expressions can be evaluated here."""
    return importlib.util.find_spec("cel_expr_python") is not None


def check(source: str) -> None:
    """InvalidDeclaration where the expression cannot be compiled, or the library is missing."""
    if not installed():
        raise InvalidDeclaration(
            f"The rule {source!r} is a CEL expression; what evaluates it is not installed ({INSTALL}).",
            f"Install what evaluates it: {INSTALL}",
        )
    if len(source) > MAX_LENGTH:
        told = f"A CEL expression of {len(source)} characters; {MAX_LENGTH} is the most."
        raise InvalidDeclaration(told, "Split the rule into several guards.")
    _compile(source)


def program(source: str) -> Callable[[Mapping[str, object]], bool | str]:
    """The expression as a function of variables: its truth, or a text that says why it has none."""
    compiled: list[Any] = []

    def run(variables: Mapping[str, object]) -> bool | str:
        if not compiled:
            if not installed():
                return f"CEL is not installed here: {INSTALL}"
            compiled.append(_compile(source))
        return _evaluate(compiled[0], variables)

    return run


def _environment() -> Any:  # noqa: ANN401  # the library has no types
    from cel_expr_python import cel  # type: ignore[import-untyped]

    anything = cel.Type.DYN
    return cel.NewEnv(variables={"case": anything, "evidence": anything, "now": cel.Type.STRING})


def _compile(source: str) -> Any:  # noqa: ANN401  # as above
    try:
        return _environment().compile(source)
    except RuntimeError as error:  # what the library raises for all that it finds wrong
        raise InvalidDeclaration(f"Not a CEL expression: {source!r}: {error}", _SEES) from error


def _evaluate(compiled: Any, variables: Mapping[str, object]) -> bool | str:  # noqa: ANN401  # as above
    try:
        value = compiled.eval(data=dict(variables)).value()
    except (RuntimeError, TypeError, ValueError, MemoryError) as error:  # a value that CEL cannot take
        return str(error)
    return value if isinstance(value, bool) else f"the expression gives {value!r}, neither true nor false"
