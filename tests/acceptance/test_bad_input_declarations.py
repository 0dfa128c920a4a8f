"""Declarations that cannot be accepted: every fault with its file, line and column; nothing is adopted."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import Mofflow, clear

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "workflows" / "deliver-project.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def mofflow(tmp_path_factory: pytest.TempPathFactory) -> Mofflow:
    """A database that nothing in this file changes."""
    return Mofflow(tmp_path_factory.mktemp("declarations")).init({"pam": ("program_manager",)})


def bomb(levels: int = 12) -> str:
    """Aliases of aliases: a few bytes that would become gigabytes."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Changed:
    """The shipped workflow with one thing in it changed; read when a test asks for it."""

    old: str
    new: str

    def __str__(self) -> str:
        assert self.old in SHIPPED, f"the shipped workflow has no {self.old!r} any more"
        return SHIPPED.replace(self.old, self.new, 1)


def changed(old: str, new: str) -> Changed:
    """The shipped workflow with one thing in it changed."""
    return Changed(old, new)


def line_of(text: str, words: str) -> int:
    """The line in which these words first stand."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


FAULTS: dict[str, tuple[Changed | str, str, list[str]]] = {
    # name: (the file, words of the line at fault, what is told)
    "unknown key": (changed("title: Deliver", "titel: Deliver"), "titel:", ["titel", "title"]),
    "unknown key of a field": (
        changed("    material: true", "    materiel: true"),
        "materiel",
        ["did you mean 'material'"],
    ),
    "unknown key of a transition": (
        changed("    needs: [reason]\n", "    neds: [reason]\n"),
        "neds",
        ["did you mean 'needs'"],
    ),
    "duplicate key": (changed("kind: project\n", "kind: project\nkind: change\n"), "kind: change", ["kind"]),
    "duplicate key inside": (
        changed("  deliverable: {kind: enum,", "  deliverable: {kind: enum, kind: text,"),
        "kind: enum, kind: text",
        ["kind"],
    ),
    "wrong type": (
        changed("final: [closed, rejected, cancelled]", "final: closed"),
        "final: closed",
        ["final", "list"],
    ),
    "wrong type of a version": (changed('version: "1"', "version: [1]"), "version: [1]", ["version"]),
    "unknown guard": (
        changed(
            "- {obligations: none_open, name: obligations}", "- {obligation: none_open, name: obligations}"
        ),
        "{obligation: none_open",
        ["a guard has one of the keys"],
    ),
    "unknown key of a guard": (
        changed(
            "- {evidence: deployment_impact, fresh: true,", "- {evidence: deployment_impact, frsh: true,"
        ),
        "frsh",
        ["did you mean 'fresh'"],
    ),
    "a key of a part of a group": (
        changed(
            "- {evidence: pilot_plan, sizes: [large]}",
            "- {name: any, any_of: [{evidence: pilot_plan, sizes: [large]}]}",
        ),
        "any_of: [{evidence: pilot_plan",
        ["sizes"],
    ),
    "a shared gate as a part of a group": (
        changed("- {evidence: pilot_plan, sizes: [large]}", "- {name: any, all_of: [{use: vision_gate}]}"),
        "all_of: [{use",
        ["use"],
    ),
    "anchor": (
        changed("    by: [program_manager]\n", "    by: &who [program_manager]\n"),
        "&who",
        ["anchor"],
    ),
    "tag": (changed("prefix: P\n", "prefix: !!python/name:os.system P\n"), "!!python", ["tag"]),
    "merge key": (changed("kind: project\n", "kind: project\n<<: {prefix: P}\n"), "<<", ["merge"]),
    "not YAML": (changed("stages:\n", "stages: [\n"), "", ["not YAML"]),
    "a list": ("- workflow\n", "- workflow", []),
    "empty": ("", "", []),
    "a YAML bomb": (bomb(), "*a0", ["alias"]),
    "a second document": (SHIPPED + "---\nworkflow: other\n", "---", ["second document"]),
    "a bad duration": (changed("at_most: P30D", "at_most: 30 days"), "30 days", ["P30D"]),
    "a state that stands twice": (
        changed("[building, scope_review]", "[building, planning]"),
        "[building, planning]",
        ["twice"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_workflow_file_with_a_fault_is_told_by_file_line_and_column(mofflow: Mofflow, name: str) -> None:
    """`workflow check` exits 1 with problems of `schema`; `workflow adopt` exits 2; each names the place."""
    source, at, told = FAULTS[name]
    text = str(source)
    file = mofflow.write("w.yaml", text)
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert checked["ok"] is False
    messages = [p["message"] for p in checked["problems"]]
    assert {p["check"] for p in checked["problems"]} == {"schema"}
    assert all(set(p) >= {"check", "message", "state", "trigger", "path"} for p in checked["problems"])
    for words in told:
        assert any(words in message for message in messages), messages
    if at:
        place = rf"{re.escape(str(file))}:{line_of(text, at)}:\d+: "
        assert any(re.match(place, message) for message in messages), (place, messages)
    ran = mofflow.refuses("workflow", "adopt", str(file), code="invalid_declaration")
    for words in told:
        assert words in ran.error["message"]


def test_all_faults_of_a_file_are_told_at_once(mofflow: Mofflow) -> None:
    """Three faults, three places."""
    text = str(changed("    material: true", "    materiel: true")).replace(
        "final: [closed, rejected, cancelled]", "final: closed"
    )
    text = text.replace("prefix: P\n", "prefix: lower\n")
    file = mofflow.write("w.yaml", text)
    problems = mofflow("workflow", "check", str(file), "--json", expect=1).json["problems"]
    assert len(problems) == 3


NAMES: dict[str, tuple[Changed, str]] = {
    "a role": (
        changed("by: [release_manager, program_manager]", "by: [relese_manager, program_manager]"),
        "relese_manager",
    ),
    "a state": (changed("move: building -> scope_review", "move: building -> scope_revew"), "scope_revew"),
    "an evidence kind": (
        changed("{evidence: milestone_report,", "{evidence: milestone_reprt,"),
        "milestone_reprt",
    ),
    "a sign-off set": (changed("- {signoff: vision}", "- {signoff: visionn}"), "visionn"),
    "a clause": (changed("clauses: [D1, P5]", "clauses: [D1, P99]"), "P99"),
    "a shared gate": (changed("- use: charter_gate\n", "- use: charter_gat\n"), "charter_gat"),
    "a field": (
        changed("{fields: [discipline, deliverable]", "{fields: [diszipline, deliverable]"),
        "diszipline",
    ),
    "a size": (changed("sizes: [large]}", "sizes: [huge]}"), "huge"),
    "a group": (
        changed("move: before_release -> on_hold", "move: before_releas -> on_hold"),
        "before_releas",
    ),
    "a fact of when": (
        changed(
            "{remembered: from_building, baseline: changed}", "{remembered: from_building, baselin: changed}"
        ),
        "baselin",
    ),
    "a trigger of after": (changed("        skip_pilot: []\n", "        skip_pilots: []\n"), "skip_pilots"),
    "a duration of the calendar": (
        changed("{elapsed: quiet_period,", "{elapsed: quiet_perod,"),
        "quiet_perod",
    ),
    "a document of an order": (
        changed(
            "{order: [pilot_report.start, pilot_report.end]", "{order: [pilot_reprt.start, pilot_report.end]"
        ),
        "pilot_reprt",
    ),
    "an input of a choice": (changed("kind: choice, of: sites,", "kind: choice, of: places,"), "places"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_that_names_what_does_not_exist_is_refused(mofflow: Mofflow, name: str) -> None:
    """An unknown role, state, kind, set, clause, gate, field, size, ...: told by name, and not adopted."""
    source, word = NAMES[name]
    file = mofflow.write("w.yaml", str(source).replace('version: "1"', 'version: "2"'))
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert any(word in p["message"] for p in checked["problems"]), checked["problems"]
    ran = mofflow.refuses("workflow", "adopt", str(file), code="invalid_declaration")
    assert word in ran.error["message"]


def test_a_workflow_that_does_not_pass_its_proofs_is_refused_with_the_path(mofflow: Mofflow) -> None:
    """Without the provider's acceptance the way into deploying is open: dominance, with a counter-example."""
    start = SHIPPED.index("    - signoff: provider_acceptance")
    end = SHIPPED.index("    - {signoff: release, sizes")
    file = mofflow.write("w.yaml", (SHIPPED[:start] + SHIPPED[end:]).replace('version: "1"', 'version: "2"'))
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    found = [p for p in checked["problems"] if p["check"] == "dominance"]
    assert found
    assert all("D4" in p["message"] for p in found)
    ran = mofflow.refuses("workflow", "adopt", str(file), code="invalid_declaration")
    assert "dominance" in ran.error["message"]


