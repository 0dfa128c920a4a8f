"""Steps become argument lists that the real commands parse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import jsonschema
import pytest

from mofflow.cli._remedy import Argument, Remedies, command
from mofflow.cli.main import main
from mofflow.declarations.files import DeclarationFiles
from mofflow.domain.case import Case, Moment
from mofflow.domain.facts import Facts
from mofflow.domain.people import People
from mofflow.domain.steps import (
    AddPerson,
    Advance,
    Assign,
    Attach,
    GrantRole,
    Proposal,
    SetFields,
    Settle,
    Sign,
    Step,
    Unassign,
    Withdraw,
)

START = Moment(at=datetime(2026, 1, 5, 9, tzinfo=UTC), seq=1)
VISION = {"vision": "Orders in two days.", "in_scope": ["ordering"], "revision": 1}
STEPS: Sequence[Step] = (
    AddPerson(actor="root", person="customer-1", role="customer"),
    GrantRole(actor="root", person="jane", role="tester"),
    Assign(actor="root", role="customer", person="customer-1"),
    Assign(actor="root", role="tester", person="jane", grant=True),
    Unassign(actor="root", role="tester", person="jane"),
    Attach(actor="jane", kind="vision_scope", key=None, example=VISION),
    Sign(actor="customer-1", set="site", key="main", role="customer"),
    Withdraw(actor="jane", set="plan", key=None),
    SetFields(
        actor="root", values={"discipline": "msf", "sites": ["main", "branch"]}, given=frozenset({"sites"})
    ),
    Settle(actor="jane", obligation="P-1-O1"),
    Advance(actor="jane", trigger="site_done", inputs={"site": "main", "conditions": [{"guard": "x"}]}),
)


@pytest.fixture(scope="module")
def facts() -> Facts:
    """A case of the shipped workflow under the shipped policies."""
    files = DeclarationFiles()
    workflow = files.workflow(files.workflow_file(files.shipped_workflows()[0]), "0" * 64)
    policies = files.policies(files.policy_folder(files.shipped_policies()), "1" * 64)
    case = Case(
        key="P-1",
        kind="project",
        title="A project",
        workflow=workflow.name,
        definition=workflow.digest,
        state=workflow.initial,
        entered=START,
        opened=START,
        version=1,
        seq=1,
        last_at=START.at,
        opened_by="root",
        fields={"size": "large", "sites": ["main"]},
    )
    return Facts(
        case=case, workflow=workflow.for_size("large"), policies=policies, people=People(), now=START.at
    )


@pytest.fixture
def remedies(facts: Facts) -> Remedies:
    """For the asker `root`, with one person to be found."""
    made = Remedies(facts, "root")
    made.know({"customer-1": Proposal(id="customer-1", role="customer", barred=("jane",), distinct_from=())})
    return made


def filled(line: Sequence[Argument]) -> list[str]:
    """The words of a line, each placeholder filled with its example."""
    return [word if isinstance(word, str) else _filled(word) for word in line]


def _filled(word: Mapping[str, Any]) -> str:
    example = word["example"]
    text = example if isinstance(example, str) else json.dumps(example)
    return f"{word['placeholder']}.json" if word["kind"] == "file" else f"{word['prefix']}{text}"


def parsed(args: list[str]) -> dict[str, Any]:
    """What the real command makes of the arguments; it raises where they are wrong."""
    ctx = main.make_context("mofflow", args)
    found = dict(ctx.params)
    command: click.Command = main
    while isinstance(command, click.Group):
        name, inner, rest = command.resolve_command(ctx, [*ctx._protected_args, *ctx.args])
        assert inner is not None
        ctx, command = inner.make_context(name, rest, parent=ctx), inner
        found |= ctx.params
    return found


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_step_parses_with_the_real_command(step: Step, remedies: Remedies) -> None:
    """And the actor stands before it where he is not the asker."""
    (line,) = remedies.lines([step])
    found = parsed(filled(line))
    assert found["actor"] == (None if step.actor == "root" else step.actor)


def test_there_is_a_writer_for_every_step(remedies: Remedies) -> None:
    """A new step without one would break `why`."""
    declared = {kind.__name__ for kind in Step.__subclasses__()}
    assert (
        {kind.__name__ for kind in remedies._writers} == declared == {type(step).__name__ for step in STEPS}
    )


def test_placeholders_have_the_keys_of_the_contract(remedies: Remedies) -> None:
    """Six for each; a person has two more."""
    keys = {"placeholder", "kind", "schema", "example", "statement", "prefix"}
    for line in remedies.lines(STEPS):
        for word in line:
            if isinstance(word, dict):
                more = {"not", "distinct_from"} if word["kind"] == "person" else set()
                assert set(word) == keys | more
                jsonschema.validate(word["example"], word["schema"] or {})  # type: ignore[arg-type]  # JSON


def test_a_person_to_be_found_is_the_same_everywhere(remedies: Remedies) -> None:
    """Also in front, as the one who acts."""
    add, sign = remedies.lines([STEPS[0], STEPS[6]])
    assert sign[:2] == ["--as", add[2]]
    assert isinstance(add[2], dict)
    assert (add[2]["placeholder"], add[2]["not"]) == ("new_customer", ["jane"])


def test_people_of_one_role_have_names_of_their_own(facts: Facts) -> None:
    """The second is to be another one, and fits every trigger that proposes him."""
    remedies = Remedies(facts, "root")
    first = Proposal(id="customer-1", role="customer", barred=(), distinct_from=())
    second = Proposal(id="customer-2", role="customer", barred=("tom",), distinct_from=("customer-1",))
    again = Proposal(id="customer-2", role="customer", barred=("jane",), distinct_from=())
    remedies.know({"customer-1": first, "customer-2": second})
    remedies.know({"customer-2": again})
    one, two = remedies.person("customer-1"), remedies.person("customer-2")
    assert isinstance(one, dict)
    assert isinstance(two, dict)
    assert (one["placeholder"], two["placeholder"]) == ("new_customer", "new_customer_2")
    assert two["distinct_from"] == ["new_customer"]
    assert two["not"] == ["tom", "jane"]


def test_two_documents_of_a_kind_have_two_names(remedies: Remedies) -> None:
    """A report that failed is not the report that passed; the same one twice is one."""
    other = Attach(actor="root", kind="vision_scope", key=None, example={**VISION, "vision": "Another."})
    names = [line[-1]["placeholder"] for line in remedies.lines([STEPS[5], other, STEPS[5]])]  # type: ignore[index]  # files
    assert names == ["vision_scope", "vision_scope_2", "vision_scope"]


def test_a_statement_is_marked(remedies: Remedies, facts: Facts) -> None:
    """It must be so before somebody writes it."""
    kinds = facts.policies.evidence
    for name, kind in kinds.items():
        ((*_, word),) = remedies.lines([Attach(actor="root", kind=name, key=None, example={"name": name})])
        assert isinstance(word, dict)
        assert word["statement"] == kind.statement
    assert any(kind.statement for kind in kinds.values())


def test_given_values_are_words_and_chosen_ones_placeholders(remedies: Remedies) -> None:
    """What is no text stands as JSON behind the equals sign."""
    ((*_, discipline, sites),) = remedies.lines([STEPS[8]])
    assert sites == 'sites=["main", "branch"]'
    assert isinstance(discipline, dict)
    assert discipline["prefix"] == "discipline="
    (line,) = remedies.lines([STEPS[10]])
    assert line[2:] == [
        "advance",
        "P-1",
        "site_done",
        "--set",
        "site=main",
        "--set",
        'conditions=[{"guard": "x"}]',
    ]


def test_a_line_reads_as_somebody_types_it(remedies: Remedies) -> None:
    """With <name> for what he supplies, and quotes where the shell wants them."""
    lines = [command(line) for line in remedies.lines([STEPS[0], STEPS[8], STEPS[7]])]
    assert lines == [
        "mofflow person add <new_customer> --grant customer",
        """mofflow set P-1 discipline=<discipline> 'sites=["main", "branch"]'""",
        "mofflow --as jane withdraw P-1 plan --reason <withdrawal_reason_plan>",
    ]
