"""Persons, their accounts and their grants, as rows and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import groupby

from mofflow.db.values import Values, optional_text, optional_time
from mofflow.domain.ledger import utc_text, utc_time
from mofflow.domain.people import Grant, Person


def persons_of(rows: Iterable[sqlite3.Row]) -> dict[str, Person]:
    """Persons by id, out of one row an account; the rows of a person stand together."""
    found: dict[str, Person] = {}
    for person_id, group in groupby(rows, key=lambda row: row["id"]):
        first, *others = group
        found[person_id] = Person(
            id=person_id,
            name=first["name"],
            email=first["email"],
            zone=first["zone"],
            accounts=tuple(r["account"] for r in (first, *others) if r["account"] is not None),
            active=bool(first["active"]),
        )
    return found


def person_values(person: Person) -> Values:
    """The columns of `person`."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "zone": person.zone,
        "active": int(person.active),
    }


def account_values(person: Person) -> list[Values]:
    """The rows of `account` of a person."""
    return [{"account": a, "person": person.id, "place": n} for n, a in enumerate(person.accounts)]


def grant_of(row: sqlite3.Row) -> Grant:
    """A grant out of its row."""
    return Grant(
        id=row["id"],
        person=row["person"],
        role=row["role"],
        by=row["by"],
        starts=utc_time(row["starts"]),
        case=row["case"],
        ends=optional_time(row["ends"]),
        from_person=row["from_person"],
        revoked=optional_time(row["revoked"]),
        for_cause=bool(row["for_cause"]),
    )


def grant_values(grant: Grant) -> Values:
    """The columns of `grant`."""
    return {
        "id": grant.id,
        "person": grant.person,
        "role": grant.role,
        "by": grant.by,
        "starts": utc_text(grant.starts),
        "case": grant.case,
        "ends": optional_text(grant.ends),
        "from_person": grant.from_person,
        "revoked": optional_text(grant.revoked),
        "for_cause": int(grant.for_cause),
    }