def test_a_workflow_version_is_adopted_once(mofflow: Mofflow) -> None:
    """Another text under a version that was adopted is a conflict; the very same text changes nothing."""
    same = mofflow.write("same.yaml", SHIPPED)
    with mofflow.unchanged():
        assert mofflow("workflow", "adopt", str(same), "--json").json["unchanged"] is True
    other = mofflow.write("w.yaml", str(changed("title: Deliver a", "title: Deliver some")))
    mofflow.refuses("workflow", "adopt", str(other), code="conflict", told=["version 1", "new version"])


def test_adopting_is_for_administrators(mofflow: Mofflow) -> None:
    """The program manager may check, and not adopt."""
    file = mofflow.write("w.yaml", SHIPPED.replace('version: "1"', 'version: "2"'))
    mofflow("workflow", "check", str(file), as_="pam")
    mofflow.refuses("workflow", "adopt", str(file), code="not_permitted", told=["root"], as_="pam")
    mofflow.refuses("policy", "adopt", str(ROOT / "policies"), code="not_permitted", told=["root"], as_="pam")


def test_a_file_that_cannot_be_read_is_told(mofflow: Mofflow) -> None:
    """Missing, a folder, too large."""
    for path in (mofflow.folder / "missing.yaml", mofflow.folder):
        ran = mofflow.refuses(
            "workflow", "adopt", str(path), code="invalid_declaration", told=["cannot be read"]
        )
        assert str(path) in ran.error["message"]
    large = mofflow.write("large.yaml", SHIPPED + "#" * (1 << 21))
    mofflow.refuses("workflow", "adopt", str(large), code="invalid_declaration")


