"""The read side, on a real SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from mofflow.db.unit_of_work import Database
from mofflow.domain.case import Case
from mofflow.domain.event import Kind
from mofflow.domain.people import Grant, Person
from mofflow.errors import BadInput, Conflict, NotFound, Unavailable
from mofflow.services.ports import CaseQuery, HistoryQuery, Reading, Recorded
from tests.integration.test_db_support import (
    DIGEST,
    FULL,
    START,
    definition,
    digest_of,
    made,
    move,
    note,
    opened,
    opening,
    play,
)

LATER = START + timedelta(days=1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """P-1 with its whole history, P-2 and P-10 just opened, C-7 closed."""
    database = made(tmp_path_factory.mktemp("queries") / "mofflow.db")
    play(database)
    play(database, [(opening("50_ways"), "ada")], "P-2")
    play(database, [(opening("Straße"), "bob"), (note("ÄRGER at 100%"), "eve")], "P-10")
    play(database, [(opening("x"), "ada"), (move("close", "draft", "closed"), "ada")], "C-7")
    return database


@pytest.fixture
def view(shared: Database) -> Iterator[Reading]:
    with shared.reading() as found:
        yield found


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return made(tmp_path / "mofflow.db")


def pages(view: Reading, query: HistoryQuery) -> list[Recorded]:
    """Everything that a query finds, page by page."""
    found: list[Recorded] = []
    while True:
        page = view.history(query)
        assert len(page.items) <= query.limit
        found += page.items
        if page.next_cursor is None:
            return found
        query = replace(query, after=page.next_cursor)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_history_pages_hold_every_event_once_in_order(view: Reading, limit: int) -> None:
    """Whatever the size of a page: all events, oldest first by (at, case, seq), texts included."""
    found = pages(view, HistoryQuery(limit=limit))
    places = [(r.event.at, r.event.case, r.event.seq) for r in found]
    assert places == sorted(places)
    assert len(places) == len(set(places)) == len(FULL) + 5
    assert found[0].event.act.texts == {"title": "x"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (HistoryQuery(case="P-10"), 2),
        (HistoryQuery(person="zoe"), 2),
        (HistoryQuery(person="eve"), 2),  # once as actor, once on whose behalf
        (HistoryQuery(person="root"), 5),  # who entered it for bob
        (HistoryQuery(trigger="close"), 2),
        (HistoryQuery(state="closed"), 2),
        (HistoryQuery(state="hold"), 2),
        (HistoryQuery(state="draft", kind="opened"), 4),
        (HistoryQuery(kind="evidence"), 3),
        (HistoryQuery(outcome="refused"), 1),
        (HistoryQuery(since=START + timedelta(hours=2), until=START + timedelta(hours=2)), 3),
        (HistoryQuery(case="P-9"), 0),
    ],
)
def test_history_filters(view: Reading, query: HistoryQuery, count: int) -> None:
    """Every filter that is set must hold; `since` and `until` are included."""
    assert len(pages(view, replace(query, limit=2))) == count


@pytest.mark.parametrize("cursor", ["", "!", "YWJj", "MjAyNnxQLTF8eA=="])
def test_a_strange_cursor_is_bad_input(view: Reading, cursor: str) -> None:
    """A cursor that no page has given is refused."""
    with pytest.raises(BadInput, match="cursor"):
        view.history(HistoryQuery(after=cursor))
    with pytest.raises(BadInput, match="cursor"):
        view.cases(CaseQuery(after=cursor))


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        (CaseQuery(), ["P-1", "P-2", "P-10", "C-7"]),
        (CaseQuery(stage="Envision"), ["P-2", "P-10"]),
        (CaseQuery(state="hold"), ["P-1"]),
        (CaseQuery(final=True), ["C-7"]),
        (CaseQuery(final=False, kind="project"), ["P-1", "P-2", "P-10"]),
        (CaseQuery(kind="change"), []),
        (CaseQuery(text="_"), ["P-2"]),
        (CaseQuery(text="STRASSE"), ["P-10"]),
        (CaseQuery(text="ärger"), ["P-10"]),
        (CaseQuery(text='"SURE"'), ["P-1"]),
    ],
)
def test_cases_are_listed_in_the_order_of_creation(view: Reading, query: CaseQuery, keys: list[str]) -> None:
    """Filters, and search without wildcards; each page brings whole cases."""
    found: list[Case] = []
    query = replace(query, limit=2)
    while True:
        page = view.cases(query)
        found += page.items
        if page.next_cursor is None:
            break
        query = replace(query, after=page.next_cursor)
    assert [case.key for case in found] == keys
    assert all(case == view.case(case.key) for case in found)


def test_find_looks_into_titles_evidence_and_remarks(view: Reading) -> None:
    """It finds values in any case, treats % as a character, and does not find the names of fields."""
    assert view.find("DÄCHER", 10) == [
        ("P-1", "title", "Dächer 100 %"),
        ("P-1", "note", "Ein Bericht über Dächer"),
    ]
    assert view.find("50%", 10) == [
        ("P-1", "evidence plan", 'Hoch, 50% "sure"'),
        ("P-1", "evidence site:Köln", 'Hoch, 50% "sure"'),
    ]
    assert view.find("12", 10)[0] == ("P-1", "evidence plan", "12")
    assert view.find("risk", 10) == []
    assert len(view.find("e", 2)) == 2


def test_an_unknown_case_names_the_nearest(view: Reading) -> None:
    """A typing error in a key is answered with the key that was probably meant."""
    with pytest.raises(NotFound, match=r"P-11 \(did you mean 'P-1"):
        view.case("P-11")


@pytest.mark.parametrize(("prefix", "number"), [("P", 11), ("C", 8), ("R", 1), ("", 1)])
def test_next_number(view: Reading, prefix: str, number: int) -> None:
    """The lowest number above all in use; keys of another form are ignored."""
    assert view.next_number(prefix) == number


def test_next_number_ignores_other_keys(database: Database) -> None:
    """P-3-old, P-x, P- and PX-9 are no numbers of P."""
    for key in ("P-2", "P-3-old", "P-x", "P-", "PX-9", "P-99999999999999999999"):
        play(database, FULL[:1], key)
    with database.reading() as view:
        assert view.next_number("P") == 3


def test_denied_attempts_are_found_by_time(view: Reading) -> None:
    """Only denied ones of this person, case and trigger, at or after the time."""
    at = next(r.event.at for r in view.events("P-1") if r.event.act.kind is Kind.DENIED)
    assert view.denied_since("P-1", "bob", "close", at)
    assert not view.denied_since("P-1", "bob", "close", at + timedelta(microseconds=1))
    assert not view.denied_since("P-1", "ada", "close", at)
    assert not view.denied_since("C-7", "bob", "close", at)


def test_people_by_role(database: Database) -> None:
    """Only the holders of these roles, givers of delegations among them, with these grants only."""
    ada = Person(id="ada", name="Ada", email="a@x", zone="Europe/Berlin", accounts=("uid:1", "uid:0"))
    bob, eve = Person(id="bob", active=False), Person(id="eve")
    own = Grant(id="g1", person="ada", role="owner", by="ada", starts=START, case="P-1", ends=LATER)
    lent = Grant(id="g2", person="bob", role="owner", by="ada", starts=LATER, from_person="ada")
    other = Grant(
        id="g3", person="eve", role="auditor", by="ada", starts=START, revoked=LATER, for_cause=True
    )
    with database.writing() as unit:
        for person in (ada, bob, eve):
            unit.add_person(person)
        for grant in (own, lent, other):
            unit.add_grant(grant)
    with database.reading() as view:
        some, everybody = view.people(["owner", "owner", "nothing"]), view.people()
        assert some.persons == {"ada": ada, "bob": bob}
        assert some.grants == (own, lent)
        assert everybody.persons == {"ada": ada, "bob": bob, "eve": eve}
        assert set(everybody.grants) == {own, lent, other}
        assert view.person_of("uid:0") == ada
        assert view.person_of("uid:7") is None
        assert view.person("bob") == bob
        assert view.person("joe") is None


def test_people_are_changed(database: Database) -> None:
    """A person and a grant are replaced whole; an account leaves the one and may go to another."""
    ada, bob = Person(id="ada", accounts=("a", "b")), Person(id="bob")
    grant = Grant(id="g", person="ada", role="owner", by="ada", starts=START)
    with database.writing() as unit:
        unit.add_person(ada)
        unit.add_person(bob)
        unit.add_grant(grant)
    with database.writing() as unit:
        unit.change_person(replace(ada, accounts=("b",), active=False))
        unit.change_person(replace(bob, accounts=("a",), name="Bob"))
        unit.change_grant(replace(grant, revoked=LATER))
    with database.reading() as view:
        assert view.person("ada") == replace(ada, accounts=("b",), active=False)
        assert view.person_of("a") == replace(bob, accounts=("a",), name="Bob")
        assert view.people().grants == (replace(grant, revoked=LATER),)


def test_ids_and_accounts_are_taken_once(database: Database) -> None:
    """A second person with the id or the account is a conflict; grants need known people."""
    grant = Grant(id="g", person="ada", role="owner", by="ada", starts=START)
    with database.writing() as unit:
        unit.add_person(Person(id="ada", accounts=("a",)))
        unit.add_grant(grant)
        with pytest.raises(Conflict, match="ada"):
            unit.add_person(Person(id="ada"))
        with pytest.raises(Conflict, match="account a"):
            unit.add_person(Person(id="bob", accounts=("a",)))
        with pytest.raises(Conflict, match="grant g"):
            unit.add_grant(grant)
        with pytest.raises(NotFound, match="joe"):
            unit.add_grant(replace(grant, id="h", person="joe"))
        with pytest.raises(NotFound, match="joe"):
            unit.change_person(Person(id="joe"))
        with pytest.raises(NotFound, match="grant h"):
            unit.change_grant(replace(grant, id="h"))
    with database.reading() as view:
        assert list(view.people().persons) == ["ada"]


def test_the_last_adopted_is_in_force(database: Database) -> None:
    """A new version takes the place of the one before it, which can still be had by its digest."""
    newer = replace(definition(version="2"), adopted_at=LATER)
    with database.writing() as unit:
        unit.adopt(newer)
        unit.adopt(definition("rules", "policy"))
    with database.reading() as view:
        assert view.workflow_in_force("flow").digest == newer.digest
        assert view.workflow(DIGEST).digest == DIGEST
        assert view.workflow(DIGEST) is view.workflow(DIGEST)
        assert cast(object, view.policies()) == ({"name": "rules", "version": "1"}, digest_of("rules"))
        adopted = view.definitions("workflow")
        assert adopted == [replace(definition(), in_force=False), newer]
        assert len(view.definitions()) == 3
        with pytest.raises(NotFound, match=r"flaw.*'flow'"):
            view.workflow_in_force("flaw")
        with pytest.raises(NotFound, match="digest"):
            view.workflow("f" * 64)
    with database.writing() as unit:
        unit.adopt(definition())
        assert unit.workflow_in_force("flow").digest == DIGEST


def test_a_definition_whose_text_was_changed_decides_nothing(database: Database, tmp_path: Path) -> None:
    """What stands in the database under a digest is compared with it before anybody goes by it."""
    with database.reading() as view:
        assert view.workflow(DIGEST).digest == DIGEST
    for path in tmp_path.rglob("*.db"):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE definition SET content = replace(content, 'flow', 'flaw')")
        with opened(path).reading() as view, pytest.raises(Unavailable, match="was changed"):
            view.workflow(DIGEST)


def test_without_policies_it_says_what_to_do(database: Database) -> None:
    """A database into which no policies were adopted names the command."""
    with database.reading() as view, pytest.raises(NotFound) as caught:
        view.policies()
    assert "policy adopt" in caught.value.hint


@pytest.mark.parametrize("notes", [1, 50])
def test_a_case_is_loaded_in_a_fixed_number_of_queries(database: Database, notes: int) -> None:
    """The length of the history does not matter."""
    from mofflow.db.queries import Reader

    play(database, [*FULL, *[(note(), "ada")] * notes])
    asked: list[str] = []
    with database.reading() as view:
        assert isinstance(view, Reader)
        view._session.connection.set_trace_callback(asked.append)
        view.case("P-1")
        view._session.connection.set_trace_callback(None)
    assert len([line for line in asked if line.startswith("SELECT")]) == 6
