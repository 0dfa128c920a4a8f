"""Every statement, built with SQLAlchemy Core on the tables. `prepared.py` holds their text, compiled once.

`python -m mofflow.db.statements` writes `prepared.py` anew; a test fails while the two differ. So no command
but those of `db` has to import SQLAlchemy, which would take longer than all the rest of most commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import sqlite

from mofflow.db.tables import table
from mofflow.domain.case import ADMIN_CASE
from mofflow.domain.event import Kind, Outcome

RECORDS = ("evidence", "signoff", "staffing", "obligation", "waiver")
WHERE: ColumnElement[Any] = literal_column("{where}")  # replaced at run time by clauses from the same file
CASE, EVENT, TEXT, EVIDENCE = table("case").c, table("event").c, table("text").c, table("evidence").c
PERSON, ACCOUNT, GRANT, DEFINITION = (
    table("person").c,
    table("account").c,
    table("grant").c,
    table("definition").c,
)
LEAF: ColumnElement[Any] = literal_column("CAST(leaf.atom AS TEXT)").label("content")
ONE: ColumnElement[int] = literal_column("1")
ZERO: ColumnElement[int] = literal_column("0")
SHOWN = CASE.key != literal_column(f"'{ADMIN_CASE}'")
PREFIX_END = func.length(bindparam("prefix", type_=Text)) + ONE


def _listed(name: str) -> Select[Any]:
    """The strings of a parameter that is a JSON list: one statement for any number of them."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


