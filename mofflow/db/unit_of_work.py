"""The unit of work: `Database` and `Writing` over an SQLite file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mofflow.db.definitions import Definitions, Read, definition_values
from mofflow.db.people import account_values, grant_values, person_values
from mofflow.db.queries import Reader
from mofflow.db.records import RECORDS
from mofflow.db.rows import case_values
from mofflow.db.sqlite import BUSY_TIMEOUT, SqliteFile
from mofflow.db.values import Values, dumps
from mofflow.domain import ledger
from mofflow.domain.case import ADMIN_CASE, Case
from mofflow.domain.event import Event
from mofflow.domain.people import Grant, Person
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow
from mofflow.errors import BadInput, Conflict, NotFound
from mofflow.services.ports import Alert, Definition, Reading, Recorded, Writing

_SALT_BYTES = 16
_AGAIN = "Somebody else was faster: read the case again, then retry."
_COPIED = (  # columns of `event` that are named as in its body
    *("case", "seq", "at", "recorded_at", "actor", "acting_for", "entered_by", "assurance"),
    *("kind", "outcome", "trigger", "definition", "policy", "request_id", "prev"),
)


class Database:
    """Where state and history live: one SQLite file, which is touched only when a unit of work begins.

    The two readers make an object of the domain out of the content of a definition and its digest.
    `busy_timeout` is how long a unit that writes waits for another one, in seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        read_workflow: Read[Workflow],
        read_policies: Read[Policies],
        busy_timeout: float = BUSY_TIMEOUT,
    ) -> None:
        self._file = SqliteFile(path, busy_timeout)
        self._definitions = Definitions(read_workflow, read_policies)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A consistent view, in a transaction that cannot write."""
        with self._file.reading() as (session, unit):
            yield Reader(session, unit, self._definitions)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A transaction that is alone among writers from its start, committed at a clean end."""
        with self._file.writing() as (session, unit):
            yield Writer(session, unit, self._definitions)

    def close(self) -> None:
        """Close the connections that are not in use; the next unit of work opens a new one."""
        self._file.close()


