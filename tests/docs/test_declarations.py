"""Every YAML example of the guides is read by the real models; what it names exists, and no key is left unexplained."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mofflow.declarations.files import DeclarationFiles
from mofflow.declarations.policy_files import read, schema_of
from mofflow.declarations.policy_models import MODELS
from mofflow.declarations.workflow import workflow_from
from mofflow.declarations.workflow_model import read_workflow, schema
from mofflow.declarations.yaml import read_document
from mofflow.domain.check import check
from mofflow.domain.policy import Policies
from mofflow.errors import InvalidDeclaration
from tests.docs.markdown import ROOT, Block, blocks, manual, name_of
from tests.docs.tables import policies, workflow

SHIPPED = sorted((ROOT / "policies").glob("*.yaml"))
EXAMPLES = [block for page in manual() for block in blocks(page) if block.language == "yaml"]
EXAMPLES_OF_OTHER_FILES = "file "  # people, bundles: the console examples read those

# What the examples of guards name beside what the shipped workflow has.
OWN_FIELDS = {"people_trained": {"kind": "integer"}, "open_points": {"kind": "integer"}}


@pytest.mark.parametrize("block", EXAMPLES, ids=[block.place for block in EXAMPLES])
def test_a_declaration_is_accepted(block: Block, tmp_path: Path) -> None:
    """Alone, or in the place of the shipped file that it is a part of."""
    if block.directive.startswith(EXAMPLES_OF_OTHER_FILES):
        return
    word, _, rest = block.directive.partition(" ")
    assert word in ("workflow", "transitions", "guards", "policy"), (
        f"{block.place}: what is this an example of?"
    )
    if word == "policy":
        _accept_policy(block, rest, tmp_path)
    else:
        _accept_workflow(block, tmp_path)


def _accept_workflow(block: Block, folder: Path) -> None:
    content = _workflow_with(block, folder)
    file = folder / "example.yaml"
    file.write_text(json.dumps(content), encoding="utf-8")
    built = workflow_from(read_workflow(file), "example")
    DeclarationFiles().require_expressions(built)
    checks = {"unknown_name", "schema", "overlap", "initial", "final_exit"}
    problems = check(built, policies()).problems
    assert not [str(p) for p in problems if block.directive == "workflow" or p.check in checks]


def _workflow_with(block: Block, folder: Path) -> dict[str, Any]:
    """The example, or the shipped workflow with the example in it."""
    if block.directive == "workflow":
        return _read(block.text, folder)
    whole: dict[str, Any] = copy.deepcopy(dict(workflow()))
    whole["fields"] |= OWN_FIELDS
    if block.directive == "guards":
        guards = _read(f"guards:\n{block.text}", folder)["guards"]
        need = {"name": "site", "kind": "choice", "of": "sites"}
        probe = {
            "trigger": "probe",
            "move": "deploying -> quiet_period",
            "by": ["solution_manager"],
            "needs": [need],
        }
        return {**whole, "transitions": [*whole["transitions"], {**probe, "guards": guards}]}
    prefix = "transitions:\n" if block.directive == "transitions" else ""
    for key, value in _read(f"{prefix}{block.text}", folder).items():
        known = whole.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            whole[key] = {**known, **value}
        elif isinstance(value, list) and isinstance(known, list):
            whole[key] = [*known, *value]
        else:
            whole[key] = value
    return whole


def _accept_policy(block: Block, kind: str, folder: Path) -> None:
    """In a copy of the shipped folder; rules by name are added to the shipped ones, others take their place."""
    target = folder / "policies"
    target.mkdir()
    given = _read(block.text, folder) if kind == "file" else None
    rules = given["rules"] if given else _read(f"rules:\n{_indented(block.text)}", folder)["rules"]
    kind = str(given["policy"]) if given else kind
    assert kind in MODELS, block.place
    placed = False
    for file in SHIPPED:
        content = dict(read_document(file).data)
        if content["policy"] == kind and not placed:
            content, placed = _changed(content, given, rules), True
        (target / file.name).write_text(json.dumps(content), encoding="utf-8")
    assert placed
    read(target)


def _changed(content: dict[str, Any], given: Mapping[str, Any] | None, rules: Any) -> dict[str, Any]:
    if given:
        return dict(given)
    by_name = content["policy"] in ("roles", "signoffs", "evidence", "clauses")
    return {**content, "rules": {**content["rules"], **rules} if by_name else rules}


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def _read(text: str, folder: Path) -> dict[str, Any]:
    file = folder / "part.yaml"
    file.write_text(text, encoding="utf-8")
    return dict(read_document(file).data)


@cache
def _shown() -> str:
    page = ROOT / "docs" / "guide-workflows.md"
    return "\n".join(block.text for block in blocks(page) if block.language == "yaml")


def _keys(found: object) -> Iterator[str]:
    """The keys that a JSON Schema of a declaration file knows, wherever they stand."""
    if isinstance(found, list):
        for inner in found:
            yield from _keys(inner)
    elif isinstance(found, dict):
        if found.get("type") == "object":
            yield from found.get("properties", ())
        for inner in found.values():
            yield from _keys(inner)


@pytest.mark.parametrize("kind", ["workflow", *MODELS])
def test_every_key_is_shown(kind: str) -> None:
    """Each key of a file of this kind stands in an example of the guide, or in a table of it."""
    known = schema() if kind == "workflow" else schema_of(kind)
    page = (ROOT / "docs" / "guide-workflows.md").read_text(encoding="utf-8")
    missing = [
        key for key in dict.fromkeys(_keys(known)) if f"{key}:" not in _shown() and f"`{key}`" not in page
    ]
    assert not missing


def test_the_guide_has_an_example_of_every_kind_of_policy() -> None:
    """And of every family of guards, each under a heading of its own."""
    page = ROOT / "docs" / "guide-workflows.md"
    assert {b.directive for b in blocks(page) if b.directive.startswith("policy ")} >= {
        f"policy {k}" for k in MODELS
    }


def test_a_wrong_example_is_not_accepted(tmp_path: Path) -> None:
    """The harness itself can fail: an unknown key, and a name that does not exist."""
    for text in ("- {evidence: risk_assessment, frehs: true}\n", "- {evidence: risk_assesment}\n"):
        lines = tuple(text.splitlines())
        block = Block(file=manual()[0], line=1, language="yaml", directive="guards", lines=lines)
        with pytest.raises((AssertionError, InvalidDeclaration), match=r"frehs|risk_assesment"):
            _accept_workflow(block, tmp_path)


def test_the_examples_are_found() -> None:
    """A guide whose blocks were not read would pass by itself."""
    assert isinstance(policies(), Policies)
    assert len([b for b in EXAMPLES if name_of(b.file) == "docs/guide-workflows.md"]) > 25
