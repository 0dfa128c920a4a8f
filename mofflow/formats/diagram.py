"""Workflows as state diagrams: mermaid, Graphviz dot, and svg where Graphviz is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

from mofflow.domain.workflow import State, Workflow
from mofflow.errors import BadInput, Unavailable, nearest

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MERMAID_WORDS = frozenset(
    {"as", "class", "classDef", "default", "direction", "end", "note", "state", "style", "click"}
)
_SECONDS = 60  # more than Graphviz needs for any workflow that a person can read


def mermaid(workflow: Workflow, size: str | None = None) -> str:
    """A mermaid state diagram; of one size, or of all sizes at once."""
    shown = sized(workflow, size)
    names = _names(shown)
    lines = ["stateDiagram-v2", f"    [*] --> {names[shown.initial]}"]
    for place, (stage, states) in enumerate(_stages(shown)):
        inside = [f'state "{_mermaid(s.name)}" as {names[s.name]}' for s in states]
        if stage:
            lines += [
                f'    state "{_mermaid(stage)}" as stage_{place} {{',
                *(f"        {i}" for i in inside),
                "    }",
            ]
        else:
            lines += [f"    {i}" for i in inside]
    lines += [f"    {names[a]} --> {names[b]} : {_mermaid(told)}" for a, b, told in _edges(shown)]
    lines += [f"    {names[s.name]} --> [*]" for s in shown.states.values() if s.final]
    return "\n".join(lines) + "\n"


def dot(workflow: Workflow, size: str | None = None) -> str:
    """A Graphviz graph; of one size, or of all sizes at once."""
    shown = sized(workflow, size)
    lines = [
        f"digraph {_dot(shown.name)} {{",
        f"  label={_dot(_title(shown))}; labelloc=t; rankdir=TB; fontname=Helvetica;",
        "  node [shape=box, style=rounded, fontname=Helvetica]; edge [fontname=Helvetica, fontsize=10];",
        '  start [shape=point, label=""];',
        f"  start -> {_dot(_node(shown.initial))};",
    ]
    for place, (stage, states) in enumerate(_stages(shown)):
        inside = [f"{_dot(_node(s.name))} [label={_dot(s.name)}{_look(s)}];" for s in states]
        if stage:
            lines += [
                f"  subgraph cluster_{place} {{",
                f"    label={_dot(stage)};",
                *(f"    {i}" for i in inside),
                "  }",
            ]
        else:
            lines += [f"  {i}" for i in inside]
    lines += [f"  {_dot(_node(a))} -> {_dot(_node(b))} [label={_dot(told)}];" for a, b, told in _edges(shown)]
    return "\n".join([*lines, "}"]) + "\n"


def svg(workflow: Workflow, size: str | None = None) -> str:
    """The graph drawn by Graphviz; Unavailable where its program `dot` is missing or fails."""
    program = shutil.which("dot")
    if program is None:
        raise Unavailable(
            "Drawing svg needs the program `dot` of Graphviz, and it is not installed.",
            "Install Graphviz (apt-get install graphviz, brew install graphviz), or take --format mermaid.",
        )
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the graph goes in as its input
            [program, "-Tsvg"],
            input=dot(workflow, size),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(
            f"Graphviz could not draw the workflow: {error}.", "Take --format mermaid or dot."
        ) from error
    return done.stdout


def sized(workflow: Workflow, size: str | None) -> Workflow:
    """The workflow with only what a size asks for; BadInput for a size that it has not."""
    if size is not None and size not in workflow.sizes:
        sizes = ", ".join(workflow.sizes) or "none"
        raise BadInput(
            f"{workflow.name} has no size {size!r}{nearest(size, workflow.sizes)}.", f"Its sizes: {sizes}."
        )
    return workflow.for_size(size)


def _title(workflow: Workflow) -> str:
    return f"{workflow.name} {workflow.version}" + (f", {workflow.size}" if workflow.size else "")


def _stages(workflow: Workflow) -> Iterator[tuple[str, list[State]]]:
    """Each stage with its states, then those that have none."""
    for stage in dict.fromkeys(s.stage for s in workflow.states.values()):
        yield stage, [s for s in workflow.states.values() if s.stage == stage]


def _edges(workflow: Workflow) -> Iterator[tuple[str, str, str]]:
    """(source, target, triggers): one line for all triggers between two states."""
    between: dict[tuple[str, str], list[str]] = {}
    for edge in workflow.transitions:
        triggers = between.setdefault((edge.source, edge.target), [])
        if edge.trigger not in triggers:
            triggers.append(edge.trigger)
    for (source, target), triggers in between.items():
        yield source, target, " / ".join(triggers)


def _names(workflow: Workflow) -> dict[str, str]:
    """An identifier for each state: its own name where that cannot be misread."""
    return {
        name: name
        if _PLAIN.fullmatch(name) and name not in _MERMAID_WORDS and not name.startswith(("stage_", "s__"))
        else f"s__{place}"
        for place, name in enumerate(workflow.states)
    }


def _mermaid(text: str) -> str:
    """Text as mermaid shows it literally: whatever could mean something is written as an entity."""
    return "".join(c if c.isalnum() or c in " _-./" else f"#{ord(c)};" for c in text)


def _dot(text: str) -> str:
    """A quoted string of the dot language, on one line."""
    flat = "".join(c if c.isprintable() else " " for c in text)
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _node(name: str) -> str:
    return f"state {name}"


def _look(state: State) -> str:
    if state.final:
        return ", peripheries=2"
    return ", style=dashed" if state.hold else ""
