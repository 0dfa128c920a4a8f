"""Somebody who knows nothing but the remedies of `why --json`, and does what they say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.command import Mofflow, Ran

MAIN = (
    *("charter", "submit_vision", "approve", "submit_plan", "approve", "declare_complete", "approve"),
    *("start_pilot", "pilot_passed", "go", "site_done", "deployed", "end_quiet", "accept"),
)


@dataclass
class Obedient:
    """Follows remedies on one case, and counts what it does by the first words of each command."""

    mofflow: Mofflow
    key: str = "P-1"
    counts: Counter[str] = field(default_factory=Counter)
    files: int = 0

    def fire(self, trigger: str, *, by: str | None = None) -> Ran:
        """Do all that `why` asks for, wait where it says so, then fire the trigger with its example inputs."""
        answer = self.available(trigger)
        inputs = [word for need in answer["needs"] for word in ("--set", f"{need['name']}={_text(need['example'])}")]
        self.counts["advance"] += 1
        return self.mofflow("advance", self.key, trigger, *inputs, "--json", as_=by or answer["by"]["people"][0])

    def available(self, trigger: str) -> Any:  # noqa: ANN401  # JSON
        """The answer of `why`, once the trigger is available; asks again after each remedy."""
        for _ in range(60):
            answer = self.mofflow.why(self.key, trigger)
            if answer["available"]:
                return answer
            self._first_remedy(answer)
        raise AssertionError(f"{trigger} does not become available: {answer['guards']}")

    def _first_remedy(self, answer: Mapping[str, Any]) -> None:
        for guard in answer["guards"]:
            if guard["not_before"] and self._wait(guard["not_before"]):
                return
        for guard in answer["guards"]:
            if guard["remedy"] and (not guard["passed"] or guard["code"]):
                for command in guard["remedy"]:
                    self.run(command)
                return
        raise AssertionError(f"nothing to do about {answer['trigger']}: {answer['guards']}")

    def _wait(self, until: str) -> bool:
        assert self.mofflow.now is not None
        if datetime.fromisoformat(until) <= datetime.fromisoformat(self.mofflow.now):
            return False
        self.mofflow.now = until
        return True

    def run(self, command: list[Any]) -> Ran:
        """One command of a remedy, its placeholders filled with their examples."""
        words = [self._word(word) for word in command]
        verb = words[2] if words[0] == "--as" else words[0]
        self.counts[verb] += 1
        return self.mofflow(*words)

    def _word(self, word: Any) -> str:  # noqa: ANN401  # JSON
        if isinstance(word, str):
            return word
        if word["kind"] != "file":
            return str(word["prefix"]) + _text(word["example"])
        self.files += 1
        return str(self.mofflow.write(f"document-{self.files}.json", json.dumps(word["example"])))

    def state(self) -> str:
        """Where the case stands."""
        return str(self.mofflow("show", self.key, "--json").json["state"])


def _text(value: Any) -> str:  # noqa: ANN401  # JSON
    return value if isinstance(value, str) else json.dumps(value)


def new_project(mofflow: Mofflow, size: str, *fields: str) -> Obedient:
    """A project of a size in an empty database."""
    words = [word for pair in (f"size={size}", *fields) for word in ("--set", pair)]
    mofflow("project", "create", f"A {size} project", *words)
    return Obedient(mofflow, counts=Counter({"project": 1}))
