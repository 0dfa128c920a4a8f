"""What a check tells: problems, each with a path that leads there, and the fewest people for each size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mofflow.errors import nearest

Path = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a workflow.

    check: initial, unreachable, dead_end, final_exit, overlap, unknown_name, deadline, unsatisfiable_signoff,
    dominance or schema. path: the (state, trigger) pairs that lead from the initial state to `state`, a
    counter-example; a change of size on the way is the trigger `size=large`. size: None where it is so in every size.
    """

    check: str
    message: str
    state: str | None = None
    trigger: str | None = None
    path: Path = ()
    size: str | None = None

    @property
    def told_path(self) -> str:
        """`proposed -charter-> envisioning`; empty where there is no path."""
        steps = "".join(f"{state} -{trigger}-> " for state, trigger in self.path)
        return f"{steps}{self.state}" if steps and self.state else ""

    def told(self) -> str:
        """The whole problem as one sentence, or two where there is a path."""
        size = f" (size {self.size})" if self.size else ""
        path = f" Path: {self.told_path}." if self.path else ""
        return f"{self.check}{size}: {self.message}{path}"

    __str__ = told


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The fewest people who can bring a case of one size to its good end, by the shortest path of work.

    people: the roles that each of them has. documents and signoffs: how many evidence kinds and sign-offs that path
    asks for. exact is False where the search was given up early, so that fewer might do.
    """

    people: tuple[tuple[str, ...], ...]
    path: Path
    documents: int
    signoffs: int
    exact: bool = True

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a check found. `people` by size ("" where cases have no size)."""

    problems: tuple[Problem, ...]
    people: Mapping[str, Crew] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the workflow may be adopted."""
        return not self.problems


def merged(problems: Iterable[Problem], sizes: tuple[str, ...]) -> tuple[Problem, ...]:
    """Each problem once, with its shortest path; what is so in every size is told once, without a size."""
    found: dict[tuple[str, str, str | None], dict[str | None, Problem]] = {}
    for problem in problems:
        by_size = found.setdefault((problem.check, problem.message, problem.trigger), {})
        known = by_size.get(problem.size)
        if known is None or len(problem.path) < len(known.path):
            by_size[problem.size] = problem
    told: list[Problem] = []
    for by_size in found.values():
        first = next(iter(by_size.values()))
        everywhere = None in by_size or set(by_size) >= set(sizes)
        told += [by_size.get(None, replace(first, size=None))] if everywhere else by_size.values()
    return tuple(told)


def unknown(what: str, name: object, known: Iterable[object]) -> str:
    """`there is no role 'testr', did you mean 'tester'?`"""
    return f"there is no {what} '{name}'{nearest(str(name), [str(k) for k in known]) or '.'}"