def _limited(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit", type_=Integer)).offset(ZERO)


def _holds(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.instr(func.casefold(column), bindparam("text", type_=Text)) > ZERO


def _in_evidence(*columns: ColumnElement[Any]) -> Select[Any]:
    leaf = func.json_tree(EVIDENCE.fields).table_valued("atom", "type", name="leaf")
    scalar = leaf.c.type.in_([literal_column("'text'"), literal_column("'integer'")])
    joined = table("evidence").join(leaf, true())
    return select(*columns).select_from(joined).where(scalar, _holds(leaf.c.atom))


def _in_notes(*columns: ColumnElement[Any]) -> Select[Any]:
    joined = table("event").join(table("text"))
    note = EVENT.kind == literal_column(f"'{Kind.NOTE.value}'")
    return select(*columns).select_from(joined).where(note, _holds(TEXT.content))


def _events(page: Any, *order: Any) -> Select[Any]:  # noqa: ANN401  # table or subquery: their union has no name
    c = page.c
    joined = page.outerjoin(table("text"), (TEXT.case == c.case) & (TEXT.seq == c.seq))
    return (
        select(c.at, c.case, c.seq, c.hash, c.prev, c.body, TEXT.name, TEXT.content)
        .select_from(joined)
        .order_by(*order)
    )


def _key_of(name: str) -> list[ColumnElement[bool]]:
    return [column == bindparam(f"{column.name}_") for column in table(name).primary_key]


def _reading() -> Iterator[tuple[str, ClauseElement]]:
    case = table("case")
    yield "cases_by_key", select(case).where(CASE.key.in_(_listed("keys"))).order_by(CASE.number)
    yield "cases_page", _limited(select(case).where(SHOWN, WHERE).order_by(CASE.number))
    for name in RECORDS:
        c = table(name).c
        chosen = select(table(name)).where(c.case.in_(_listed("keys"))).order_by(c.case, c.place)
        yield f"{name}_of", chosen
    yield "head", select(CASE.head).where(CASE.key == bindparam("key"))
    yield "keys", _limited(select(CASE.key).order_by(CASE.number.desc()))
    number = func.substr(CASE.key, PREFIX_END)
    digits = number.op("NOT GLOB")(literal_column("'*[^0-9]*'")) & func.length(number).between(
        ONE, literal_column("15")
    )
    starts = func.substr(CASE.key, ONE, PREFIX_END - ONE) == bindparam("prefix", type_=Text)
    top = func.coalesce(func.max(cast(number, Integer)), ZERO) + ONE
    yield (
        "next_number",
        select(top.label("number")).where(CASE.key >= bindparam("prefix", type_=Text), starts, digits),
    )
    title = select(
        CASE.key.label("case"), literal_column("'title'").label("where"), CASE.title.label("content")
    )
    found = union_all(
        title.where(SHOWN, _holds(CASE.title)),
        _in_evidence(EVIDENCE.case, (literal_column("'evidence '") + EVIDENCE.id).label("where"), LEAF),
        _in_notes(EVENT.case, literal_column("'note'").label("where"), TEXT.content.label("content")),
    )
    yield "find", found.limit(bindparam("limit", type_=Integer)).offset(ZERO)


def _case_clauses() -> Iterator[tuple[str, ClauseElement]]:
    for name in ("kind", "stage", "state", "final"):
        yield f"case_{name}", CASE[name] == bindparam(name)
    yield "case_after", CASE.number > bindparam("after")
    elsewhere = CASE.key.in_(_in_evidence(EVIDENCE.case)), CASE.key.in_(_in_notes(EVENT.case))
    yield "case_text", or_(_holds(CASE.title), *elsewhere)


def _history() -> Iterator[tuple[str, ClauseElement]]:
    event = table("event")
    place = (EVENT.at, EVENT.case, EVENT.seq)
    chosen = select(*place, EVENT.hash, EVENT.prev, EVENT.body)
    page = _limited(chosen.where(WHERE).order_by(*place)).subquery("page")
    yield "history_page", _events(page, page.c.at, page.c.case, page.c.seq, TEXT.name)
    yield "events", _events(event, EVENT.seq, TEXT.name).where(EVENT.case == bindparam("case"))
    yield "by_request", _events(event, TEXT.name).where(EVENT.request_id == bindparam("request_id"))
    for name in ("case", "trigger", "kind", "outcome"):
        yield f"event_{name}", EVENT[name] == bindparam(name)
    person: ColumnElement[str] = bindparam("person")
    state: ColumnElement[str] = bindparam("state")
    yield (
        "event_refused",
        EVENT.outcome == literal_column(f"'{Outcome.REFUSED.value}'"),
    )  # as its index says it
    yield "event_person", or_(EVENT.actor == person, EVENT.acting_for == person, EVENT.entered_by == person)
    yield "event_state", or_(EVENT.source == state, EVENT.target == state)
    yield "event_since", EVENT.at >= bindparam("since")
    yield "event_until", EVENT.at <= bindparam("until")
    yield "event_after", tuple_(*place) > tuple_(bindparam("at"), bindparam("after_case"), bindparam("seq"))
    denied = select(ONE.label("found")).where(
        EVENT.kind == literal_column(f"'{Kind.DENIED.value}'"),
        EVENT.case == bindparam("case"),
        EVENT.actor == bindparam("actor"),
        EVENT.trigger == bindparam("trigger"),
        EVENT.at >= bindparam("since"),
    )
    yield "denied_since", denied.limit(ONE).offset(ZERO)


def _people() -> Iterator[tuple[str, ClauseElement]]:
    persons = select(table("person"), ACCOUNT.account)
    persons = persons.select_from(table("person").outerjoin(table("account"))).order_by(
        PERSON.id, ACCOUNT.place
    )
    grants = select(table("grant")).order_by(GRANT.starts, GRANT.id)
    chosen = GRANT.role.in_(_listed("roles"))
    holders = select(GRANT.person).where(chosen).union_all(select(GRANT.from_person).where(chosen))
    yield "persons", persons
    yield "persons_of_roles", persons.where(PERSON.id.in_(holders))
    yield "person", persons.where(PERSON.id == bindparam("id"))
    owner = select(ACCOUNT.person).where(ACCOUNT.account == bindparam("account")).scalar_subquery()
    yield "person_of", persons.where(PERSON.id == owner)
    yield "grants", grants
    yield "grants_of_roles", grants.where(chosen)
    yield "delete_accounts", delete(table("account")).where(ACCOUNT.person == bindparam("id"))


def _definitions() -> Iterator[tuple[str, ClauseElement]]:
    ordered = select(table("definition")).order_by(DEFINITION.adopted_at, DEFINITION.kind, DEFINITION.name)
    in_force = DEFINITION.in_force == ONE
    kind = DEFINITION.kind == bindparam("kind")
    yield "definitions", ordered
    yield "definitions_of", ordered.where(kind)
    yield "definition", ordered.where(DEFINITION.digest == bindparam("digest"))
    yield "definitions_in_force", ordered.where(kind, in_force)
    same = (DEFINITION.kind == bindparam("kind_"), DEFINITION.name == bindparam("name_"))
    yield "set_aside", update(table("definition")).values(in_force=ZERO).where(*same, in_force)


def _writing() -> Iterator[tuple[str, ClauseElement]]:
    case = table("case")
    number = select(func.coalesce(func.max(CASE.number), ZERO) + ONE).scalar_subquery()
    yield (
        "insert_case",
        sqlite.insert(case).values(_values("case") | {"number": number}).on_conflict_do_nothing(),
    )
    seen = (
        CASE.key == bindparam("key_"),
        CASE.version == bindparam("seen_version"),
        CASE.seq == bindparam("seen_seq"),
    )
    fixed = {"key", "number", "opened_at", "opened_seq", "opened_by"}
    yield "update_case", update(case).values(_values("case", fixed)).where(*seen)
    yield "claim_case", select(CASE.head).where(*seen)
    for name in ("event", "text", "account"):
        yield f"insert_{name}", insert(table(name)).values(_values(name))
    for name in (*RECORDS, "person", "grant", "definition"):
        new = sqlite.insert(table(name)).values(_values(name))
        keys = [column.name for column in table(name).primary_key]
        changed = {
            column.name: new.excluded[column.name] for column in table(name).c if column.name not in keys
        }
        yield f"put_{name}", new.on_conflict_do_update(index_elements=keys, set_=changed)
    for name in RECORDS:
        yield f"delete_{name}", delete(table(name)).where(*_key_of(name))
    yield "insert_outbox", sqlite.insert(table("outbox")).values(_values("outbox")).on_conflict_do_nothing()


def _values(name: str, without: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table(name).c if column.name not in without}


def compiled() -> dict[str, str]:
    """The text of every statement for SQLite, by name; parameters are written `:name`."""
    dialect = sqlite.dialect(paramstyle="named")
    parts = (_reading(), _case_clauses(), _history(), _people(), _definitions(), _writing())
    return {name: str(item.compile(dialect=dialect)) for part in parts for name, item in part}


def source() -> str:
    """The text that `prepared.py` must have."""
    lines = [
        '"""The statements of `statements.py`, compiled. Written by `python -m mofflow.db.statements`."""',
        "",
    ]
    lines += ["# fmt: off", "SQL: dict[str, str] = {"]
    for name, sql in compiled().items():
        flat = " ".join(sql.split())
        lines += [
            f"    {name!r}: (".replace("'", '"'),
            *(f"        {part!r}" for part in _folded(flat)),
            "    ),",
        ]
    return "\n".join([*lines, "}", ""])


def _folded(sql: str, width: int = 96) -> Iterator[str]:
    while len(sql) > width:
        cut = sql.rfind(" ", 0, width) + 1
        yield sql[:cut]
        sql = sql[cut:]
    yield sql


if __name__ == "__main__":
    Path(__file__).with_name("prepared.py").write_text(source(), encoding="utf-8")
