"""What a policy file may say of an evidence kind: a small, closed part of JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, JsonValue, Tag, model_validator

from mofflow.declarations.evidence import COMMON
from mofflow.declarations.models import Name, Strict, Text

TypeName = Literal["string", "integer", "boolean", "array", "object"]
Count = Annotated[int, Field(ge=0)]
Plain = str | int | bool


def _type_form(value: Any) -> str:  # noqa: ANN401  # whatever stands in the file
    return "types" if isinstance(value, list) else "type"


Types = Annotated[Annotated[list[TypeName], Field(min_length=1)], Tag("types")]
TypeForm = Annotated[Annotated[TypeName, Tag("type")] | Types, Discriminator(_type_form)]


class Property(Strict):
    """A JSON Schema of these keywords. Nested mappings are closed; without `required` all is required."""

    description: Text | None = None
    type: TypeForm | None = None
    enum: list[Plain] | None = Field(default=None, min_length=1)
    const: Plain | None = None
    format: Literal["date", "date-time", "decimal", "sha256", "duration", "person"] | None = None
    properties: dict[Name, Property] | None = Field(default=None, min_length=1)
    required: list[Name] | None = None
    additional_properties: Literal[False] | None = Field(default=None, alias="additionalProperties")
    items: Property | None = None
    min_items: Count | None = Field(default=None, alias="minItems")
    max_items: Count | None = Field(default=None, alias="maxItems")
    unique_items: bool | None = Field(default=None, alias="uniqueItems")
    min_length: Count | None = Field(default=None, alias="minLength")
    max_length: Count | None = Field(default=None, alias="maxLength")
    minimum: int | None = None
    maximum: int | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Property:
        types = [self.type] if isinstance(self.type, str) else self.type or []
        if not types and self.enum is None and self.const is None:
            raise ValueError("one of `type`, `enum` and `const` is needed, else anything would be valid.")
        if ("object" in types) != (self.properties is not None):
            raise ValueError("`type: object` and `properties` go together.")
        if ("array" in types) != (self.items is not None):
            raise ValueError("`type: array` and `items` go together.")
        if unknown := set(self.required or ()) - set(self.properties or ()):
            raise ValueError(f"`required` names no property: {', '.join(sorted(unknown))}.")
        return self


class EvidenceRule(Strict):
    """A kind of document. `example` is a template (see `domain.example`) that its own fields accept."""

    title: Text
    purpose: Text
    fields: dict[Name, Property] = Field(min_length=1)
    optional: list[Name] = Field(default=[])
    example: dict[str, JsonValue]
    by: list[Name] = Field(default=[])
    keyed_by: Name | None = None
    dated: Name | None = None
    identity: list[Name] = Field(default=[])
    statement: bool = False
    clauses: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _names_its_fields(self) -> EvidenceRule:
        if taken := set(self.fields) & set(COMMON):
            raise ValueError(f"every kind has {' and '.join(sorted(taken))} anyway: do not declare it.")
        named = [*self.optional, *self.identity, *(name for name in (self.keyed_by, self.dated) if name)]
        if unknown := [name for name in named if name not in self.fields]:
            raise ValueError(
                f"`optional`, `identity`, `keyed_by` and `dated` name fields: {', '.join(unknown)} is none."
            )
        if self.dated and self.fields[self.dated].format not in ("date", "date-time"):
            raise ValueError(f"`dated` names {self.dated}, which has neither format date nor date-time.")
        if self.keyed_by and (self.fields[self.keyed_by].type != "string" or self.keyed_by in self.optional):
            raise ValueError(f"`keyed_by` names {self.keyed_by}, which is no required text.")
        return self
