"""Sign-off sets that nobody can complete, and the fewest people: compared with trying every way to share the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mofflow.declarations.workflow import workflow_from
from mofflow.domain.check import Report, check
from mofflow.domain.check.crew import Search
from mofflow.domain.check.duty import Duty, Work
from mofflow.domain.policy import Policies, Seat, SetClass, SignoffSet
from tests.unit.test_check_shipped import policies, shipped


def _with_set(name: str, **change: Any) -> Policies:
    whole = policies()
    return replace(whole, signoffs={**whole.signoffs, name: replace(whole.signoffs[name], **change)})


def _unsatisfiable(report: Report) -> list[tuple[str | None, str]]:
    return [(p.size, p.message) for p in report.problems if p.check == "unsatisfiable_signoff"]


def test_a_set_that_is_asked_for_in_a_size_without_seats_is_a_problem() -> None:
    """Neither seats nor `none: REASON`: such a guard would pass by itself."""
    seats = {"small": (Seat(roles=("customer",)),), "large": (Seat(roles=("customer",)),)}
    report = check(shipped(), _with_set("vision", seats=seats))
    assert _unsatisfiable(report) == [
        ("normal", "sign-off set vision: it has no seats for this size, and no `none: REASON`.")
    ]
    (problem,) = report.problems
    assert (problem.state, problem.trigger) == ("vision_review", "approve")


def test_a_set_that_is_declared_none_for_a_size_is_none() -> None:
    """With a reason, nobody signs."""
    seats = {"small": (Seat(roles=("customer",)),), "large": (Seat(roles=("customer",)),)}
    assert check(shipped(), _with_set("vision", seats=seats, none={"normal": "Told orally."})).ok


def test_a_seat_whose_every_role_is_barred_is_a_problem() -> None:
    """Whoever is program manager of a project is barred from approvals, so he cannot approve as program manager."""
    seat = Seat(roles=("program_manager", "developer"))
    report = check(shipped(), _with_set("uat", seats={"all": (seat,)}))
    assert _unsatisfiable(report) == [
        (
            None,
            "sign-off set uat: separation of duties bars everybody who could sign as program_manager or developer.",
        )
    ]


def test_two_seats_of_a_role_that_one_person_has_are_a_problem() -> None:
    """Seats of one set are filled by different people."""
    seats = {"all": (Seat(roles=("business_interface",)), Seat(roles=("business_interface",)))}
    report = check(shipped(), _with_set("uat", seats=seats))
    assert (
        None,
        "sign-off set uat: two seats are for business_interface, which one person only has.",
    ) in _unsatisfiable(report)


def test_a_document_that_only_its_approver_may_attach_is_a_problem() -> None:
    """The doers count too: who last changed a document does not approve it, and the role has one person."""
    whole = policies()
    kind = replace(whole.evidence["release_candidate"], by=("business_interface",))
    seats = {"all": (Seat(roles=("business_interface",)),)}
    uat = replace(whole.signoffs["uat"], seats=seats)
    broken = replace(
        whole,
        evidence={**whole.evidence, kind.name: kind},
        signoffs={**whole.signoffs, "uat": uat},
    )
    report = check(shipped(), broken)
    assert [p.state for p in report.problems if p.check == "unsatisfiable_signoff"] == ["closed"]
    assert report.people == {}


def test_sets_that_share_no_signer_need_more_people() -> None:
    """`distinct_from`: who signed the plan does not sign the completion."""
    crews = check(shipped(), _with_set("completion", distinct_from=("plan",))).people
    assert crews["small"].size == 4
    assert sum("customer" in roles for roles in crews["small"].people) == 2


def test_seats_of_one_role_in_one_set_are_different_people() -> None:
    """Three members of a board are three people."""
    board = tuple(Seat(roles=("cab_member",)) for _ in range(3))
    crews = check(shipped(), _with_set("uat", seats={"all": board})).people
    assert sum("cab_member" in roles for roles in crews["small"].people) == 3


def test_a_seat_of_several_roles_takes_the_one_that_is_there() -> None:
    """The provider's acceptance is given by the operations manager, who is needed anyway."""
    small = check(shipped(), policies()).people["small"]
    assert not any({"service_owner", "service_level_manager"} & set(roles) for roles in small.people)