def test_a_yaml_bomb_is_refused_before_it_grows(mofflow: Mofflow) -> None:
    """In a process that may use only little memory, and only a few seconds of the processor."""
    file = mofflow.write("bomb.yaml", bomb(30))
    limits = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2); resource.setrlimit(resource.RLIMIT_CPU, (20, 20))"
    ran = mofflow.process("workflow", "adopt", str(file), "--json", before=limits)
    assert ran.code == 2
    clear(ran, "invalid_declaration", ["alias"])


# Policies

POLICY_FAULTS = {
    "unknown key": ("signoffs.yaml", "class: approval", "klass: approval", ["class"]),
    "duplicate key": ("roles.yaml", "policy: roles\n", "policy: roles\npolicy: roles\n", ["policy"]),
    "unknown class": ("signoffs.yaml", "class: acceptance", "class: acceptans", ["acceptans"]),
    "unknown role of a seat": ("signoffs.yaml", "small: [customer]", "small: [custmer]", ["custmer"]),
    "unknown kind that is covered": (
        "signoffs.yaml",
        "covers: [service_agreement]",
        "covers: [service_agreemnt]",
        ["service_agreemnt"],
    ),
    "empty seats": ("signoffs.yaml", "small: [customer]", "small: []", ["seats"]),
    "bad duration": ("calendar.yaml", "quiet_period: P15D", "quiet_period: 15", ["quiet_period"]),
    "bad zone": ("calendar.yaml", "zone: UTC", "zone: Mars", ["Mars"]),
    "bad day": ("calendar.yaml", "review_after: 2027-12-01", "review_after: 2027-02-29", ["2027-02-29"]),
    "missing statement": ("waivers.yaml", "statement: >-", "remark: >-", ["statement"]),
    "example that breaks its schema": (
        "evidence-build.yaml",
        "configuration_id: 'ENV-@{case}'",
        "configuration: 'ENV-@{case}'",
        ["acceptance_environment"],
    ),
    "clause that does not exist": ("mandatory.yaml", "clause: D1,", "clause: D99,", ["D99"]),
    "person that administrates and audits": (
        "separation.yaml",
        "- [administrator, auditor]",
        "- [administrator, auditr]",
        ["auditr"],
    ),
}


