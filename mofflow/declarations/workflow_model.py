"""What a workflow file may hold; its JSON Schema comes from the same models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mofflow.declarations.document import Document, refused
from mofflow.declarations.guard_models import Guard
from mofflow.declarations.guard_models import Path as FieldPath
from mofflow.declarations.models import Name, Strict, Text, validated
from mofflow.declarations.yaml import read_document

WorkflowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Move = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*( *, *[a-z][a-z0-9_]*)* *-> *[a-z][a-z0-9_]*$")]


class RisesAfter(Strict):
    """Once this trigger left this state, the value can only move up its list."""

    trigger: Name
    from_state: Name = Field(alias="from")


class FieldModel(Strict):
    """A field of the cases."""

    kind: Literal["text", "integer", "enum", "list"]
    values: list[Text] = Field(default=[])
    default: str | int | list[str] | None = None
    set_in: list[Name] = Field(default=[])
    rises_after: RisesAfter | None = None
    material: bool = False

    @model_validator(mode="after")
    def _fits(self) -> FieldModel:
        if (self.kind == "enum") != bool(self.values):
            raise ValueError("an enum has `values`, and nothing else has.")
        if self.kind == "enum" and self.default is not None and self.default not in self.values:
            raise ValueError(f"the default {self.default!r} is none of {', '.join(self.values)}.")
        return self


class NeedModel(Strict):
    """An input that is more than a text."""

    name: Name
    kind: Literal["text", "date", "choice", "conditions"]
    of: Name | None = None
    beside: Name | None = None


class ByPerson(Strict):
    """The person whom a document names."""

    person: FieldPath


class EffectsModel(Strict):
    """What a transition leaves behind."""

    marks: dict[Name, Name] = Field(default={})
    records: dict[Name, Name] = Field(default={})
    baselines: list[Name] = Field(default=[])
    obligations: Name | None = None
    finding: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")] | None = None


Firers = list[Name | ByPerson]


class TransitionModel(Strict):
    """`move: source, source -> target`; a source may be a group."""

    trigger: Name
    move: Move
    by: Firers | dict[Name, Firers]
    needs: list[Name | NeedModel] = Field(default=[])
    when: dict[Name, Name | list[Name]] = Field(default={})
    guards: list[Guard] = Field(default=[])
    effects: EffectsModel | None = None
    sizes: list[Name] = Field(default=[])


class WorkflowModel(Strict):
    """A workflow: the order of the states is the order of the work."""

    workflow: WorkflowName
    version: Text
    title: Text
    kind: Name
    prefix: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,15}$")]
    fields: dict[Name, FieldModel] = Field(default={})
    stages: dict[Name, Annotated[list[Name], Field(min_length=1)]] = Field(min_length=1)
    hold: Name | None = None
    final: list[Name] = Field(min_length=1)
    baseline_from: Name | None = None
    groups: dict[Name, list[Name]] = Field(default={})
    shared: dict[Name, list[Guard]] = Field(default={})
    transitions: list[TransitionModel] = Field(min_length=1)


def read_workflow(path: Path) -> dict[str, object]:
    """The content of a workflow file; InvalidDeclaration tells every fault as `file:line:column: path: message`."""
    document = read_document(path)
    problems: list[str] = []
    if validated(WorkflowModel, document, problems) is not None:
        problems += _doubled_states(document)
    if problems:
        raise refused(document.name, problems)
    stages = document.data["stages"]
    assert isinstance(stages, dict)  # noqa: S101  # the model says so
    return {**document.data, "stages": [{"stage": stage, "states": names} for stage, names in stages.items()]}


def _doubled_states(document: Document) -> list[str]:
    stages = document.data["stages"]
    assert isinstance(stages, dict)  # noqa: S101  # the model says so
    found: dict[str, str] = {}
    problems = []
    for stage, names in stages.items():
        for place, name in enumerate(names):
            if name in found:
                problems.append(
                    document.problem(("stages", stage, place), f"the state {name!r} stands twice.")
                )
            found[name] = stage
    for place, name in enumerate(document.data["final"]):  # type: ignore[arg-type]  # the model says so
        if name in found or name == document.data.get("hold"):
            problems.append(document.problem(("final", place), f"the state {name!r} stands twice."))
    return problems


def schema() -> dict[str, object]:
    """The JSON Schema of workflow files."""
    return WorkflowModel.model_json_schema(by_alias=True)
