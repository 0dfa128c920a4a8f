"""The tables of the guides that repeat what the shipped workflow and policies say.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`. `python -m tests.docs.tables` writes all of them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mofflow.declarations.policies import policies_from
from mofflow.declarations.policy_files import read
from mofflow.declarations.workflow import workflow_from
from mofflow.declarations.workflow_model import read_workflow
from mofflow.declarations.yaml import read_document
from mofflow.domain.check import check
from mofflow.domain.policy import Policies, Seat
from tests.docs.markdown import ROOT, manual

_TABLE = re.compile(r"(<!-- table: ([\w ]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_ANY = "any time"  # stands for a stage
_ANY_TIME = ("hold", "resume", "cancel", "scope_change")

SHIPPED = ROOT / "workflows" / "deliver-project.yaml"

Entry = Mapping[str, Any]
Rows = Iterator[tuple[str, ...]]


@cache
def workflow() -> Entry:
    """The shipped workflow, as its file says it."""
    return read_document(SHIPPED).data


@cache
def policies() -> Policies:
    """The shipped policies."""
    return policies_from(read(ROOT / "policies"), "shipped")


@cache
def rules(kind: str) -> Entry:
    """The rules of all policy files of a kind."""
    found: dict[str, Any] = {}
    for content in read(ROOT / "policies").values():
        if isinstance(content, dict) and content["policy"] == kind:
            found |= content["rules"] if isinstance(content["rules"], dict) else {"": content["rules"]}
    return found


def sizes() -> tuple[str, ...]:
    """The sizes of a project, the smallest first."""
    return tuple(workflow()["fields"]["size"]["values"])


def stages() -> tuple[str, ...]:
    """The stages, in the order of the work, and what stands for moves at any time."""
    return (*workflow()["stages"], _ANY)


# --- what is asked, by stage


def _of_stage(stage: str) -> Iterator[Entry]:
    if stage == _ANY:
        yield from (entry for entry in workflow()["transitions"] if entry["trigger"] in _ANY_TIME)
        return
    states = set(workflow()["stages"][stage])
    for entry in workflow()["transitions"]:
        if entry["trigger"] not in _ANY_TIME and entry["move"].partition(" ")[0].strip(",") in states:
            yield entry


def _guards(entry: Entry) -> Iterator[Entry]:
    """Those of a transition, the shared ones filled in; without those that only catch up with a size that rose."""
    for guard in entry.get("guards", ()):
        if "use" not in guard:
            yield guard
        elif "catches_up" not in guard:
            yield from workflow()["shared"][guard["use"]]


def _asked_in(entry: Entry, guard: Entry) -> tuple[str, ...]:
    only = guard.get("sizes") or entry.get("sizes") or sizes()
    return tuple(size for size in sizes() if size in only and size in (entry.get("sizes") or sizes()))


def _by(by: object) -> str:
    if isinstance(by, Mapping):
        return "; ".join(
            f"{size}: {_by(roles)}" if size != "all" else _by(roles) for size, roles in by.items()
        )
    assert isinstance(by, list)
    return ", ".join(f"whom {item['person']} names" if isinstance(item, Mapping) else item for item in by)


def _needs(entry: Entry) -> str:
    return ", ".join(n if isinstance(n, str) else n["name"] for n in entry.get("needs", ()))


def _gates(entries: Iterable[Entry]) -> Rows:
    yield "trigger", "from, to", "fired by", "needs"
    for entry in entries:
        start, _, target = entry["move"].partition(" -> ")
        when = entry.get("when", {})
        told = f" (where {', '.join(f'{fact} is {value}' for fact, value in when.items())})" if when else ""
        yield f"`{entry['trigger']}`", f"{start} → {target}{told}", _by(entry["by"]), _needs(entry)


def _documents(stage: str) -> Rows:
    yield "document", "what it is", *sizes(), "asked by", "serves"
    found: dict[str, dict[str, list[str]]] = {}
    for entry in _of_stage(stage):
        for guard in _guards(entry):
            if "evidence" in guard:
                row = found.setdefault(guard["evidence"], {"sizes": [], "triggers": [], "clauses": []})
                row["sizes"] += _asked_in(entry, guard)
                row["triggers"].append(f"`{entry['trigger']}`" + (" (fresh)" if guard.get("fresh") else ""))
                row["clauses"] += guard.get("clauses", ())
    for kind, row in found.items():
        marks = ("yes" if size in row["sizes"] else "" for size in sizes())
        title = policies().evidence[kind].title
        yield (
            f"`{kind}`",
            title,
            *marks,
            ", ".join(_unique(row["triggers"])),
            ", ".join(_unique(row["clauses"])),
        )


def _signoffs(stage: str) -> Rows:
    yield "sign-off", "it says", *sizes(), "asked by", "serves"
    found: dict[str, dict[str, list[str]]] = {}
    for entry in _of_stage(stage):
        for guard in _guards(entry):
            if "signoff" in guard:
                row = found.setdefault(guard["signoff"], {"sizes": [], "triggers": [], "clauses": []})
                row["sizes"] += _asked_in(entry, guard)
                row["triggers"].append(f"`{entry['trigger']}`")
                row["clauses"] += guard.get("clauses", ())
    for name, row in found.items():
        asked = (_seats(name, size) if size in row["sizes"] else "" for size in sizes())
        title = policies().signoffs[name].title
        yield (
            f"`{name}`",
            title,
            *asked,
            ", ".join(_unique(row["triggers"])),
            ", ".join(_unique(row["clauses"])),
        )


def _seats(name: str, size: str) -> str:
    seats = policies().signoffs[name].seats
    return ", ".join(_seat(seat) for seat in seats.get(size, seats.get("all", ())))


def _seat(seat: Seat) -> str:
    return " or ".join(seat.roles)


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


# --- the rest


def _covers() -> Rows:
    yield "sign-off", "class", "covers", "valid for"
    for name, rule in policies().signoffs.items():
        yield f"`{name}`", rule.set_class.value, ", ".join(rule.covers) or "nothing", rule.valid_for or ""


def _roles() -> Rows:
    yield "role type", "title", "accountability"
    for name, rule in rules("roles").items():
        yield f"`{name}`", rule["title"], rule["accountability"]


def _clauses() -> Rows:
    editions = ("2005", "2011", "2018")
    yield "id", "adjustment", "of", *editions, "numbers from memory", "asked for by"
    for name, rule in rules("clauses").items():
        numbers = (", ".join(rule["editions"].get(edition, ())) for edition in editions)
        yield (
            name,
            rule["title"],
            rule["smf"],
            *numbers,
            ", ".join(rule.get("from_memory", ())),
            _serving(name),
        )


def _serving(clause: str) -> str:
    found = (
        f"`{entry['trigger']}`"
        for entry in workflow()["transitions"]
        for guard in _guards(entry)
        if clause in guard.get("clauses", ())
    )
    return ", ".join(_unique(found))


def _mandatory() -> Rows:
    yield "adjustment", "says", "asked for as", "holds before", "how"
    for rule in rules("mandatory")[""]:
        title = policies().clauses[rule["clause"]].title
        yield rule["clause"], title, f"`{rule['by']}`", f"`{rule['before']}`", f"`{rule['mode']}`"


def _people() -> Rows:
    yield "size", "people at least", "documents", "sign-offs"
    for size, crew in check(workflow_from(read_workflow(SHIPPED), "shipped"), policies()).people.items():
        yield size, str(crew.size), str(crew.documents), str(crew.signoffs)


_PLAIN: Mapping[str, Callable[[], Rows]] = {
    "covers": _covers,
    "roles": _roles,
    "clauses": _clauses,
    "mandatory": _mandatory,
    "people": _people,
}
_BY_STAGE: Mapping[str, Callable[[str], Rows]] = {
    "gates": lambda stage: _gates(_of_stage(stage)),
    "documents": _documents,
    "signoffs": _signoffs,
}


def table(name: str) -> str:
    """The table of that name in Markdown, such as `documents build`; KeyError for an unknown one."""
    word, _, stage = name.partition(" ")
    heading, *body = _PLAIN[name]() if name in _PLAIN else _BY_STAGE[word](stage)
    lines = [heading, tuple("---" for _ in heading), *body]
    return "".join(
        f"| {' | '.join(cells)} |\n".replace("|  |", "| |").replace("|  |", "| |") for cells in lines
    )


def tables(page: Path) -> list[tuple[str, str]]:
    """(name, what stands there) of each table of a page."""
    return [(name, text) for _, name, text, _ in _TABLE.findall(page.read_text(encoding="utf-8"))]


def write() -> None:
    """Bring the tables of every page up to date."""
    for page in manual():
        text = page.read_text(encoding="utf-8")
        made = _TABLE.sub(lambda found: f"{found.group(1)}{table(found.group(2))}{found.group(4)}", text)
        if made != text:
            page.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    write()
