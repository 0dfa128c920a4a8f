"""Dominance: every way around a guard that serves a mandatory clause is found, and told as a path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofflow.declarations.workflow import workflow_from
from mofflow.domain.check import Problem, check
from mofflow.domain.policy import Mandate
from mofflow.domain.workflow import Guard, Transition, Waivable, Workflow
from tests.unit.test_check_shipped import policies, shipped, tiny, told

CLAUSES = {m.clause: m for m in policies().mandates}
SERVING = sorted(
    {
        (edge.trigger, guard.name, clause)
        for edge in shipped().transitions
        for guard in edge.guards
        for clause in set(guard.clauses) & set(CLAUSES)
        if guard.catches_up is None
    }
)


def _changed(workflow: Workflow, name: str, change: Guard | None) -> Workflow:
    """The workflow with another guard, or none, in place of the one that has this name."""

    def guards(edge: Transition) -> tuple[Guard, ...]:
        kept = ((change if g.name == name else g) for g in edge.guards)
        return tuple(g for g in kept if g is not None)

    transitions = tuple(replace(edge, guards=guards(edge)) for edge in workflow.transitions)
    return replace(workflow, transitions=transitions)


def _guard(workflow: Workflow, name: str) -> Guard:
    return next(g for t in workflow.transitions for g in t.guards if g.name == name)


def _dominance(workflow: Workflow) -> list[Problem]:
    return [p for p in check(workflow, policies()).problems if p.check == "dominance"]


def test_every_mandatory_clause_is_served_by_a_guard() -> None:
    """The nine clauses of policies/mandatory.yaml; the release gate serves its four on each of three ways in."""
    assert {clause for _, _, clause in SERVING} == set(CLAUSES)
    assert len(SERVING) == 5 + 4 * 3


@pytest.mark.parametrize(("trigger", "name", "clause"), SERVING)
def test_no_guard_that_serves_a_clause_can_be_taken_away(trigger: str, name: str, clause: str) -> None:
    """Without it that clause fails, and no other; in every size that has the transition."""
    problems = _dominance(_changed(shipped(), name, None))
    assert all(p.message.endswith(f" serves {clause}.") for p in problems)
    assert [p.size for p in problems] == (["normal", "large"] if trigger == "conditional_go" else [None])
    for problem in problems:
        assert problem.state == CLAUSES[clause].before
        assert problem.path[0][0] == "proposed"
        assert trigger in [step for _, step in problem.path]


@pytest.mark.parametrize(("trigger", "name", "clause"), SERVING)
def test_a_guard_that_can_be_waived_serves_nothing(trigger: str, name: str, clause: str) -> None:
    """Waiving it is a way around."""
    guard = _guard(shipped(), name)
    weak = replace(guard, waivable=Waivable(by="solution_manager", at_most="P1D"))
    assert any(p.message.endswith(f" serves {clause}.") for p in _dominance(_changed(shipped(), name, weak)))


@pytest.mark.parametrize("size", ["small", "normal", "large"])
@pytest.mark.parametrize(("trigger", "name", "clause"), [s for s in SERVING if s[0] != "conditional_go"])
def test_a_guard_that_one_size_lacks_fails_for_that_size(
    trigger: str, name: str, clause: str, size: str
) -> None:
    """The counter-example names the size."""
    guard = replace(_guard(shipped(), name), sizes=frozenset({"small", "normal", "large"} - {size}))
    assert [p.size for p in _dominance(_changed(shipped(), name, guard))] == [size]


def test_a_counter_example_is_the_shortest_path() -> None:
    """Without the acceptance criteria nothing of D2 is passed on the way to building."""
    (problem,) = _dominance(_changed(shipped(), "submit_plan.acceptance_criteria", None))
    assert str(problem) == (
        "dominance: building can be entered without having passed a guard that serves D2. Path: proposed -charter-> "
        "envisioning -submit_vision-> vision_review -approve-> planning -submit_plan-> plan_review -approve-> building."
    )


@pytest.mark.parametrize(
    ("move", "clause"),
    [
        ("envisioning -> planning", "D1"),
        ("planning -> building", "D2"),
        ("building -> stabilizing", "D3"),
        ("quiet_period -> deploying", "M6"),
        ("deploying -> completion_review", "D5"),
        ("quiet_period -> closed", "D6"),
    ],
)
def test_a_bypass_is_found(move: str, clause: str) -> None:
    """A transition added beside the guarded one; its own step ends the path."""
    bypass = {"trigger": "bypass", "move": move, "by": ["solution_manager"]}
    problems = _dominance(shipped(lambda content: content["transitions"].append(bypass)))
    assert clause in {p.message.rpartition(" serves ")[2].rstrip(".") for p in problems}
    assert all(p.path[-1] == (move.split(maxsplit=1)[0], "bypass") for p in problems)


def test_going_back_takes_the_pass_away() -> None:
    """A side way that can be entered only by going back, and that leads on without the guard."""
    report = tiny(
        _edge("begin", "draft -> middle"),
        {**_edge("on", "middle -> late"), "guards": [_serving("D2")]},
        _edge("go", "late -> work"),
        _edge("back", "late -> side"),
        _edge("again", "side -> late"),
        _edge("finish", "work -> done"),
        _edge("drop", "work -> dropped"),
        stages={"all": ["draft", "side", "middle", "late", "work"]},
        mandates=(Mandate(clause="D2", before="work", mode="passed"),),
    )
    (problem,) = report.problems
    assert problem.told_path == "draft -begin-> middle -on-> late -back-> side -again-> late -go-> work"


def test_a_backward_move_to_the_place_of_the_guard_takes_it_away_and_a_shorter_one_does_not() -> None:
    """The place of a guard is that of the state which its transition leaves."""
    states = ["draft", "middle", "late", "work"]
    way = [
        {**_edge("begin", "draft -> middle"), "guards": [_serving("D2")]},
        _edge("on", "middle -> late"),
        _edge("go", "late -> work"),
        _edge("finish", "work -> done"),
        _edge("drop", "work -> dropped"),
    ]
    more: dict[str, Any] = {
        "stages": {"all": states},
        "mandates": (Mandate(clause="D2", before="work", mode="passed"),),
    }
    assert tiny(*way, _edge("back", "late -> middle"), **more).ok
    report = tiny(*way, _edge("back", "late -> draft"), _edge("skip", "draft -> late"), **more)
    assert [p.path for p in report.problems] == [(("draft", "skip"), ("late", "go"))]


def test_on_hold_is_split_by_the_remembered_state() -> None:
    """Resuming to where a case was held is no entry without a guard, and resuming elsewhere is one."""

    def elsewhere(content: dict[str, Any]) -> None:
        for entry in content["transitions"]:
            if entry["trigger"] == "resume" and entry["move"] == "on_hold -> planning":
                entry["move"] = "on_hold -> stabilizing"

    problems = _dominance(shipped(elsewhere))
    assert [p.message for p in problems] == [
        "stabilizing can be entered without having passed a guard that serves D3."
    ]
    assert [state for state, _ in problems[0].path][-2:] == ["building", "on_hold"]


def test_a_guard_that_only_catches_up_serves_nothing() -> None:
    """It is not asked of a case whose size stayed."""
    guard = _guard(shipped(), "submit_plan.acceptance_criteria")
    late = replace(guard, catches_up="submit_vision")
    assert len(_dominance(_changed(shipped(), guard.name, late))) == 1


def test_a_change_of_size_on_the_way_is_no_way_around() -> None:
    """Large cases pass the clause at the first step, small ones at the second: one that grows between passes neither."""
    way = [
        {**_edge("begin", "draft -> middle"), "guards": [{**_serving("D2"), "sizes": ["large"]}]},
        {**_edge("go", "middle -> work"), "guards": [{**_serving("D2"), "sizes": ["small"]}]},
        _edge("finish", "work -> done"),
        _edge("drop", "work -> dropped"),
    ]
    more: dict[str, Any] = {
        "stages": {"all": ["draft", "middle", "work"]},
        "fields": {"size": {"kind": "enum", "values": ["small", "large"], "set_in": ["draft", "middle"]}},
        "mandates": (Mandate(clause="D2", before="work", mode="passed"),),
    }
    (problem,) = tiny(*way, **more).problems
    assert problem.size is None
    assert problem.message.endswith("serves D2, where the size changes.")
    assert problem.path == (("draft", "begin"), ("middle", "size=large"), ("middle", "go"))
    catching = {**_serving("D2"), "name": "late", "sizes": ["large"], "catches_up": "begin"}
    way[1] = {**_edge("go", "middle -> work"), "guards": [{**_serving("D2"), "sizes": ["small"]}, catching]}
    assert tiny(*way, **more).ok


def test_a_mandate_before_the_initial_state_cannot_be_kept() -> None:
    """Cases begin there."""
    for mode in ("passed", "at_entry"):
        mandate = Mandate(clause="D2", before="draft", mode=mode)
        report = tiny(
            "finish: draft -> done", "drop: draft -> dropped", stages={"all": ["draft"]}, mandates=(mandate,)
        )
        assert [(p.check, p.state) for p in report.problems] == [("dominance", "draft")]


def test_a_workflow_of_projects_cannot_rename_the_state_away() -> None:
    """A mandate for a state that is not there would pass by itself; other kinds of workflow have other mandates."""
    mandate = Mandate(clause="D4", before="wrk", mode="at_entry")
    way = ("begin: draft -> work", "finish: work -> done", "drop: work -> dropped")
    assert told(tiny(*way, mandates=(mandate,)), "dominance") == [
        "dominance: before it D4 must be served: there is no state 'wrk' (did you mean 'work'?)"
    ]
    assert tiny(*way, mandates=(mandate,), kind="change").ok


def _edge(trigger: str, move: str) -> dict[str, Any]:
    return {"trigger": trigger, "move": move, "by": ["solution_manager"]}


def _serving(clause: str) -> dict[str, Any]:
    return {"evidence": "business_case", "clauses": [clause]}


# --- Random workflows against an oracle that enumerates paths -----------------------------------------------------------

STATES = ["s0", "s1", "s2", "s3"]
SIZES = ["small", "large"]
_SUBSET = st.lists(st.sampled_from(SIZES), max_size=1)
EDGES = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(STATES),
            "target": st.sampled_from([*STATES, "done", "on_hold"]),
            "serves": st.booleans(),
            "guard_sizes": _SUBSET,
            "sizes": _SUBSET,
        }
    ),
    min_size=1,
    max_size=7,
)


def _random(edges: list[dict[str, Any]], resumes: dict[str, str], set_in: list[str]) -> Workflow:
    transitions = [
        {
            **_edge(f"t{n}", f"{edge['source']} -> {edge['target']}"),
            "sizes": edge["sizes"],
            "guards": [{**_serving("D2"), "sizes": edge["guard_sizes"]}] if edge["serves"] else [],
        }
        for n, edge in enumerate(edges)
    ]
    transitions += [
        {**_edge("resume", f"on_hold -> {target}"), "when": {"remembered": [state]}}
        for state, target in resumes.items()
    ]
    content = {
        "workflow": "random", "version": "1", "title": "Random", "kind": "project", "prefix": "R",
        "fields": {"size": {"kind": "enum", "values": SIZES, "set_in": set_in}},
        "stages": {"all": STATES}, "hold": "on_hold", "final": ["done"], "transitions": transitions,
    }  # fmt: skip
    return workflow_from(content, "digest")


def _ways_around(workflow: Workflow, before: str, size: str, *, changes: bool) -> bool:
    """Try every path that repeats nothing; a guard stands until a backward move to or before its place."""

    def search(
        size: str, state: str, held: str | None, places: frozenset[int], seen: frozenset[object]
    ) -> bool:
        here = (size, state, held, places)
        if here in seen:
            return False
        if state == before and not places:
            return True
        order = workflow.states[held or state].order
        for edge in workflow.for_size(size).transitions:
            if edge.source != state or edge.when.get("remembered", {held}) != {held}:
                continue
            memory = state if edge.target == "on_hold" else None
            to = workflow.states[memory or edge.target].order
            left = {p for p in places if not (to < order and to <= p)}
            own = {order} if any("D2" in g.clauses for g in edge.guards) else set()
            if search(size, edge.target, memory, frozenset(left | own), seen | {here}):
                return True
        settable = workflow.fields["size"].set_in
        may = changes and state not in ("done",) and (not settable or state in settable)
        return may and any(search(s, state, held, places, seen | {here}) for s in SIZES if s != size)

    return search(size, "s0", None, frozenset(), frozenset())


@settings(max_examples=150, deadline=None)
@given(
    EDGES,
    st.dictionaries(st.sampled_from(STATES), st.sampled_from([*STATES, "done"]), max_size=2),
    st.lists(st.sampled_from(STATES), min_size=1, max_size=2, unique=True),
    st.sampled_from([*STATES[1:], "done"]),
)
def test_dominance_is_that_of_enumerated_paths(
    edges: list[dict[str, Any]], resumes: dict[str, str], set_in: list[str], before: str
) -> None:
    """`passed` on random workflows with a hold state, sizes and changes of size."""
    workflow = _random(edges, resumes, set_in)
    mandates = (Mandate(clause="D2", before=before, mode="passed"),)
    report = check(workflow, replace(policies(), mandates=mandates))
    found = [p for p in report.problems if p.check == "dominance"]
    bare = {size for size in SIZES if _ways_around(workflow, before, size, changes=False)}
    if bare:
        told_sizes = {size for p in found for size in ([p.size] if p.size else SIZES)}
        assert told_sizes == bare
    else:
        assert bool(found) == any(_ways_around(workflow, before, size, changes=True) for size in SIZES)
    for problem in found:
        assert problem.path[0][0] == "s0"
        assert problem.state == before
