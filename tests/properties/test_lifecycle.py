"""Random walks through the whole life of a project hold the invariants I1 to I9 of domain.md 6.5, and the chain."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis.stateful import invariant

from mofflow.domain.case import evidence_id
from mofflow.domain.decide import leaving
from mofflow.domain.fold import replay
from mofflow.domain.guards import look
from mofflow.domain.signoffs import standing
from mofflow.domain.workflow import Guard
from mofflow.services import audit, cases
from mofflow.services.world import World
from tests.support import declared
from tests.support.follow import KEY
from tests.support.oracle import Oracle
from tests.support.profiles import walks
from tests.support.raw import ADMIN, RawEvent, chain_faults, moment
from tests.support.walk import ProjectWalk

FINAL = ("closed", "rejected", "cancelled")
UNSEEN = ("note", "denied")  # kinds of event that no guard can see


class Lifecycle(ProjectWalk):
    """Every verb, by anybody, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 0

    def advanced(
        self, world: World, trigger: str, inputs: Mapping[str, object]
    ) -> cases.Advanced | cases.Refusal:
        """Fire a trigger; I5 looks at every refusal."""
        done = super().advanced(world, trigger, inputs)
        if isinstance(done, cases.Refusal):
            self.i5_a_refusal_lists_all_failing_guards(done)
        return done

    def i5_a_refusal_lists_all_failing_guards(self, refusal: cases.Refusal) -> None:
        """The failing guards are those that fail when each is judged alone, in the answer and in the history."""
        facts, refused = refusal.facts, refusal.refused
        edges = facts.workflow.leaving(facts.case.state, refused.trigger)
        if not edges:
            assert [j.verdict.code for j in refused.judged] in (["WRONG_STATE"], ["NO_ROUTE"])
            return
        edge = next(e for e in edges if e.applies(facts.routes()))
        alone = {g.name for g in edge.guards if not look(g.rule, facts).passed and not self._excused(g)}
        told = {j.name for j in refused.judged if not j.passed}
        assert told == alone
        assert {j.name for j in refused.judged} == {g.name for g in edge.guards}
        assert alone or not refused.permitted, "refused, and nothing stands against it"
        self.look_back()
        for event in self.new:  # a denied attempt is kept once a minute only
            assert {g["guard"] for g in event.body["guards"] if not g["passed"]} == alone
            assert event.body["kind"] == ("transition" if refused.permitted else "denied")

    def _excused(self, guard: Guard) -> bool:
        """A waiver that has not ended, or a larger size that did not come: read out of the raw history."""
        now = self.trial.clock.at
        for event in self.events:
            if event.is_("waiver") and event.data["guard"] == guard.name:
                last = max(e.seq for e in self.events if e.is_("waiver") and e.data["guard"] == guard.name)
                if event.seq == last and now < moment(event.data["until"]):
                    return True
        if guard.catches_up is None:
            return False
        fired = [e for e in self.events if e.is_("transition") and e.body["trigger"] == guard.catches_up]
        oracle = Oracle(self.events, self.admin, now)
        sizes = declared.SIZES
        return bool(fired) and (
            sizes.index(oracle.size(oracle.last)) <= sizes.index(oracle.size(fired[-1].seq))
        )

    # The invariants

    @invariant()
    def i1_no_release_without_the_providers_acceptance_after_the_pilot(self) -> None:
        """Whoever entered deploying had an acceptance that counted at that moment, signed after the pilot."""
        for event in self._moves():
            if event in self.new and event.body["to"] == "deploying" != event.body["from"]:
                before = [e for e in self.events if e.seq < event.seq]
                people = [e for e in self.admin if e.body["recorded_at"] < event.body["recorded_at"]]
                oracle = Oracle(before, people, event.at)
                accepted = [s for s in oracle.counting("provider_acceptance", None) if oracle.after_pilot(s)]
                assert accepted
                assert not oracle.rejections("provider_acceptance", None)

    @invariant()
    def i3_replaying_history_gives_the_same_state(self) -> None:
        """Of the project and of the case that holds people; to the order of documents and people."""
        with self.trial.database.reading() as reading:
            for key in (KEY, ADMIN):
                replayed = replay(recorded.event for recorded in reading.events(key))
                stored = reading.case(key)
                assert replayed == stored
                assert list(replayed.evidence) == list(stored.evidence)
                assert list(replayed.staffing) == list(stored.staffing)

    @invariant()
    def i4_finals_have_no_exits(self) -> None:
        """Nothing moves a case that has ended, and `why` offers nothing; only remarks and settled duties follow."""
        ended = [e.seq for e in self._moves() if e.body["to"] in FINAL]
        if not ended:
            return
        assert len(ended) == 1
        later = [e for e in self.events if e.seq > ended[0] and e.done]
        assert {e.body["kind"] for e in later} <= {"note", "settlement"}
        assert leaving(self.facts()) == ()
        assert cases.explain(self.trial.seen_by(), KEY)[2] == ()

    @invariant()
    def i6_editing_a_cited_document_never_leaves_its_signoffs_counting(self) -> None:
        """No sign-off that counts is older than the last change of a document that its set covers."""
        facts = self.facts()
        for set_name, key in {(s.set, s.key) for s in facts.case.signoffs}:
            changed = self._last_change(set_name, key)
            for signoff in standing(facts, set_name, key).counting:
                assert signoff.moment.seq > changed, f"{signoff.name} of {signoff.person}"

    def _last_change(self, set_name: str, key: str | None) -> int:
        covers, last = declared.policy("signoffs")[set_name]["covers"], 0
        contents: dict[str, tuple[str, str]] = {}
        for event in self.events:
            if event.is_("evidence") and event.data["kind"] in covers and event.data["key"] in (None, key):
                name = evidence_id(event.data["kind"], event.data["key"])
                content = (event.data["digest"], event.text("fields"))
                if contents.get(name) != content:
                    last = event.seq
                contents[name] = content
        return last

    @invariant()
    def i7_a_person_never_fills_two_seats_of_one_set(self) -> None:
        """Neither in what counts now, nor in what any transition was passed with; delegators count."""
        facts = self.facts()
        for set_name, key in {(s.set, s.key) for s in facts.case.signoffs}:
            persons = [p for s in standing(facts, set_name, key).counting for p in s.persons]
            assert len(persons) == len(set(persons))
        for event in self._moves():
            for guard in event.body["guards"]:
                signed = guard["saw"].get("signed", ())
                assert len(signed) == len(set(signed))

    @invariant()
    def i8_hold_then_resume_returns_to_the_same_state_or_planning(self) -> None:
        """Planning only from building on, and only where a baseline document was changed since plan approval."""
        held = ""
        for event in self._moves():
            if event.body["to"] == "on_hold":
                held = event.body["from"]
            if event.body["trigger"] == "resume":
                place = declared.places()
                expected = (
                    "planning" if self._rebaselined(event) and place[held] >= place["building"] else held
                )
                assert event.body["to"] == expected

    def _rebaselined(self, until: RawEvent) -> bool:
        """Whether the documents of the baseline differ from those at the last plan approval."""
        kinds = next(
            e["effects"]["baselines"] for e, _, _ in declared.moves() if "baselines" in e.get("effects", {})
        )
        taken: dict[str, tuple[str, str]] = {}
        present: dict[str, tuple[str, str]] = {}
        for event in self.events:
            if event.seq >= until.seq:
                break
            if event.is_("evidence") and event.data["kind"] in kinds:
                present[event.data["kind"]] = (event.data["digest"], event.text("fields"))
            if (
                event.is_("transition")
                and event.body["trigger"] == "approve"
                and event.body["from"] == "plan_review"
            ):
                taken = dict(present)
        return present != taken

    @invariant()
    def i9_a_waived_guard_always_leaves_a_finding(self) -> None:
        """One for each waiver, and one for each pilot that was skipped; no finding without its event."""
        found = list(audit.found(self.trial.seen_by(), KEY))
        waived = {e.seq for e in self.events if e.is_("waiver")}
        skipped = {e.seq for e in self._moves() if e.body["trigger"] == "skip_pilot"}
        assert {e for f in found if f.code == "WAIVED_GUARD" for e in f.events} == waived
        assert {e for f in found if f.code == "PILOT_SKIPPED" for e in f.events} == skipped
        assert len(found) == len(waived) + len(skipped)
        names = {e.data["guard"] for e in self.events if e.is_("waiver")}
        for event in self._moves():
            passed_over = [g["guard"] for g in event.body["guards"] if g["excused"].startswith("waived")]
            assert set(passed_over) <= names

    @invariant()
    def i10_a_bypassed_control_is_never_released(self) -> None:
        """No move enters deploying from elsewhere over a security assessment that names a bypassed control."""
        for event in self._moves():
            if event in self.new and event.body["to"] == "deploying" != event.body["from"]:
                shown = [
                    e for e in self.events
                    if e.seq < event.seq and e.is_("evidence") and e.data["kind"] == "security_assessment"
                ]  # fmt: skip
                assert '"bypassed": []' in shown[-1].text("fields")

    @invariant()
    def the_chain_verifies(self) -> None:
        """Of both cases, against the stored bytes; `at` never decreases; the row names the last hash."""
        for key in (KEY, ADMIN):
            assert chain_faults(self.raw.of(key)) == []
            with self.trial.database.reading() as reading:
                assert reading.head(key) == self.raw.of(key)[-1].hash

    @invariant()
    def the_version_rises_exactly_with_events_that_a_guard_can_see(self) -> None:
        """Refusals and remarks leave it."""
        seen = [e for e in self.events if e.done and e.body["kind"] not in UNSEEN]
        case = self.case()
        assert case.version == len(seen)
        assert case.seq == len(self.events)

    def _moves(self) -> list[RawEvent]:
        return [e for e in self.events if e.is_("transition")]


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = walks(quick=30, steps=30)
