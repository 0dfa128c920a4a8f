"""An organisation's own rules: CEL expressions in a workflow that is adopted under a name of its own."""

from __future__ import annotations

import sys
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import Mofflow
from tests.support.remedies import CREW, Project

pytest.importorskip("cel_expr_python", reason="the extra `cel` is not installed")

SHIPPED = Path(__file__).parents[2] / "workflows" / "deliver-project.yaml"
EURO = {
    "expression": "evidence.business_case.costs.direct.all(cost, cost.currency == 'EUR')",
    "says": "All direct costs are in euro.",
    "name": "euro",
}
BOUNDED = {
    "expression": "'out_of_scope' in evidence.vision_scope && size(evidence.vision_scope.out_of_scope) > 0",
    "says": "A vision says what is out of scope.",
    "name": "bounded",
    "remedy": {"attach": {"vision_scope": {"out_of_scope": ["Repair"]}}},
}
DECLARED = {
    "expression": "case.fields.size != 'small' || ('deliverable' in case.fields && case.fields.deliverable == 'service')",
    "says": "Small projects deliver services.",
    "name": "services",
    "remedy": {"set": {"deliverable": "service"}},
}


def with_rules(mofflow: Mofflow, rules: dict[str, list[dict[str, Any]]], version: str = "1") -> Path:
    """The shipped workflow as `our-project`, with more guards: trigger -> rules."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    content |= {"workflow": "our-project", "version": version, "prefix": "OUR"}
    for trigger, more in rules.items():
        edge = next(t for t in content["transitions"] if t["trigger"] == trigger)
        edge["guards"] = [*edge["guards"], *more]
    return mofflow.write("our-project.yaml", yaml.safe_dump(content, sort_keys=False, width=10_000))


def opened(tmp_path: Path, rules: dict[str, list[dict[str, Any]]]) -> Project:
    """A small project under the workflow with these rules."""
    mofflow = Mofflow(tmp_path, now="2026-01-05T09:00:00Z").init(CREW)
    file = with_rules(mofflow, rules)
    assert mofflow("workflow", "check", str(file), "--json").json["ok"] is True
    assert mofflow("workflow", "adopt", str(file), "--json").json["name"] == "our-project"
    mofflow("project", "create", "By our rules", "--workflow", "our-project", "--set", "size=small")
    for role, person in (("program_manager", "pam"), ("solution_manager", "sol")):
        mofflow("assign", "OUR-1", role, person)
    return Project(mofflow, key="OUR-1")


def test_a_rule_without_a_remedy_refuses_with_expression_and_a_hint(tmp_path: Path) -> None:
    """It says what it means and what the rule is; no command, since only people know what would be right."""
    project = opened(tmp_path, {"submit_vision": [EURO]})
    project.go("charter")
    project.attach("vision_scope")
    dollars = {
        "direct": [{"item": "x", "amount": 1, "currency": "USD"}],
        "indirect": [{"item": "x", "amount": 1, "currency": "EUR"}],
    }
    project.attach("business_case", costs=dollars)
    guard = project.guard("submit_vision.euro")
    assert (guard["passed"], guard["code"], guard["remedy"]) == (False, "EXPRESSION", [])
    assert EURO["says"] in guard["message"]
    assert EURO["expression"] in guard["hint"]
    ran = project.advance("submit_vision", "pam", expect=1)
    assert ran.codes == ["EXPRESSION"]
    verdict = next(g for g in project.events()[-1]["guards"] if g["guard"] == "submit_vision.euro")
    assert (verdict["passed"], verdict["saw"]["expression"]) == (False, EURO["expression"])


def test_a_rule_passes_where_it_is_true(tmp_path: Path) -> None:
    """The same project with costs in euro goes on."""
    project = opened(tmp_path, {"submit_vision": [EURO]})
    for trigger in ("charter", "submit_vision"):
        project.go(trigger)
    assert project.state() == "vision_review"
    verdict = next(g for g in project.events()[-1]["guards"] if g["guard"] == "submit_vision.euro")
    assert (verdict["passed"], verdict["family"]) == (True, "expression")


def test_a_rule_about_what_is_not_there_refuses_and_says_so(tmp_path: Path) -> None:
    """Without the document the expression has no value: that is no pass."""
    project = opened(tmp_path, {"submit_vision": [EURO]})
    project.go("charter")
    guard = project.guard("submit_vision.euro")
    assert guard["code"] == "EXPRESSION"
    assert "cannot be told" in guard["message"]
    assert "business_case" in guard["message"]


def test_a_rule_with_a_remedy_of_a_document_is_satisfied_by_following_it(tmp_path: Path) -> None:
    """The remedy attaches a document with the declared fields in it."""
    project = opened(tmp_path, {"submit_vision": [BOUNDED]})
    project.go("charter")
    form = project.mofflow("evidence", "template", "vision_scope", "--case", "OUR-1", "--json").json[
        "example"
    ]
    del form["out_of_scope"]
    file = project.mofflow.write("v.json", yaml.safe_dump(form))
    project.mofflow(
        "attach", "OUR-1", "vision_scope", "--from", str(file.rename(file.with_suffix(".yaml"))), as_="pam"
    )
    guard = project.guard("submit_vision.bounded")
    assert guard["code"] == "EXPRESSION"
    (line,) = guard["remedy"]
    assert line[-1]["example"]["out_of_scope"] == ["Repair"]
    project.run(line)
    assert project.code("submit_vision.bounded") is None
    project.go("submit_vision")


def test_a_rule_with_a_remedy_of_a_field_is_satisfied_by_following_it(tmp_path: Path) -> None:
    """The remedy sets the field to the declared value."""
    project = opened(tmp_path, {"charter": [DECLARED]})
    guard = project.guard("charter.services")
    assert guard["code"] == "EXPRESSION"
    assert [word for word in guard["remedy"][0] if isinstance(word, str)][-1] == "deliverable=service"
    project.go("charter")
    assert project.shown["fields"]["deliverable"] == "service"


def test_rules_see_time_state_and_iteration(tmp_path: Path) -> None:
    """`now` is the time to decide by, as text in UTC; `case` has key, state, iteration and fields."""
    rule = {
        "expression": "now >= '2026-02-01' && case.state == 'proposed' && case.key == 'OUR-1' && case.iteration == 1",
        "says": "Nothing starts before February.",
        "name": "february",
    }
    project = opened(tmp_path, {"charter": [rule]})
    assert project.code("charter.february") == "EXPRESSION"
    project.mofflow.now = "2026-02-01T00:00:00Z"
    assert project.code("charter.february") is None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("case.", "Syntax error"),
        ("facts.size == 'small'", "facts"),
        ("open('/etc/passwd')", "open"),
        ("__import__('os').system('id')", "__import__"),
        ("true " + "&& true " * 500, "characters"),
        ("(" * 200 + "true" + ")" * 200, "recursion"),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_adopted(tmp_path: Path, source: str, told: str) -> None:
    """A syntax error, an unknown name, a call of what is not there, too long, too deep: nothing is adopted."""
    mofflow = Mofflow(tmp_path).init()
    file = with_rules(mofflow, {"charter": [{"expression": source, "says": "x", "name": "odd"}]})
    ran = mofflow.refuses("workflow", "adopt", str(file), code="invalid_declaration")
    assert told in ran.error["message"]
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert any(told in problem["message"] for problem in checked["problems"])


PARTS = "evidence.vision_scope.in_scope"
BOMB = reduce(lambda inner, level: f"{PARTS}.all(x{level}, {inner})", range(6), f"size({PARTS}) > 0")


def test_an_expression_that_would_never_end_is_refused_quickly(tmp_path: Path) -> None:
    """Loops in loops over a long list: the guard refuses within seconds of the processor, in a real process."""
    project = opened(
        tmp_path, {"submit_vision": [{"expression": BOMB, "says": "Never ends.", "name": "bomb"}]}
    )
    project.go("charter")
    project.attach("vision_scope", in_scope=[f"Part {number}" for number in range(2000)])
    project.attach("business_case")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20)); resource.setrlimit(resource.RLIMIT_AS, (2 << 30,) * 2)"
    ran = project.mofflow.process("--as", "pam", "advance", "OUR-1", "submit_vision", "--json", before=limit)
    assert ran.code == 1, ran
    assert ran.codes == ["EXPRESSION"]
    assert "budget" in ran.error["refusals"][0]["message"].lower()


def test_a_rule_cannot_change_what_it_sees(tmp_path: Path) -> None:
    """Asking about it, and firing, leaves documents and fields as they were."""
    project = opened(tmp_path, {"submit_vision": [EURO, BOUNDED]})
    project.go("charter")
    project.attach("vision_scope")
    project.attach("business_case")
    with project.mofflow.unchanged():
        project.mofflow("why", "OUR-1", "submit_vision", "--json")


# Without the library


def test_adopting_says_what_to_install_where_the_library_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 with the command to run; nothing is adopted; a workflow without such rules needs no library."""
    mofflow = Mofflow(tmp_path).init()
    plain = with_rules(mofflow, {}, version="0").rename(tmp_path / "plain.yaml")
    file = with_rules(mofflow, {"charter": [DECLARED]})
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    ran = mofflow.refuses("workflow", "adopt", str(file), code="invalid_declaration")
    assert "pip install 'mofflow[cel]'" in ran.error["hint"]
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert "pip install 'mofflow[cel]'" in checked["problems"][0]["message"]
    mofflow("workflow", "adopt", str(plain))


def test_a_case_whose_workflow_has_rules_is_refused_and_not_passed_without_the_library(
    tmp_path: Path,
) -> None:
    """A machine without the library: `why` and `advance` tell what to install; the rule never counts as passed."""
    project = opened(tmp_path, {"charter": [DECLARED]})
    project.mofflow("set", "OUR-1", "deliverable=service", as_="pam")
    assert project.code("charter.services") is None
    missing = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "cel_expr_python":
            raise ModuleNotFoundError(name)
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "cel_expr_python" else found(name, package)
sys.meta_path.insert(0, Missing())
"""
    ran = project.mofflow.process("--as", "portia", "advance", "OUR-1", "charter", "--json", before=missing)
    assert ran.code == 1, ran
    (refusal,) = ran.error["refusals"]
    assert refusal["code"] == "EXPRESSION"
    assert "mofflow[cel]" in refusal["message"]
    assert project.state() == "proposed"
    shown = project.mofflow.process("show", "OUR-1", "--json", before=missing)
    assert shown.code == 0