class Writer(Reader):
    """One transaction. What was asked for is checked before anything is written."""

    def append(self, event: Event, before: Case | None, after: Case) -> Recorded:
        """Chain the event and bring the rows of its case from `before` to `after`.

        Conflict where the version (or last event) of the case is no longer that of `before`, or where the key
        or the request id is taken.
        """
        prev = self._prev(event, before)
        salts = {name: secrets.token_hex(_SALT_BYTES) for name in event.act.texts}
        content, body = _chained(event, prev, salts)
        head = ledger.leaf(body)
        stage, final = self._place(after)
        self._put_case(before, case_values(after, stage=stage, final=final, head=head))
        copied = {name: content[name] for name in _COPIED}
        places = {"source": content["from"], "target": content["to"]}
        self._session.run("insert_event", {**copied, **places, "hash": head, "body": body})
        texts = event.act.texts.items()
        place = {"case": event.case, "seq": event.seq}
        self._session.run_many(
            "insert_text", [{**place, "name": n, "salt": salts[n], "content": t} for n, t in texts]
        )
        self._put_records(before, after)
        return Recorded(event=event, hash=head, prev=prev)

    def add_person(self, person: Person) -> None:
        """A new person; Conflict where the id or an account is taken."""
        if self.person(person.id):
            raise Conflict(f"There is a person {person.id} already.", "Choose another id.")
        self._put_person(person)

    def change_person(self, person: Person) -> None:
        """Replace the data of a person; NotFound where there is none."""
        if not self.person(person.id):
            raise NotFound(f"There is no person {person.id}.", "See `mofflow person list`.")
        self._put_person(person)

    def add_grant(self, grant: Grant) -> None:
        """A new grant or delegation; Conflict where its id is taken, NotFound where a person is not known."""
        if any(known.id == grant.id for known in self.people().grants):
            raise Conflict(f"There is a grant {grant.id} already.", "Choose another id.")
        self._put_grant(grant)

    def change_grant(self, grant: Grant) -> None:
        """Replace a grant (a revocation)."""
        if not any(known.id == grant.id for known in self.people().grants):
            raise NotFound(f"There is no grant {grant.id}.", "See `mofflow person list`.")
        self._put_grant(grant)

    def adopt(self, definition: Definition) -> None:
        """Store a definition by digest and put it in force in place of the one of the same kind and name."""
        if definition.in_force:
            self._session.run("set_aside", {"kind_": definition.kind, "name_": definition.name})
        self._session.run("put_definition", definition_values(definition))

    def enqueue(self, alert: Alert) -> None:
        """Write an alert into the outbox; one that is there already stays as it is."""
        values = {"case": alert.case, "id": alert.id, "kind": alert.kind, "payload": dumps(alert.payload)}
        self._session.run("insert_outbox", {**values, "created_at": ledger.utc_text(alert.created_at)})

    def _prev(self, event: Event, before: Case | None) -> str | None:
        """The hash that the event must be chained to, once it is sure that `before` is what stands."""
        if event.request_id is not None and (earlier := self.by_request(event.request_id)):
            where = f"event {earlier.event.seq} of {earlier.event.case}"
            raise Conflict(
                f"The request id {event.request_id} is that of {where}.", "Use a new one for a new act."
            )
        if before is None:
            if self.head(event.case) is not None:
                raise Conflict(f"There is a case {event.case} already.", "Choose another key with `--key`.")
            return None
        seen = {"key_": event.case, "seen_version": before.version, "seen_seq": before.seq}
        rows = self._session.fetch("claim_case", **seen)
        if not rows or event.seq != before.seq + 1:
            raise Conflict(f"{event.case} has moved on since version {before.version}.", _AGAIN)
        return str(rows[0]["head"])

    def _place(self, case: Case) -> tuple[str, bool]:
        """Stage of the state that a case is in, and whether that is final."""
        if case.key == ADMIN_CASE:
            return "", False
        state = self.workflow(case.definition).states[case.state]
        return state.stage, state.final

    def _put_case(self, before: Case | None, values: Values) -> None:
        if before is None:
            touched = self._session.run("insert_case", values)
        else:
            seen = {"key_": before.key, "seen_version": before.version, "seen_seq": before.seq}
            touched = self._session.run("update_case", values | seen)
        if touched != 1:
            raise Conflict(f"{values['key']} was changed meanwhile.", _AGAIN)

    def _put_records(self, before: Case | None, after: Case) -> None:
        """Write the rows that differ, and no others."""
        for table, (attribute, rows_of, names) in RECORDS.items():
            if before and getattr(before, attribute) == getattr(after, attribute):
                continue
            old, new = rows_of(before) if before else {}, rows_of(after)
            gone = [dict(zip(names, key, strict=True)) for key in old if key not in new]
            self._session.run_many(f"delete_{table}", gone)
            self._session.run_many(f"put_{table}", [row for key, row in new.items() if old.get(key) != row])

    def _put_person(self, person: Person) -> None:
        for account in person.accounts:
            owner = self.person_of(account)
            if owner and owner.id != person.id:
                raise Conflict(f"The account {account} is that of {owner.id}.", "An account is one person's.")
        self._session.run("put_person", person_values(person))
        self._session.run("delete_accounts", {"id": person.id})
        self._session.run_many("insert_account", account_values(person))

    def _put_grant(self, grant: Grant) -> None:
        for person in (grant.person, grant.from_person):
            if person is not None and not self.person(person):
                raise NotFound(f"There is no person {person}.", f"Run `mofflow person add {person}` first.")
        self._session.run("put_grant", grant_values(grant))


def _chained(event: Event, prev: str | None, salts: dict[str, str]) -> tuple[Values, bytes]:
    """The body of an event, and its canonical bytes; BadInput where a value has no place in the history."""
    try:
        digests = {name: ledger.salted(salts[name], text) for name, text in event.act.texts.items()}
        content = ledger.body(event, prev, digests)
        return content, ledger.canonical(content)
    except ValueError as error:  # of rfc8785 and of the encoder
        raise BadInput(
            f"A value has no place in the history: {error}.", "Use valid Unicode and whole numbers."
        ) from error
