"""Interleaved timing: every round runs the base and each candidate once, so that noise hits all alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Goal:
    """Something to run, and the most that its time may be of that of the base."""

    name: str
    run: Callable[[], None]
    at_most: float


@dataclass(frozen=True)
class Result:
    """A ratio of medians; `least` and `most` are ratios within single rounds. Times are in milliseconds."""

    name: str
    base: str
    ratio: float
    least: float
    most: float
    at_most: float
    base_ms: float
    ms: float

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio <= self.at_most


def interleaved(base: str, run_base: Callable[[], None], goals: Sequence[Goal], rounds: int) -> list[Result]:
    """Time the base and every goal in turn, after one run of each that warms the caches and is not counted."""
    times: dict[str, list[float]] = {base: [], **{goal.name: [] for goal in goals}}
    for counted in (False, *([True] * rounds)):
        for name, run in ((base, run_base), *((goal.name, goal.run) for goal in goals)):
            begun = perf_counter()
            run()
            if counted:
                times[name].append((perf_counter() - begun) * 1000)
    return [_result(base, goal, times[base], times[goal.name]) for goal in goals]


def _result(base: str, goal: Goal, base_times: list[float], own: list[float]) -> Result:
    each = [mine / its for mine, its in zip(own, base_times, strict=True)]
    return Result(
        name=goal.name,
        base=base,
        ratio=median(own) / median(base_times),
        least=min(each),
        most=max(each),
        at_most=goal.at_most,
        base_ms=median(base_times),
        ms=median(own),
    )
