"""What a guard of a workflow file may hold, one model a family; the key of a guard names its family."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from mofflow.declarations.models import Name, Strict, Text
from mofflow.declarations.policy_models import ClauseId, Length

Path = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]
Value = str | int | bool | list[str] | list[int]
LengthOrName = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,63}|P[0-9A-Z]{1,31})$")]


class Waivable(Strict):
    """Who may waive it, and for how long at most."""

    by: Name
    at_most: Length


class GuardBase(Strict):
    """What every guard may say."""

    name: Name | None = None
    clauses: list[ClauseId] = Field(default=[])
    sizes: list[Name] = Field(default=[])
    waivable: Waivable | None = None
    catches_up: Name | None = None
    fails_as: Literal["CONTROL_BYPASSED"] | None = None


class EvidenceGuard(GuardBase):
    """A document stands."""

    evidence: Name
    key: Name | None = None
    fresh: bool = False
    matches: dict[Path, Value] = Field(default={})
    some: dict[Path, Value] = Field(default={})
    never: dict[Path, Value] = Field(default={})
    each: dict[Path, Path] = Field(default={})
    max_age: LengthOrName | None = None
    unmarked: Name | None = None
    optional: bool = False


class SignoffGuard(GuardBase):
    """A sign-off set is complete."""

    signoff: Name
    key: Name | None = None
    after: dict[Name, list[Path]] | None = None


class RoleGuard(GuardBase):
    """A role is assigned on the case, or somebody acts in it, or exactly one person does."""

    role: Name
    assigned: Literal[True] | None = None
    unique: Literal[True] | None = None
    filled: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_mode(self) -> RoleGuard:
        if sum(mode is True for mode in (self.assigned, self.unique, self.filled)) != 1:
            raise ValueError("say exactly one of `assigned: true`, `unique: true`, `filled: true`.")
        return self


class FieldsGuard(GuardBase):
    """Fields of the case are declared, or one of some values, or within a limit."""

    fields: list[Name] = Field(min_length=1)
    one_of: list[str] | None = None
    at_least: int | None = None
    at_most: int | None = None


class DoneGuard(GuardBase):
    """Every entry of a list field was done by a trigger."""

    done: Name
    each: Name
    trigger: Name
    need: Name


class FirstGuard(GuardBase):
    """One entry of a list field is done before the others."""

    first: list[Text] = Field(min_length=1)
    each: Name
    done: Name
    trigger: Name
    need: Name


class OrderGuard(GuardBase):
    """One date is not before another."""

    order: Annotated[list[Path], Field(min_length=2, max_length=2)]
    apart: LengthOrName | None = None
    key: Name | None = None


class ElapsedGuard(GuardBase):
    """Time has passed since a date."""

    elapsed: LengthOrName
    since: Path


class TraceGuard(GuardBase):
    """Every entry is served by one with a good result."""

    trace: Path
    through: Path
    results: dict[Name, Path] = Field(min_length=1)


class ObligationsGuard(GuardBase):
    """No obligation is open."""

    obligations: Literal["none_open"]


class ExpressionRemedy(Strict):
    """What would satisfy an expression: documents with these fields, fields of the case with these values."""

    attach: dict[Name, dict[Path, Value] | None] = Field(default={})
    set: dict[Name, Value] = Field(default={})


class ExpressionGuard(GuardBase):
    """A CEL expression is true."""

    expression: Annotated[str, Field(min_length=1, max_length=2000)]
    says: Text
    remedy: ExpressionRemedy | None = None


def _bare(parts: list[Any]) -> list[Any]:
    """What is said of a part alone would have no effect: a group is named, sized and waived as a whole."""
    for part in parts:
        said = (
            ["use"]
            if isinstance(part, UseGuard)
            else sorted(part.model_fields_set & set(GuardBase.model_fields))
        )
        if said:
            raise ValueError(f"a part of a group has no {', '.join(said)}: say it of the group.")
    return parts


Parts = Annotated[list["Guard"], Field(min_length=1), AfterValidator(_bare)]


class AllOfGuard(GuardBase):
    """All of these hold."""

    all_of: Parts


class AnyOfGuard(GuardBase):
    """One of these holds."""

    any_of: Parts


class UseGuard(Strict):
    """The shared guards of this name."""

    use: Name
    catches_up: Name | None = None


FAMILIES: tuple[str, ...] = (
    *("use", "evidence", "signoff", "role", "fields", "first", "done", "order", "elapsed", "trace"),
    *("obligations", "expression", "all_of", "any_of"),
)


def _family(value: Any) -> str | None:  # noqa: ANN401  # whatever stands in the file
    """The alternative that a guard is; its tag has a space in it, so that it is no key of any file."""
    keys = value if isinstance(value, dict) else vars(value) if isinstance(value, Strict) else {}
    return next((f"{family} guard" for family in FAMILIES if family in keys), None)


Guard: TypeAlias = Annotated[
    Annotated[UseGuard, Tag("use guard")]
    | Annotated[EvidenceGuard, Tag("evidence guard")]
    | Annotated[SignoffGuard, Tag("signoff guard")]
    | Annotated[RoleGuard, Tag("role guard")]
    | Annotated[FieldsGuard, Tag("fields guard")]
    | Annotated[FirstGuard, Tag("first guard")]
    | Annotated[DoneGuard, Tag("done guard")]
    | Annotated[OrderGuard, Tag("order guard")]
    | Annotated[ElapsedGuard, Tag("elapsed guard")]
    | Annotated[TraceGuard, Tag("trace guard")]
    | Annotated[ObligationsGuard, Tag("obligations guard")]
    | Annotated[ExpressionGuard, Tag("expression guard")]
    | Annotated[AllOfGuard, Tag("all_of guard")]
    | Annotated[AnyOfGuard, Tag("any_of guard")],
    Discriminator(
        _family,
        custom_error_type="no_guard",
        custom_error_message="a guard has one of the keys " + ", ".join(FAMILIES),
    ),
]
AllOfGuard.model_rebuild()
AnyOfGuard.model_rebuild()
