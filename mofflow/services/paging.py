"""Lists that come in pages, as one stream."""

from __future__ import annotations

from collections.abc import Iterator

from mofflow.domain.case import Case
from mofflow.services.ports import CaseQuery, Reading

_PAGE = 1000


def every_case(reading: Reading, *, final: bool | None = None) -> Iterator[Case]:
    """Every project and change in order of creation; `final`: only ended ones, or only open ones."""
    after: str | None = None
    while True:
        page = reading.cases(CaseQuery(final=final, limit=_PAGE, after=after))
        yield from page.items
        after = page.next_cursor
        if after is None:
            return
