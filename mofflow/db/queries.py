"""The read side: `Reading`, over one snapshot."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from mofflow.db import history
from mofflow.db.definitions import Definitions, definition_of
from mofflow.db.people import grant_of, persons_of
from mofflow.db.records import RECORDS
from mofflow.db.rows import case_of
from mofflow.db.sqlite import Session
from mofflow.domain.case import Case
from mofflow.domain.ledger import utc_text
from mofflow.domain.people import People, Person
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow
from mofflow.errors import BadInput, NotFound, nearest
from mofflow.services.ports import CaseQuery, Definition, HistoryQuery, Page, Recorded

_NEAR = 1000  # so many keys, the newest, are looked through for the nearest one
_AROUND = 40  # characters of an excerpt on each side of what was found


class Reader:
    """Answers from one snapshot. Every call takes a fixed number of queries, however long a history is."""

    def __init__(self, session: Session, unit: sqlite3.Row, definitions: Definitions) -> None:
        self._session = session
        self._unit = unit
        self._definitions = definitions

    @property
    def stated_time(self) -> bool:
        """Whether the database was marked for stated time when it was made."""
        return bool(self._unit["stated_time"] == "1")

    @property
    def embedded(self) -> bool:
        """Whether it is an SQLite database of its own."""
        return bool(self._unit["embedded"] == "1")

    def case(self, key: str) -> Case:
        """A case with all its records; NotFound, with the nearest keys, where there is none."""
        found = self._cases(self._session.fetch("cases_by_key", keys=json.dumps([key])))
        if not found:
            known = [row["key"] for row in self._session.fetch("keys", limit=_NEAR)]
            hint = "List them with `mofflow project list`."
            raise NotFound(f"There is no case {key}{nearest(key, known)}.", hint)
        return found[0]

    def head(self, key: str) -> str | None:
        """The hash of the last event of a case."""
        rows = self._session.fetch("head", key=key)
        return rows[0]["head"] if rows else None

    def people(self, roles: Iterable[str] | None = None) -> People:
        """Everybody who has a grant for one of `roles` (None: everybody known), with these grants."""
        if roles is None:
            persons, grants = self._session.fetch("persons"), self._session.fetch("grants")
        else:
            wanted = json.dumps(list(roles))
            persons = self._session.fetch("persons_of_roles", roles=wanted)
            grants = self._session.fetch("grants_of_roles", roles=wanted)
        return People(persons=persons_of(persons), grants=tuple(grant_of(row) for row in grants))

    def person_of(self, account: str) -> Person | None:
        """The person whose account this is."""
        return next(iter(persons_of(self._session.fetch("person_of", account=account)).values()), None)

    def person(self, person_id: str) -> Person | None:
        """A person by id, also a deactivated one."""
        return persons_of(self._session.fetch("person", id=person_id)).get(person_id)

    def workflow(self, digest: str) -> Workflow:
        """An adopted workflow."""
        return self._definitions.workflow(self._session, digest)

    def workflow_in_force(self, name: str) -> Workflow:
        """The version that new cases are opened with; NotFound with the nearest name."""
        return self._definitions.workflow_in_force(self._session, name)

    def policies(self) -> Policies:
        """The policies in force."""
        return self._definitions.policies(self._session)

    def definitions(self, kind: str | None = None) -> Sequence[Definition]:
        """Everything adopted, newest last."""
        if kind is None:
            rows = self._session.fetch("definitions")
        else:
            rows = self._session.fetch("definitions_of", kind=kind)
        return [definition_of(row) for row in rows]

    def next_number(self, prefix: str) -> int:
        """The lowest number above all keys `PREFIX-<number>` in use."""
        return int(self._session.fetch("next_number", prefix=f"{prefix}-")[0]["number"])

    def cases(self, query: CaseQuery) -> Page[Case]:
        """Cases in the order of their creation, without the one that holds people and grants."""
        chosen = {"kind": query.kind, "stage": query.stage, "state": query.state, "final": query.final}
        values: dict[str, object] = {name: value for name, value in chosen.items() if value is not None}
        if query.text is not None:
            values["text"] = query.text.casefold()
        if query.after is not None:
            values["after"] = _number(query.after)
        where = [f"case_{name}" for name in values]
        rows = self._session.fetch("cases_page", where, limit=query.limit + 1, **values)
        kept = rows[: query.limit]
        more = len(rows) > query.limit
        return Page(items=self._cases(kept), next_cursor=str(kept[-1]["number"]) if more else None)

    def history(self, query: HistoryQuery) -> Page[Recorded]:
        """Events, oldest first by (`at`, case, seq); texts included where they were not erased."""
        return history.page(self._session, query)

    def events(self, key: str) -> Iterator[Recorded]:
        """Every event of a case in order, streamed."""
        return history.of_case(self._session, key)

    def by_request(self, request_id: str) -> Recorded | None:
        """The event that an earlier call with this request id made."""
        return history.by_request(self._session, request_id)

    def denied_since(self, key: str, actor: str, trigger: str, since: datetime) -> bool:
        """Whether a `denied` event of this person, case and trigger exists with `at` >= since."""
        values = {"case": key, "actor": actor, "trigger": trigger, "since": utc_text(since)}
        return bool(self._session.fetch("denied_since", **values))

    def find(self, text: str, limit: int) -> Sequence[tuple[str, str, str]]:
        """(case, where, excerpt) for titles, evidence fields and remarks that contain the text, any case."""
        rows = self._session.fetch("find", text=text.casefold(), limit=limit)
        return [(row["case"], row["where"], _excerpt(row["content"], text)) for row in rows]

    def _cases(self, rows: Sequence[sqlite3.Row]) -> list[Case]:
        keys = json.dumps([row["key"] for row in rows])
        records = {name: self._grouped(name, keys) for name in RECORDS} if rows else {}
        return [case_of(row, {name: records[name].get(row["key"], []) for name in RECORDS}) for row in rows]

    def _grouped(self, name: str, keys: str) -> dict[str, list[sqlite3.Row]]:
        rows = self._session.fetch(f"{name}_of", keys=keys)
        return {case: list(group) for case, group in groupby(rows, key=lambda row: row["case"])}


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal()):
        raise BadInput(
            f"Not a cursor of a list of cases: {cursor!r}.", "Pass `next_cursor` of the last page."
        )
    return int(cursor)


def _excerpt(content: str, text: str) -> str:
    place = max(content.casefold().find(text.casefold()), 0)
    start, end = max(place - _AROUND, 0), place + len(text) + _AROUND
    cut = " ".join(content[start:end].split())
    return f"{'…' if start else ''}{cut}{'…' if end < len(content) else ''}"
