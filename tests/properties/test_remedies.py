"""Who does what `why` says ends with the trigger available, wherever a random walk has led the project."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from mofflow.domain.decide import leaving
from mofflow.services import cases
from tests.support.follow import KEY, ask, fire, follow
from tests.support.profiles import walks
from tests.support.walk import ProjectWalk
from tests.support.worlds import opened


class Follower(ProjectWalk):
    """Every verb; now and then somebody follows the remedies of a trigger, in a copy of the world."""

    @precondition(lambda self: bool(leaving(self.facts())))
    @rule(data=st.data())
    def follow_one(self, data: st.DataObject) -> None:
        """One trigger that leaves the state, asked for by anybody."""
        facts = self.facts()
        trigger = data.draw(st.sampled_from(leaving(facts)), "trigger")
        asker = self.someone(data, facts, ["root"], "asker")
        self._follow(trigger, asker)

    @precondition(lambda self: bool(leaving(self.facts())))
    @rule()
    def follow_each(self) -> None:
        """All of them, each in a world of its own."""
        for trigger in leaving(self.facts()):
            self._follow(trigger, "root")

    def _follow(self, trigger: str, asker: str) -> None:
        with opened(self.trial.snapshot(), self.trial.pace) as elsewhere:
            answer = follow(elsewhere, KEY, trigger, asker)
            assert answer.people, f"{trigger} is available to nobody"
            fire(elsewhere, KEY, answer)

    @invariant()
    def an_answer_is_available_exactly_when_nothing_stands_against_it(self) -> None:
        """Only the guards and who may fire decide; a guard that fails always has a code and a message."""
        for answer in cases.explain(self.trial.seen_by(), KEY)[2]:
            failing = [e for e in answer.entries if not e.judged.passed]
            assert answer.available == (not failing and bool(answer.people))
            assert all(e.code and e.judged.verdict.message for e in failing)

    @invariant()
    def why_changes_nothing(self) -> None:
        """Neither the project nor the history, nor one byte of the database."""
        before = self.case()
        with closing(sqlite3.connect(self.trial.path)) as watching:
            version = watching.execute("PRAGMA data_version").fetchone()
            for trigger in leaving(self.facts()):
                ask(self.trial, KEY, trigger)
            cases.explain(self.trial.seen_by(), KEY)
            assert watching.execute("PRAGMA data_version").fetchone() == version
        assert self.case() == before
        assert self.raw.refresh() == []


TestRemedies = Follower.TestCase
TestRemedies.settings = walks(quick=30, steps=25)
