"""The `Declarations` port: files of workflows and policies, and those that come with mofflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from mofflow.declarations import expressions
from mofflow.declarations.policies import policies_from, read_policies
from mofflow.declarations.workflow import workflow_from
from mofflow.domain.guards.expression import ExpressionRule
from mofflow.domain.policy import Policies
from mofflow.domain.rule import Rule
from mofflow.domain.workflow import Workflow
from mofflow.errors import Unavailable


class DeclarationFiles:
    """Reads declarations from the file system; modules that validate are imported only then."""

    def workflow_file(self, path: Path) -> Mapping[str, object]:
        """The content of a workflow file; InvalidDeclaration with every fault and its place."""
        from mofflow.declarations.workflow_model import read_workflow

        return read_workflow(path)

    def policy_folder(self, path: Path) -> Mapping[str, object]:
        """The content of a folder of policy files; InvalidDeclaration likewise."""
        return read_policies(path)

    def workflow(self, content: Mapping[str, object], digest: str) -> Workflow:
        """The workflow that checked content means."""
        return workflow_from(content, digest)

    def policies(self, content: Mapping[str, object], digest: str) -> Policies:
        """The policies that checked content means."""
        return policies_from(content, digest)

    def shipped_workflows(self) -> Sequence[Path]:
        """The workflow files that come with mofflow."""
        return sorted(_shipped("workflows").glob("*.yaml"))

    def shipped_policies(self) -> Path:
        """The folder of policies that comes with mofflow."""
        return _shipped("policies")

    def require_expressions(self, workflow: Workflow) -> None:
        """InvalidDeclaration where a CEL rule cannot be compiled, or what evaluates it is not installed."""
        rules = (rule for edge in workflow.transitions for g in edge.guards for rule in _parts(g.rule))
        for source in {rule.source for rule in rules if isinstance(rule, ExpressionRule)}:
            expressions.check(source)

    def schema(self, kind: str) -> Mapping[str, object]:
        """The JSON Schema of files of a kind: `workflow`, or a policy kind; NotFound for another one."""
        if kind == "workflow":
            from mofflow.declarations.workflow_model import schema

            return schema()
        from mofflow.declarations.policies import schema as policy_schema

        return policy_schema(kind)


def _parts(rule: Rule) -> Iterator[Rule]:
    yield rule
    for part in rule.parts():
        yield from _parts(part)


def _shipped(name: str) -> Path:
    """Beside the package in a source tree, inside it in an installed wheel."""
    package = Path(str(files("mofflow")))
    for folder in (package.parent / name, package / name):
        if (folder.parent / "pyproject.toml").is_file() and folder.is_dir():
            return folder
    if (package / name).is_dir():
        return package / name
    raise Unavailable(
        f"The {name} that come with mofflow are missing from {package}.", "Install mofflow again."
    )
