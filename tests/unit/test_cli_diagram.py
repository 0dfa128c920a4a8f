"""Diagrams: complete, and safe whatever a declaration is called."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofflow.declarations.files import DeclarationFiles
from mofflow.domain.workflow import State, Transition, Workflow
from mofflow.errors import BadInput, Unavailable
from mofflow.formats import diagram

HOSTILE = 'a"];x[label="b\\" --> c : d\n  click e "javascript:alert(1)" #quot; <script>'


def small(name: str = "open", trigger: str = "close") -> Workflow:
    """Two states and one transition, so named."""
    states = {
        name: State(name=name, stage=name, order=0),
        "done": State(name="done", stage="", order=1, final=True),
    }
    return Workflow(
        name=name,
        version="1",
        title=name,
        kind="project",
        prefix="P",
        digest="0" * 64,
        states=states,
        initial=name,
        transitions=(Transition(trigger=trigger, source=name, target="done"),),
        fields={},
    )


def shipped() -> Workflow:
    """The Deliver lifecycle."""
    files = DeclarationFiles()
    return files.workflow(files.workflow_file(Path(files.shipped_workflows()[0])), "0" * 64)


@pytest.mark.parametrize("size", [None, "small", "large"])
def test_every_state_and_trigger_is_drawn(size: str | None) -> None:
    """In both languages."""
    workflow = shipped()
    for text in (diagram.mermaid(workflow, size), diagram.dot(workflow, size)):
        assert all(state in text for state in workflow.states)
        assert all(edge.trigger in text for edge in workflow.for_size(size).transitions)


def test_plain_names_read_plainly() -> None:
    """A diagram is for people: identifiers are the names themselves."""
    assert "    proposed --> envisioning : charter\n" in diagram.mermaid(shipped())


@given(st.text(min_size=1).filter(lambda name: name != "done"), st.text(min_size=1))
def test_mermaid_has_as_many_lines_as_parts(name: str, trigger: str) -> None:
    """No name adds a line or ends a label: what could mean something is an entity."""
    text = diagram.mermaid(small(name, trigger))
    assert len(text.splitlines()) == 8


def test_a_hostile_name_stays_a_label() -> None:
    """Quotes, arrows, line breaks and scripts are only shown."""
    text = diagram.mermaid(small(HOSTILE, HOSTILE))
    assert text.count("-->") == 3
    assert "<script" not in text
    assert "\n  click" not in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@given(st.text(min_size=1, max_size=20))
def test_graphviz_reads_every_name(name: str) -> None:
    """As one state each."""
    done = subprocess.run(
        ["dot", "-Tplain"], input=diagram.dot(small(name, name)), capture_output=True, text=True, check=True
    )
    assert sum(line.startswith("node ") for line in done.stdout.splitlines()) == 3


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_svg_is_drawn_by_graphviz() -> None:
    """A hostile name is text there, too."""
    drawn = diagram.svg(small(HOSTILE, HOSTILE))
    assert "<svg" in drawn
    assert "<script" not in drawn


def test_without_graphviz_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what works without it."""
    monkeypatch.setattr(shutil, "which", dict[str, str]().get)
    with pytest.raises(Unavailable) as error:
        diagram.svg(small())
    assert "apt-get install graphviz" in error.value.hint
    assert "mermaid" in error.value.hint


def test_an_unknown_size_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(BadInput, match="'big'"):
        diagram.mermaid(shipped(), "big")
    with pytest.raises(BadInput):
        diagram.mermaid(replace(small()), "small")