@pytest.mark.parametrize("name", POLICY_FAULTS)
def test_a_policy_with_a_fault_is_told_and_not_adopted(mofflow: Mofflow, tmp_path: Path, name: str) -> None:
    """`policy check` and `policy adopt` exit 2 with the file and line of the fault."""
    file, old, new, told = POLICY_FAULTS[name]
    folder = Path(shutil.copytree(ROOT / "policies", tmp_path / "policies"))
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    for verb in ("check", "adopt"):
        ran = mofflow.refuses("policy", verb, str(folder), code="invalid_declaration", told=told)
        assert re.search(rf"{re.escape(file)}:\d+:\d+: ", ran.error["message"]), ran.error["message"]


def test_a_policy_under_which_a_workflow_in_force_fails_is_not_adopted(
    mofflow: Mofflow, tmp_path: Path
) -> None:
    """A set that a large project needs is no longer declared: the workflow in force would not pass."""
    folder = Path(shutil.copytree(ROOT / "policies", tmp_path / "policies"))
    text = (folder / "signoffs.yaml").read_text(encoding="utf-8")
    start, end = text.index("  site:\n"), text.index("  restoration:\n")
    (folder / "signoffs.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    checked = mofflow("policy", "check", str(folder), "--json", expect=1).json
    assert checked["ok"] is False
    assert any("site" in problem for problem in checked["problems"])
    mofflow.refuses("policy", "adopt", str(folder), code="invalid_declaration", told=["site"])


def test_a_policy_folder_that_is_missing_or_incomplete_is_told(mofflow: Mofflow, tmp_path: Path) -> None:
    """No folder, an empty folder, and one without the roles."""
    mofflow.refuses("policy", "adopt", str(tmp_path / "missing"), code="not_found", told=["missing"])
    (tmp_path / "empty").mkdir()
    mofflow.refuses("policy", "adopt", str(tmp_path / "empty"), code="invalid_declaration")
    folder = Path(shutil.copytree(ROOT / "policies", tmp_path / "policies"))
    (folder / "roles.yaml").unlink()
    mofflow.refuses("policy", "adopt", str(folder), code="invalid_declaration", told=["roles"])


# Founding files


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: [{id: pam, roles: [program_manger]}]", "did you mean 'program_manager'"),
        ("people: [{id: pam, rols: [customer]}]", "did you mean 'roles'"),
        ("people: [{id: Pam Smith}]", "jane.doe"),
        ("people: [{id: pam}, {id: pam}]", "twice"),
        ("people: [{id: pam, roles: [administrator, auditor]}]", "at once"),
        ("people: pam", "list"),
        ("persons: []", "people"),
        ("people: [&x {id: pam}]", "anchor"),
    ],
)
def test_a_founding_file_with_a_fault_makes_no_database(tmp_path: Path, text: str, told: str) -> None:
    """`init` is all or nothing: after a refusal there is no file, and the next try succeeds."""
    new = Mofflow(tmp_path)
    file = new.write("people.yaml", text)
    ran = new("init", "--people", str(file), "--json", expect=2)
    assert told in ran.error["message"] + ran.error["hint"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["people.yaml"]
    new("init")
    assert new("init", "--json", expect=3).error["code"] == "conflict"
