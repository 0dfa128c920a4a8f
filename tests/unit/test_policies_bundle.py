"""A folder of policy files: what is wrong is told all at once, each with its place and the nearest known name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mofflow.declarations.policies import digest_of, policies_from, read_policies, schema
from mofflow.declarations.seats import seats_of
from mofflow.domain.policy import Seat
from mofflow.errors import InvalidDeclaration, NotFound

SHIPPED = Path(__file__).parents[2] / "policies"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped policies."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace a text that stands in a file."""

    def replace(file: str, old: str, new: str) -> None:
        path = folder / f"{file}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return replace


def problems(folder: Path) -> list[str]:
    with pytest.raises(InvalidDeclaration) as caught:
        read_policies(folder)
    return [line.removeprefix(f"{folder}/") for line in caught.value.problems]


def place(folder: Path, file: str, text: str) -> str:
    """`file:line:column` of a text."""
    before = (folder / f"{file}.yaml").read_text().partition(text)[0]
    return f"{file}.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def test_an_unknown_key_names_its_place_the_nearest_and_all_known_keys(folder: Path, edit: Edit) -> None:
    """The position is that of the key."""
    edit("roles", "    unique: true", "    uniqe: true")
    assert problems(folder) == [
        f"{place(folder, 'roles', 'uniqe')}: rules.business_interface.uniqe: unknown key 'uniqe' (did you mean "
        "'unique'?). Known: accountability, filled, stands_in, title, unique."
    ]


def test_every_problem_of_every_file_is_told(folder: Path, edit: Edit) -> None:
    """Wrong types, values, names, durations, missing keys and references stand in one list."""
    edit("roles", "unique: true", "unique: yes")
    edit("roles", "{title: Portfolio Manager, accountability: service}", "{accountability: servce}")
    edit("waivers", "at_most: P90D", "at_most: 90 days")
    edit("signoffs", "class: acceptance", "class: acceptence")
    edit("mandatory", "clause: D1", "clause: D9")
    edit("calendar", "zone: UTC", "zone: Europe/Bärlin")
    edit("permissions", "[administrator]", "[administrater]")
    found = problems(folder)
    for part in (
        "rules.business_interface.unique: 'yes' was found, true or false is wanted.",
        "rules.portfolio_manager: the key 'title' is missing. Known: accountability, filled",
        "rules.portfolio_manager.accountability: unknown value 'servce' (did you mean 'service'?)",
        "rules.at_most: '90 days' is not an ISO 8601 duration",
        "rules.provider_acceptance.class: unknown value 'acceptence' (did you mean 'acceptance'?)",
        "rules[0].clause: there is no clause 'D9'",
        "rules.zone: 'Europe/Bärlin' is not a time zone",
    ):
        assert any(part in line for line in found), part
    assert not any("administrater" in line for line in found)  # which roles there are is not known


def test_what_files_name_in_each_other_must_be_there(folder: Path, edit: Edit) -> None:
    """Roles, clauses, evidence kinds, sign-off sets, and the lists that examples follow."""
    edit("signoffs", "small: [customer]", "small: [custmer]")
    edit("signoffs", "any_of: [operations_manager,", "any_of: [operation_manager,")
    edit("signoffs", "covers: [build_record]", "covers: [build_recrod]")
    edit("separation", "[developer, tester]", "[developer, tster]")
    edit("waivers", "M15]", "M99]")
    edit("roles", "stands_in: [service_level_manager", "stands_in: [service_levl_manager")
    edit("evidence-envision", "by: [portfolio_manager]", "by: [portfolio]")
    edit("evidence-envision", "clauses: [P1]", "clauses: [P9]")
    edit("evidence-planning", "'@each': requirements.items", "'@each': requirements.itms")
    edit(
        "evidence-stabilize",
        "'@each': acceptance_criteria.criteria",
        "'@each': acceptance_criterias.criteria",
    )
    edit("permissions", "settle: [solution_manager", "settle: [solution_manger")
    edit("calendar", "owner: it_policy_manager", "owner: it_polcy_manager")
    edit("calendar", "agreed_by: [operations_manager", "agreed_by: [operations_mangr")
    found = problems(folder)
    assert len(found) == 13
    assert all("there is no " in line or "names no list of requirements: itms" in line for line in found)
    assert (
        f"{place(folder, 'signoffs', 'custmer')}: rules.vision.seats.small[0]: there is no role 'custmer' ("
        in found[next(i for i, line in enumerate(found) if "custmer" in line)]
    )


