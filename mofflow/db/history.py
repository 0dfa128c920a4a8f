"""The history as it is read: events out of their stored bytes, page by page or streamed."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby

from mofflow.db.sqlite import Session
from mofflow.domain.event import Outcome
from mofflow.domain.ledger import event, utc_text, utc_time
from mofflow.errors import BadInput
from mofflow.services.ports import HistoryQuery, Page, Recorded

_FILTERS = ("case", "person", "trigger", "state", "kind", "outcome")


def page(session: Session, query: HistoryQuery) -> Page[Recorded]:
    """One page of the history, oldest first by (`at`, case, seq); `since` and `until` are both included."""
    values: dict[str, object] = {
        name: value for name in _FILTERS if (value := getattr(query, name)) is not None
    }
    if query.since is not None:
        values["since"] = utc_text(query.since)
    if query.until is not None:
        values["until"] = utc_text(query.until)
    where = [f"event_{name}" for name in values]
    if query.outcome == Outcome.REFUSED.value:
        where.append("event_refused")
    if query.after is not None:
        where.append("event_after")
        values["at"], values["after_case"], values["seq"] = _place(query.after)
    found = list(_recorded(session.fetch("history_page", where, limit=query.limit + 1, **values)))
    kept = found[: query.limit]
    more = len(found) > query.limit
    return Page(items=kept, next_cursor=_cursor(kept[-1]) if more else None)


def of_case(session: Session, key: str) -> Iterator[Recorded]:
    """Every event of a case in order, one by one."""
    return _recorded(session.stream("events", case=key))


def by_request(session: Session, request_id: str) -> Recorded | None:
    """The event that carries this request id."""
    return next(_recorded(session.fetch("by_request", request_id=request_id)), None)


def _recorded(rows: Iterable[sqlite3.Row]) -> Iterator[Recorded]:
    """Events out of one row a text; the rows of an event stand together."""
    for _, group in groupby(rows, key=lambda row: (row["case"], row["seq"])):
        first, *others = group
        texts = {r["name"]: r["content"] for r in (first, *others) if r["content"] is not None}
        yield Recorded(event=event(first["body"], texts), hash=first["hash"], prev=first["prev"])


def _cursor(last: Recorded) -> str:
    place = f"{utc_text(last.event.at)}|{last.event.case}|{last.event.seq}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(cursor: str) -> tuple[str, str, int]:
    try:
        at, rest = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().split("|", 1)
        case, seq = rest.rsplit("|", 1)
        return utc_text(utc_time(at)), case, int(seq)
    except (ValueError, BadInput) as error:
        raise BadInput(
            f"Not a cursor of the history: {cursor!r}.", "Pass `next_cursor` of the last page."
        ) from error
