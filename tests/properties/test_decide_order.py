"""The decision depends on the facts alone: not on the run, the order of guards, or the order in which people are listed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofflow.domain.decide import Decision, Refused, decide, judge, leaving
from mofflow.domain.explain import why
from mofflow.domain.facts import Facts
from mofflow.domain.machine import machine
from mofflow.domain.workflow import Guard, Need, Transition
from mofflow.services import cases
from tests.support import declared
from tests.support.follow import KEY, travelled
from tests.support.walk import ROADS, SIZES
from tests.support.worlds import ROOT, Trial, opened

SHOW = """
import sys
from pathlib import Path
from tests.properties.test_decide_order import told
from tests.support.worlds import Snapshot, opened
from datetime import datetime
with opened(Snapshot(Path(sys.argv[1]).read_bytes(), datetime.fromisoformat(sys.argv[2]), 0)) as trial:
    print(told(trial))
"""


@st.composite
def worlds(draw: st.DrawFn) -> Facts:
    """The facts of a project of any size, somewhere on its road, with or without people around it."""
    size = draw(st.sampled_from(SIZES))
    road = draw(st.sampled_from([road for road in ROADS if size != "small" or "conditional_go" not in road]))
    length = draw(st.integers(0, len(road)))
    with opened(travelled(cast=draw(st.booleans()), size=size, road=tuple(road[:length]))) as trial:
        return cases.load(trial.seen_by(), KEY)


def reordered(facts: Facts, random: Random) -> Facts:
    """The same facts, with the guards of every transition in another order."""

    def shuffled(edge: Transition) -> Transition:
        return replace(edge, guards=tuple(random.sample(edge.guards, len(edge.guards))))

    workflow = replace(facts.workflow, transitions=tuple(shuffled(t) for t in facts.workflow.transitions))
    return replace(facts, workflow=workflow)


@given(facts=worlds(), random=st.randoms(use_true_random=False))
def test_the_order_of_guards_changes_no_verdict(facts: Facts, random: Random) -> None:
    """Each guard finds the same wherever it stands, and the answer is available or not as before."""
    other = reordered(facts, random)
    for edge, moved in zip(facts.workflow.transitions, other.workflow.transitions, strict=True):
        if edge.source == facts.case.state and not edge.needs:
            found = {j.name: (j.verdict, j.excused) for j in judge(facts, edge)}
            assert {j.name: (j.verdict, j.excused) for j in judge(other, moved)} == found
    assert _availability(other) == _availability(facts)


@given(facts=worlds(), random=st.randoms(use_true_random=False))
def test_the_order_in_which_people_and_documents_are_listed_changes_no_verdict(
    facts: Facts, random: Random
) -> None:
    """Documents, grants, sign-offs and people are sets: their order carries no meaning for what passes."""
    case, people = facts.case, facts.people
    other = replace(
        facts,
        case=replace(
            case,
            evidence=dict(random.sample(list(case.evidence.items()), len(case.evidence))),
            signoffs=tuple(random.sample(case.signoffs, len(case.signoffs))),
        ),
        people=replace(
            people,
            persons=dict(random.sample(list(people.persons.items()), len(people.persons))),
            grants=tuple(random.sample(people.grants, len(people.grants))),
        ),
    )
    for edge in facts.workflow.transitions:
        if edge.source == case.state:
            found = {j.name: (j.passed, j.verdict.code) for j in judge(facts, edge)}
            assert {j.name: (j.passed, j.verdict.code) for j in judge(other, edge)} == found


def _availability(facts: Facts) -> dict[str, tuple[bool, set[str]]]:
    return {a.trigger: (a.available, {e.judged.name for e in a.entries if e.code}) for a in why(facts, ROOT)}


@given(facts=worlds(), data=st.data())
def test_the_same_facts_give_the_same_decision(facts: Facts, data: st.DataObject) -> None:
    """For every trigger and everybody: equal decisions and refusals, and a decision leaves the facts as they were."""
    before = repr(facts)
    actor = data.draw(st.sampled_from(sorted(facts.people.persons)))
    for answer in why(facts, actor):
        given_inputs = {need.name: example for need, _, example in answer.needs}
        asked = replace(facts, inputs=given_inputs)
        first, second = decide(asked, answer.trigger, actor), decide(asked, answer.trigger, actor)
        assert first == second
        assert isinstance(first, Decision | Refused)
        assert isinstance(first, Decision) == (answer.available and actor in answer.people)
    assert why(facts, actor) == why(facts, actor)
    assert repr(facts) == before


def told(trial: Trial) -> str:
    """Every answer about the project, and what an attempt to fire would write, as text."""
    facts, _, answers = cases.explain(trial.seen_by(), KEY)
    decided = [
        decide(replace(facts, inputs={n.name: x for n, _, x in a.needs}), a.trigger, ROOT) for a in answers
    ]
    return json.dumps(plain([answers, [d.act for d in decided]]), indent=1)


def plain(value: object) -> object:
    """Data for JSON. Sets carry no order, so they are sorted; maps keep theirs. The rules of guards are left out."""
    if isinstance(value, Guard | Need):
        return value.name
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, Mapping):
        return [[str(name), plain(inner)] for name, inner in value.items()]
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int) else str(value)


@pytest.mark.parametrize("length", [0, 9, 12])
def test_every_process_decides_the_same(tmp_path: Path, length: int) -> None:
    """Answers and acts are the same text whatever the seed by which a process orders its sets."""
    snapshot = travelled(cast=True, size="large", road=ROADS[0][:length])
    file = tmp_path / "world.db"
    file.write_bytes(snapshot.content)
    found = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", SHOW, str(file), snapshot.at.isoformat()],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=declared.ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


@pytest.mark.parametrize("size", SIZES)
def test_the_machine_has_exactly_the_declared_edges(size: str) -> None:
    """From each state those triggers that a move of this size declares, each once, and each edge ends where it says."""
    with opened(travelled(cast=False, size=size, road=())) as trial:
        workflow = cases.load(trial.seen_by(), KEY).workflow
    for state in declared.places():
        expected = {
            entry["trigger"]
            for entry, source, _ in declared.moves()
            if source == state and size in entry.get("sizes", SIZES)
        }
        found = machine(workflow).triggers(state)
        assert set(found) == expected
        assert len(found) == len(expected)
    for edge in workflow.transitions:
        assert machine(workflow).move(edge) == edge.target


@given(facts=worlds())
def test_what_leaves_the_state_is_what_why_answers(facts: Facts) -> None:
    """One answer for each trigger of the machine, in its order, and none other."""
    assert tuple(a.trigger for a in why(facts, ROOT)) == leaving(facts)