def test_any_of_several_signoffs_asks_for_the_one_that_needs_fewer_people() -> None:
    """`any_of` is satisfied by one of its parts."""
    whole = policies()
    board = SignoffSet(
        name="board", title="Board", set_class=SetClass.APPROVAL, covers=(),
        seats={"": tuple(Seat(roles=("cab_member",)) for _ in range(3))},
    )  # fmt: skip
    one = replace(board, name="one", seats={"": (Seat(roles=("customer",)),)})
    guard = {"any_of": [{"signoff": "board"}, {"signoff": "one"}], "name": "agreed"}
    content: dict[str, Any] = {
        "workflow": "tiny", "version": "1", "title": "Tiny", "kind": "change", "prefix": "T",
        "stages": {"all": ["draft"]}, "final": ["done"],
        "transitions": [{"trigger": "go", "move": "draft -> done", "by": ["clock"], "guards": [guard]}],
    }  # fmt: skip
    known = replace(whole, signoffs={"board": board, "one": one})
    assert check(workflow_from(content, "digest"), known).people[""].people == (("customer",),)


def _partitions(numbers: list[int]) -> Iterator[list[list[int]]]:
    if not numbers:
        yield []
        return
    for rest in _partitions(numbers[1:]):
        yield [[numbers[0]], *rest]
        for place in range(len(rest)):
            yield [*rest[:place], [numbers[0], *rest[place]], *rest[place + 1 :]]


def _fewest(work: Work, conflicts: frozenset[frozenset[str]], single: frozenset[str]) -> int | None:
    """Every way to share the duties, in every role that each allows."""
    options: list[tuple[str | None, ...]] = [duty.roles or (None,) for duty in work.duties]
    sizes = []
    for groups in _partitions(list(range(len(work.duties)))):
        if any(b in work.apart[a] for group in groups for a, b in combinations(group, 2)):
            continue
        for chosen in product(*options):
            roles = [{chosen[n] for n in group} - {None} for group in groups]
            clash = any(frozenset(pair) in conflicts for mine in roles for pair in combinations(mine, 2))
            if not clash and all(sum(role in mine for mine in roles) <= 1 for role in single):
                sizes.append(len(groups))
                break
    return min(sizes, default=None)


ROLES = ["a", "b", "c", "d"]
DUTIES = st.lists(st.lists(st.sampled_from(ROLES), max_size=2, unique=True), min_size=1, max_size=6)
PAIRS = st.sets(st.sampled_from(list(combinations(ROLES, 2))))


@settings(max_examples=300, deadline=None)
@given(
    DUTIES,
    PAIRS,
    st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=5),
    st.sets(st.sampled_from(ROLES), max_size=1),
)
def test_the_fewest_people_are_those_of_trying_everything(
    duties: list[list[str]], pairs: set[tuple[str, str]], apart: set[tuple[int, int]], single: set[str]
) -> None:
    """On random duties, conflicts and pairs of duties that two people must have."""
    count = len(duties)
    lines = {(a, b) for a, b in apart if a != b and max(a, b) < count}
    work = Work(
        duties=tuple(Duty(roles=tuple(roles), seat=n) for n, roles in enumerate(duties)),
        apart=tuple(
            frozenset({b for a, b in lines if a == n} | {a for a, b in lines if b == n}) for n in range(count)
        ),
        kinds=0,
        seats=0,
    )
    conflicts = frozenset(frozenset(pair) for pair in pairs)
    search = Search(work, conflicts, frozenset(single))
    people = search.run()
    assert search.exact
    assert (None if people is None else len(people)) == _fewest(work, conflicts, frozenset(single))
