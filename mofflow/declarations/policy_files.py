"""Reads a folder of policy files, and tells everything that is wrong with it at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mofflow.declarations.document import MAX_PROBLEMS, Document, instead, seen
from mofflow.declarations.evidence import DIALECT
from mofflow.declarations.examples import example_problems
from mofflow.declarations.models import validated
from mofflow.declarations.policy_models import MODELS
from mofflow.declarations.references import unknown_names
from mofflow.declarations.yaml import read_document
from mofflow.errors import InvalidDeclaration, NotFound, nearest

SHARED = "evidence"  # the one kind whose rules may stand in several files


def schema_of(kind: str) -> dict[str, object]:
    """The JSON Schema of policy files of a kind."""
    if kind not in MODELS:
        raise NotFound(
            f"There is no policy kind '{kind}'{nearest(kind, list(MODELS))}.", f"Known: {', '.join(MODELS)}."
        )
    return {"$schema": DIALECT, **_never_null(MODELS[kind].model_json_schema(by_alias=True))}


def _never_null(schema: Any) -> Any:  # noqa: ANN401  # JSON
    """A schema of a model without the nulls by which the model says that a key may be left out."""
    if isinstance(schema, list):
        return [_never_null(inner) for inner in schema if inner != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    if schema.get("default", schema) is None:
        schema = {key: inner for key, inner in schema.items() if key != "default"}
    return {key: _never_null(inner) for key, inner in schema.items()}


def read(folder: Path) -> dict[str, object]:
    """See `policies.read_policies`."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", "Name the folder that holds the policy files.")
    bundle = _Bundle(folder)
    for file in sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml")):
        bundle.add(file)
    bundle.check_together()
    if bundle.problems:
        hidden = len(bundle.problems) - MAX_PROBLEMS
        shown = [*bundle.problems[:MAX_PROBLEMS], *([f"{folder}: and {hidden} more."] if hidden > 0 else [])]
        raise InvalidDeclaration(
            f"The policies in {folder} cannot be accepted.", "Correct what is listed.", shown
        )
    return bundle.content


@dataclass(slots=True)
class _Bundle:
    folder: Path
    content: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    files: list[tuple[str, Document]] = field(default_factory=list)  # valid in themselves, with their kinds
    seen: dict[str, str] = field(default_factory=dict)  # kind -> the first file of it
    whole: bool = True  # whether every file is valid in itself

    def add(self, file: Path) -> None:
        """Read one file, and judge it by itself."""
        before = len(self.problems)
        self._add(file)
        self.whole = self.whole and len(self.problems) == before

    def _add(self, file: Path) -> None:
        if file.stem in self.content:
            self.problems.append(f"{file}:1:1: there is another file named {file.stem}.")
        try:
            document = read_document(file)
        except InvalidDeclaration as error:
            self.problems.extend(error.problems or (f"{file}: {error.message}",))
            return
        self.content[file.stem] = document.data
        kind = document.data.get("policy")
        if not isinstance(kind, str) or kind not in MODELS:
            message = f"unknown policy kind {seen(kind)}{instead(str(kind), MODELS)}"
            self.problems.append(document.problem(("policy",), message))
            return
        if kind in self.seen and kind != SHARED:
            self.problems.append(
                document.problem(("policy",), f"{self.seen[kind]} is of kind {kind} already.")
            )
        self.seen.setdefault(kind, document.name)
        if validated(MODELS[kind], document, self.problems):
            self.files.append((kind, document))

    def check_together(self) -> None:
        """Judge what only shows when all files are known."""
        missing = [kind for kind in MODELS if kind not in self.seen and self.whole]
        self.problems.extend(f"{self.folder}: there is no policy of kind {kind}." for kind in missing)
        known = self._declared()
        kinds: dict[str, Any] = {}
        for kind, document in self.files:
            self.problems.extend(unknown_names(kind, document, known))
            if kind == SHARED:
                self._merge(document, kinds)
        for kind, document in self.files:
            if kind == SHARED:
                self.problems.extend(example_problems(document, kinds if self.whole else None))

    def _declared(self) -> dict[str, list[str]]:
        """Names by declaring kind; without kinds of which a file is not valid: nobody can tell."""
        names: dict[str, list[str]] = {}
        for kind, document in self.files:
            rules = document.data["rules"]
            if isinstance(rules, dict):
                names.setdefault(kind, []).extend(rules)
        return {k: n for k, n in names.items() if k != SHARED or self.whole}

    def _merge(self, document: Document, kinds: dict[str, Any]) -> None:
        rules = document.data["rules"]
        for name, rule in rules.items() if isinstance(rules, dict) else ():
            if name in kinds:
                self.problems.append(
                    document.problem(("rules", name), "another file declares it too.", key=True)
                )
            kinds.setdefault(name, rule)
