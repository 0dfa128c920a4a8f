"""A slow, obvious second opinion agrees with mofflow on every sign-off and every set, after every step of random walks."""

from __future__ import annotations

from hypothesis.stateful import invariant

from mofflow.domain.guards.signoff import SignoffRule
from mofflow.domain.signoffs import standing
from tests.support import declared
from tests.support.oracle import Oracle
from tests.support.profiles import walks
from tests.support.raw import RawEvent
from tests.support.walk import ProjectWalk


class SignoffWalk(ProjectWalk):
    """Every verb, and two judges of what was signed."""

    @invariant()
    def both_judges_agree(self) -> None:
        """On each approval that counts, each rejection that stands, the seats filled, and the set as a whole."""
        facts = self.facts()
        oracle = Oracle(self.events, self.admin, self.trial.clock.at)
        asked = {(name, None) for name in declared.stands(oracle.size(oracle.last)) if name != "site"}
        for name, key in sorted(asked | {("site", "main")}, key=str):
            found = standing(facts, name, key)
            counting = oracle.counting(name, key)
            filled = oracle.filled(name, counting)
            rejected = {event.body["actor"] for event in oracle.rejections(name, key)}
            told = f"{name}: {found}, by the history {_told(counting)}, rejected by {rejected}"
            assert {(s.person, s.moment.seq) for s in found.counting} <= _named(counting), told
            assert len(found.counting) == filled, told
            assert set(found.rejected_by) == rejected, told
            complete = not found.rejected_by and not found.open_seats
            assert complete == oracle.complete(name, key), told

    @invariant()
    def both_judges_agree_on_what_came_after_the_pilot(self) -> None:
        """The provider's acceptance of row 18 counts only where it was signed after the pilot."""
        facts = self.facts()
        oracle = Oracle(self.events, self.admin, self.trial.clock.at)
        rules = [g.rule for t in facts.workflow.transitions if t.trigger == "go" for g in t.guards]
        rule = next(r for r in rules if isinstance(r, SignoffRule) and r.set == "provider_acceptance")
        found = standing(facts, rule.set, None, rule.after)
        late = [event for event in oracle.counting(rule.set, None) if oracle.after_pilot(event)]
        assert bool(found.counting) == bool(late), f"{found}, by the history {_told(late)}"

    @invariant()
    def what_was_signed_is_what_lay_there(self) -> None:
        """A sign-off event holds the seal of every covered document, and every material field."""
        for event in self.new:
            if event.is_("signoff"):
                oracle = Oracle(self.events, self.admin, self.trial.clock.at)
                covers = oracle.covered(event.data["set"], event.data["key"], event.seq)
                named = {f"{kind}:{key}" if key else kind: sealed for (kind, key), sealed in covers.items()}
                assert event.data["covers"] == named
                assert event.data["material"] == {"size": oracle.size(event.seq)}
                assert oracle.held(event), "signed without the role"
                assert oracle.acted(event), "signed where others are assigned"
                told = event.data
                barred = oracle.barred(told["set"], told["key"], told["role"], event.seq - 1, event.at)
                assert not event.persons & barred, "signed by somebody whom separation of duties bars"


def _named(events: list[RawEvent]) -> set[tuple[str, int]]:
    return {(event.body["actor"], event.seq) for event in events}


def _told(events: list[RawEvent]) -> list[tuple[str, str, int]]:
    return [(event.body["actor"], event.data["role"], event.seq) for event in events]


TestSignoffs = SignoffWalk.TestCase
TestSignoffs.settings = walks(quick=40, steps=30)
