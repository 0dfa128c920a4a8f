"""`mofflow show`: where a case stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, examples, with_world
from mofflow.cli._text import aligned, marks, visible
from mofflow.cli._views import View, full_view, stage_of
from mofflow.domain.facts import Facts
from mofflow.services import cases
from mofflow.services.world import World


@click.command(epilog=examples("mofflow show P-1", "mofflow show P-1 --json"))
@case_key
@formatted
@with_world
def show(world: World, key: str, out: Output) -> None:
    """Where a case stands: state, people, evidence, sign-offs, duties."""
    facts = cases.load(world, key)
    view = full_view(facts)
    out.record(view, lambda: described(facts, view, out))


def described(facts: Facts, view: View, out: Output) -> str:
    """The case as a person reads it."""
    case = facts.case
    size = f", {case.size}" if case.size else ""
    facts_told = [
        ("state", f"{case.state}{_memory(facts)}"),
        ("since", case.entered.at),
        ("version", case.version),
        *((name, value) for name, value in case.fields.items() if name != "size"),
        *(
            ("people" if n == 0 else "", f"{role}: {', '.join(p)}")
            for n, (role, p) in enumerate(case.staffing.items())
        ),
    ]
    heading = f"{case.key}  {visible(case.title)}  ({case.workflow} {facts.workflow.version}{size})"
    parts = [heading, ribbon(facts), "", out.pairs(facts_told), *_tables(view, out)]
    return "\n".join(parts)


def _memory(facts: Facts) -> str:
    return f" (from {facts.case.remembered.state})" if facts.case.remembered else ""


def ribbon(facts: Facts) -> str:
    """The stages in a row; the present one in brackets, those before it ticked."""
    stages = list(dict.fromkeys(s.stage for s in facts.workflow.states.values() if s.stage))
    now = stage_of(facts.case, facts.workflow)
    place = stages.index(now) if now else -1
    done = marks()[0]
    closed = f"   [{facts.case.state}]" if now is None else ""
    return (
        " - ".join(
            f"[{stage}]" if n == place else f"{done} {stage}" if n < place else stage
            for n, stage in enumerate(stages)
        )
        + closed
    )


def _tables(view: View, out: Output) -> Iterator[str]:
    columns: Mapping[str, tuple[str, ...]] = {
        "evidence": ("name", "version", "digest", "attached", "by"),
        "signoffs": ("name", "person", "role", "verdict", "at", "stands"),
        "obligations": ("id", "owner", "due", "text", "settled"),
        "waivers": ("guard", "until", "by"),
    }
    for name, heads in columns.items():
        items = view[name]
        if items:
            rows = [[_cell(item, head, out) for head in heads] for item in items]
            yield f"\n{name.replace('signoffs', 'sign-offs')}\n{aligned(heads, rows)}"


def _cell(item: Mapping[str, object], head: str, out: Output) -> str:
    if head == "digest":
        return str(item["digest"])[:12]
    if head == "stands":
        void = f"void: {item['void']}" if item["void"] else ""
        return visible("withdrawn" if item["withdrawn"] else void or ("counts" if item["counts"] else ""))
    return out.cell(item[head])
