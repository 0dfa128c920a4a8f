"""States and routes: `initial`, `unreachable`, `dead_end`, `final_exit`, `overlap`, and the facts of `when`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofflow.domain.check import check
from tests.unit.test_check_shipped import policies, shipped, tiny, told, transition

BY = ["solution_manager"]
WAY = ("begin: draft -> work", "finish: work -> done", "drop: work -> dropped")
HELD: dict[str, Any] = {"stages": {"all": ["draft", "work"]}, "hold": "on_hold"}


def test_a_final_initial_state_is_a_problem() -> None:
    """Cases would be closed before they begin."""
    report = tiny(stages={})
    assert told(report, "initial") == ["initial: done is where cases begin, and it is final."]


def test_an_initial_hold_state_is_a_problem() -> None:
    """It would remember nothing."""
    report = tiny("go: on_hold -> done", stages={}, hold="on_hold", final=["done"])
    assert told(report, "initial") == ["initial: on_hold is where cases begin, and it is a hold state."]


def test_an_unreachable_state_is_found() -> None:
    """A state that no transition enters."""
    report = tiny(*WAY, stages={"all": ["draft", "work", "lost"]})
    (problem,) = [p for p in report.problems if p.check == "unreachable"]
    assert (problem.state, problem.message) == ("lost", "no path leads from draft to lost.")


def test_a_state_that_only_some_sizes_use_is_reachable() -> None:
    """A case of another size never comes there, on purpose."""

    def only_large(content: dict[str, Any]) -> None:
        transition(content, "start_pilot", "stabilizing")["sizes"] = ["large"]

    assert told(check(shipped(only_large), policies()), "unreachable") == []


def test_a_dead_end_is_found_with_the_path_that_leads_there() -> None:
    """A state that can be entered, and from which no final state can be reached."""
    report = tiny(*WAY, "trap: work -> pit", stages={"all": ["draft", "work", "pit"]})
    (problem,) = report.problems
    assert (problem.check, problem.state) == ("dead_end", "pit")
    assert problem.path == (("draft", "begin"), ("work", "trap"))
    assert (
        str(problem)
        == "dead_end: from pit no path leads to a final state. Path: draft -begin-> work -trap-> pit."
    )


def test_a_state_that_can_only_be_cancelled_is_a_dead_end() -> None:
    """Closed stays reachable from every open state: taking away both ways back from rolled_back leaves only stop."""

    def only_stop(content: dict[str, Any]) -> None:
        for trigger in ("retry", "replan"):
            content["transitions"].remove(transition(content, trigger, "rolled_back"))

    problems = [p for p in check(shipped(only_stop), policies()).problems if p.check == "dead_end"]
    assert {p.state for p in problems} == {"rolling_back", "rolled_back"}
    assert all(p.message.endswith("no path leads to closed.") and p.size is None for p in problems)
    assert problems[0].path[-1] == ("deploying", "back_out")


def test_a_dead_end_of_one_size_names_the_size() -> None:
    """Where only some sizes may finish."""
    finish = {"trigger": "finish", "move": "work -> done", "by": BY, "sizes": ["large"]}
    sizes = {"size": {"kind": "enum", "values": ["small", "large"], "set_in": ["draft"]}}
    report = tiny("begin: draft -> work", finish, "drop: work -> dropped", fields=sizes)
    (problem,) = report.problems
    assert (problem.check, problem.size, problem.state) == ("dead_end", "small", "draft")


def test_a_remembered_state_that_resume_leaves_out_is_a_dead_end() -> None:
    """On hold is split by the remembered state."""
    hold = {"trigger": "hold", "move": "draft, work -> on_hold", "by": BY}
    resume = {
        "trigger": "resume",
        "move": "on_hold -> remembered",
        "by": BY,
        "when": {"remembered": ["draft"]},
    }
    (problem,) = tiny(*WAY, hold, resume, **HELD).problems
    assert problem.check == "dead_end"
    assert problem.message == "from on_hold (which remembers work) no path leads to a final state."
    assert problem.path == (("draft", "begin"), ("work", "hold"))


def test_a_value_of_a_fact_that_nobody_covers_is_a_dead_end() -> None:
    """An end must be in sight whatever a fact is: here a changed baseline leaves a case on hold for good."""

    def uncovered(content: dict[str, Any]) -> None:
        content["transitions"].remove(
            next(t for t in content["transitions"] if t["move"] == "on_hold -> planning")
        )

    problems = [p for p in check(shipped(uncovered), policies()).problems if p.check == "dead_end"]
    assert {p.message for p in problems} == {
        f"from on_hold (which remembers {state}) no path leads to closed where baseline is changed."
        for state in ("building", "scope_review", "stabilizing", "piloting", "release_review")
    }


def test_a_workflow_without_final_state_is_a_dead_end() -> None:
    """Nothing would ever end."""
    report = tiny("begin: draft -> work", "back: work -> draft", final=[])
    assert told(report, "dead_end") == ["dead_end: there is no final state."]


def test_a_transition_out_of_a_final_state_is_found() -> None:
    """What is closed stays closed."""
    report = tiny(*WAY, "reopen: done -> work")
    (problem,) = report.problems
    assert (problem.check, problem.state, problem.trigger) == ("final_exit", "done", "reopen")


def test_two_edges_of_one_trigger_without_when_overlap() -> None:
    """Which one is taken must never depend on the order of declaration."""
    report = tiny(*WAY, "finish: work -> dropped")
    (problem,) = report.problems
    assert (problem.check, problem.state, problem.trigger) == ("overlap", "work", "finish")
    assert problem.message == "finish leads from work to done and to dropped: neither says `when`."
    assert problem.path == (("draft", "begin"),)


def test_edges_that_agree_on_every_fact_that_both_name_overlap() -> None:
    """The shipped resume without its `baseline: unchanged`: a changed baseline would have two targets."""

    def careless(content: dict[str, Any]) -> None:
        for entry in content["transitions"]:
            if entry["trigger"] == "resume" and entry["when"].get("baseline") == "unchanged":
                del entry["when"]["baseline"]

    problems = [p for p in check(shipped(careless), policies()).problems if p.check == "overlap"]
    assert len(problems) == 5
    assert problems[0].message == (
        "resume leads from on_hold to building and to planning: "
        "both are chosen where remembered is building and baseline is changed."
    )
    assert problems[0].path[-1][1] == "hold"


def test_edges_of_different_sizes_do_not_overlap() -> None:
    """A case has one size at a time."""
    ways = [
        {"trigger": "finish", "move": f"work -> {target}", "by": BY, "sizes": [size]}
        for target, size in (("done", "small"), ("dropped", "large"))
    ]
    sizes = {"size": {"kind": "enum", "values": ["small", "large"]}}
    assert told(tiny("begin: draft -> work", *ways, fields=sizes), "overlap") == []


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"color": ["red"]}, "when color: there is no fact or enum field 'color' (did you mean 'colour'?)"),
        ({"colour": ["rde"]}, "when colour: there is no value 'rde' (did you mean 'red'?)"),
        ({"remembered": ["work"]}, "when remembered: work remembers no state; only a hold state does."),
        ({"baseline": "chnged"}, "when baseline: there is no value 'chnged' (did you mean 'changed'?)"),
        ({"baseline": "changed"}, "when baseline: nothing declares `baseline_from`, so it never changes."),
    ],
)
def test_a_fact_of_when_must_be_known(when: dict[str, Any], message: str) -> None:
    """`remembered`, `baseline` or an enum field, with values of its domain."""
    drop = {"trigger": "drop", "move": "work -> dropped", "by": BY, "when": when}
    colour = {"colour": {"kind": "enum", "values": ["red", "green"]}}
    report = tiny(*WAY[:2], drop, fields=colour)
    assert message in [p.message for p in report.problems if p.check == "unknown_name"]


def test_the_domain_of_remembered_are_the_states_that_can_be_held() -> None:
    """Only a state that has a transition into the hold state is ever remembered."""
    hold = {"trigger": "hold", "move": "draft -> on_hold", "by": BY}
    resume = {
        "trigger": "resume",
        "move": "on_hold -> remembered",
        "by": BY,
        "when": {"remembered": ["draft", "work"]},
    }
    assert [p.message for p in tiny(*WAY, hold, resume, **HELD).problems] == [
        "when remembered: there is no state that can be put on hold 'work'."
    ]


NAMES = ["s0", "s1", "s2", "s3", "s4"]


@given(st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from([*NAMES, "done", "dropped"])), max_size=12))
def test_reachability_is_that_of_enumerated_paths(lines: set[tuple[str, str]]) -> None:
    """On random graphs: unreachable and dead ends are what trying every simple path says."""
    moves = [f"t{n}: {source} -> {target}" for n, (source, target) in enumerate(sorted(lines))]
    report = tiny(*moves, stages={"all": NAMES})

    def ends(state: str, seen: tuple[str, ...]) -> set[str]:
        nexts = [b for a, b in lines if a == state and b not in seen]
        return {state}.union(*(ends(b, (*seen, b)) for b in nexts))

    reachable = ends("s0", ("s0",))
    assert {p.state for p in report.problems if p.check == "unreachable"} == {
        *NAMES,
        "done",
        "dropped",
    } - reachable
    stuck = {s for s in reachable & set(NAMES) if not ends(s, (s,)) & {"done", "dropped"}}
    found = {p.state for p in report.problems if p.message.endswith("no path leads to a final state.")}
    assert found == stuck
    open_ends = {s for s in reachable & set(NAMES) - stuck if "done" not in ends(s, (s,))}
    told_ends = {p.state for p in report.problems if p.message.endswith("no path leads to done.")}
    assert told_ends == (open_ends & {"s0"} or open_ends)
