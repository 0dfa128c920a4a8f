"""Adopted workflows and policies: read once by digest, then kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import TypeVar

from mofflow.db.sqlite import Session
from mofflow.db.values import Values, dumps
from mofflow.domain.ledger import canonical, sha256, utc_text, utc_time
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow
from mofflow.errors import NotFound, Unavailable, nearest
from mofflow.services.ports import Definition

D = TypeVar("D")
Read = Callable[[Mapping[str, object], str], D]  # (content, digest) -> what it declares


class Definitions:
    """What the definitions declare. A digest names one content for ever, so nothing kept here grows old."""

    def __init__(self, read_workflow: Read[Workflow], read_policies: Read[Policies]) -> None:
        self._read_workflow = read_workflow
        self._read_policies = read_policies
        self._workflows: dict[str, Workflow] = {}
        self._policies: dict[str, Policies] = {}

    def workflow(self, session: Session, digest: str) -> Workflow:
        """An adopted workflow; NotFound where the digest is not known."""
        if digest not in self._workflows:
            rows = session.fetch("definition", digest=digest)
            if not rows or rows[0]["kind"] != "workflow":
                raise NotFound(
                    f"No workflow with the digest {digest} was adopted.", "See `mofflow workflow list`."
                )
            self._workflows[digest] = self._read_workflow(_content(rows[0]), digest)
        return self._workflows[digest]

    def workflow_in_force(self, session: Session, name: str) -> Workflow:
        """The version of a workflow that new cases are opened with; NotFound with the nearest name."""
        rows = {row["name"]: row for row in session.fetch("definitions_in_force", kind="workflow")}
        if name not in rows:
            message = f"No workflow {name!r} is in force{nearest(name, list(rows))}."
            raise NotFound(message, "See `mofflow workflow list`, or run `mofflow workflow adopt FILE`.")
        row = rows[name]
        if row["digest"] not in self._workflows:
            self._workflows[row["digest"]] = self._read_workflow(_content(row), row["digest"])
        return self._workflows[row["digest"]]

    def policies(self, session: Session) -> Policies:
        """The policies in force: the set that was adopted last."""
        rows = session.fetch("definitions_in_force", kind="policy")
        if not rows:
            raise NotFound("No policies were adopted.", "Run `mofflow policy adopt DIR`.")
        row = rows[-1]
        if row["digest"] not in self._policies:
            self._policies[row["digest"]] = self._read_policies(_content(row), row["digest"])
        return self._policies[row["digest"]]


def _content(row: sqlite3.Row) -> dict[str, object]:
    """What was adopted; Unavailable where the text in the database has another digest, so that nobody decides by it."""
    content: dict[str, object] = json.loads(row["content"])
    if sha256(canonical(content)) != row["digest"]:
        raise Unavailable(
            f"The {row['kind']} {row['name']} in the database is not what was adopted: its text was changed.",
            "Take the database from a backup; see `mofflow history _admin` for what was adopted when.",
        )
    return content


def definition_of(row: sqlite3.Row) -> Definition:
    """A definition out of its row."""
    return Definition(
        digest=row["digest"],
        kind=row["kind"],
        name=row["name"],
        version=row["version"],
        content=_content(row),
        adopted_at=utc_time(row["adopted_at"]),
        adopted_by=row["adopted_by"],
        in_force=bool(row["in_force"]),
    )


def definition_values(definition: Definition) -> Values:
    """The columns of `definition`."""
    return {
        "digest": definition.digest,
        "kind": definition.kind,
        "name": definition.name,
        "version": definition.version,
        "content": dumps(definition.content),
        "adopted_at": utc_text(definition.adopted_at),
        "adopted_by": definition.adopted_by,
        "in_force": int(definition.in_force),
    }