def test_a_kind_is_declared_once_and_every_kind_is(folder: Path) -> None:
    """But evidence, which may stand in several files, each name once."""
    (folder / "calendar.yaml").unlink()
    shutil.copy(folder / "roles.yaml", folder / "roles2.yaml")
    shutil.copy(folder / "evidence-build.yaml", folder / "evidence-more.yaml")
    (folder / "x.yaml").write_text("policy: role\n")
    (folder / "y.yml").write_text("policy: [\n")
    found = problems(folder)
    assert any(
        line.startswith("roles2.yaml:4:9: policy: ") and "of kind roles already" in line for line in found
    )
    assert any(
        line.startswith("x.yaml:1:9: policy: unknown policy kind 'role' (did you mean 'roles'?)")
        for line in found
    )
    assert any(line.startswith("y.yml:2:1: not YAML") for line in found)
    assert any(
        "evidence-more.yaml" in line and "rules.build_record: another file declares it" in line
        for line in found
    )
    for file in ("roles2.yaml", "x.yaml", "y.yml", "evidence-more.yaml"):
        (folder / file).unlink()
    assert problems(folder) == [f"{folder}: there is no policy of kind calendar."]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("decision: {enum: [approve, decline, defer]}", "decision: {pattern: a}", "unknown key 'pattern'"),
        ("decision: {enum: [approve, decline, defer]}", "decision: {$ref: x}", "unknown key '$ref'"),
        ("decision: {enum: [approve, decline, defer]}", "decision: {description: x}", "one of `type`, `enum` and `const`"),
        ("decision: {enum: [approve, decline, defer]}", "decision: {type: number}", "unknown value 'number'"),
        ("decision: {enum: [approve, decline, defer]}", "decision: {type: array}", "`type: array` and `items`"),
        ("decision: {enum: [approve, decline, defer]}", "decision: {enum: [approve], format: null}", "null is no value"),
        ("decision: {enum: [approve, decline, defer]}", "decision: {enum: [decline]}", "its own fields refuse it: decision"),
        ("reason: {type: string}", "revision: {type: integer}", "every kind has revision anyway"),
        ("reason: {type: string}", "Reason: {type: string}", "'Reason' is no name"),
        ("by: [portfolio_manager]", "dated: reason", "neither format date nor date-time"),
        ("by: [portfolio_manager]", "keyed_by: decision", "no required text"),
        ("by: [portfolio_manager]", "optional: [x]", "name fields: x is none"),
        ("decided_on: '@today'", "decided_on: '@tody'", "unknown placeholder '@tody' (did you mean '@today'?)"),
    ],
)  # fmt: skip
def test_evidence_kinds_keep_to_their_small_part_of_json_schema(
    folder: Path, edit: Edit, old: str, new: str, message: str
) -> None:
    """No patterns, references or open ends; the example must be a document of its own kind."""
    edit("evidence-envision", old, new)
    found = problems(folder)
    assert any(message in line for line in found), found
    assert all(line.startswith("evidence-envision.yaml:") for line in found)


def test_a_quorum_becomes_seats() -> None:
    """Named members first, blocking only with a veto; the rest are any of its roles."""
    quorum = {
        "of": ["cab_member", "cab_chair"],
        "at_least": 3,
        "including": ["security_manager", "service_owner"],
        "veto": ["security_manager"],
    }
    assert seats_of(["change_manager", {"quorum": quorum}, {"any_of": ["a", "b"]}]) == (
        Seat(roles=("change_manager",)),
        Seat(roles=("security_manager",)),
        Seat(roles=("service_owner",), blocking=False),
        Seat(roles=("cab_member", "cab_chair"), blocking=False),
        Seat(roles=("a", "b")),
    )


def test_sets_may_say_quorum_and_none(folder: Path, edit: Edit) -> None:
    """A size that needs nobody says why; assurance and validity reach the set."""
    edit(
        "signoffs",
        "      small: [customer]\n",
        "      small: {none: The template was authorised.}\n      major: {quorum: {of: [cab_member], at_least: 2}}\n",
    )
    edit(
        "signoffs",
        "    valid_for: P30D",
        "    valid_for: P7D\n    assurance: {embedded: account, elsewhere: signed}",
    )
    content = read_policies(folder)
    built = policies_from(content, digest_of(content))
    vision, cancellation = built.signoffs["vision"], built.signoffs["cancellation"]
    assert vision.none == {"small": "The template was authorised."}
    assert vision.seats_for("small") == ()
    assert vision.seats_for("major") == (Seat(roles=("cab_member",), blocking=False),) * 2
    assert (cancellation.valid_for, cancellation.assurance) == ("P7D", ("account", "signed"))


@pytest.mark.parametrize(
    ("seats", "message"),
    [
        ("small: []", "at least 1 item"),
        ("small: {any_of: []}", "at least 1 item"),
        ("small: {none: ''}", "at least 1 character"),
        ("small: {any: [customer]}", "unknown key 'any' (did you mean 'any_of'?)"),
        ("small: {quorum: {of: [cab_member], at_least: 0}}", "greater than or equal to 1"),
        (
            "small: {quorum: {of: [cab_member], at_least: 1, including: [customer, auditor]}}",
            "more than `at_least`",
        ),
        ("small: {quorum: {of: [cab_member], at_least: 1, veto: [auditor]}}", "only a role in `including`"),
        ("small: 7", "the number 7 was found"),
    ],
)
def test_an_empty_or_senseless_set_is_refused(folder: Path, edit: Edit, seats: str, message: str) -> None:
    """A set without seats would pass by itself."""
    edit("signoffs", "small: [customer]", seats)
    found = problems(folder)
    assert any(message in line for line in found), found
    assert all("rules.vision.seats.small" in line for line in found)


def test_the_digest_is_of_the_content_and_nothing_else(folder: Path, edit: Edit) -> None:
    """Comments and the order of keys do not matter, a changed rule does."""
    before = digest_of(read_policies(folder))
    edit("waivers", "  at_most: P90D\n", "")
    edit("waivers", "rules:\n", "rules: # in another order\n  at_most: P90D\n")
    assert digest_of(read_policies(folder)) == before
    edit("waivers", "P90D", "P91D")
    assert digest_of(read_policies(folder)) != before


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """A folder or a kind of schema that does not exist."""
    with pytest.raises(NotFound):
        read_policies(tmp_path / "none")
    with pytest.raises(NotFound, match="did you mean 'roles'"):
        schema("rols")
