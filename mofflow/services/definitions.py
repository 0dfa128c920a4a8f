"""Workflows and policies: checking files, adopting them into the database, listing what is in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mofflow.domain.check import Report, check
from mofflow.domain.event import Act, Kind
from mofflow.domain.ledger import canonical, sha256
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow
from mofflow.errors import Conflict, InvalidDeclaration, NotFound, nearest
from mofflow.services.grants import require_administrator
from mofflow.services.paging import every_case
from mofflow.services.ports import Definition, Reading
from mofflow.services.recording import record_admin, unit
from mofflow.services.world import World, caller, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A definition that came into force; `touches` are the open cases that it concerns."""

    definition: Definition
    touches: tuple[str, ...]
    unchanged: bool = False


def read_workflow(world: World, path: Path) -> tuple[Mapping[str, object], Workflow]:
    """(content, workflow) of a file; InvalidDeclaration with every fault."""
    content = world.declarations.workflow_file(path)
    return content, world.declarations.workflow(content, sha256(canonical(content)))


def read_policies(world: World, folder: Path) -> tuple[Mapping[str, object], Policies]:
    """(content, policies) of a folder; InvalidDeclaration with every fault."""
    content = world.declarations.policy_folder(folder)
    return content, world.declarations.policies(content, sha256(canonical(content)))


def check_file(world: World, path: Path, policies: Path | None = None) -> Report:
    """What can be proved of a workflow file, under the policies of a folder (default: the shipped ones)."""
    _, found = read_policies(world, policies or world.declarations.shipped_policies())
    _, workflow = read_workflow(world, path)
    world.declarations.require_expressions(workflow)
    return check(workflow, found)


def adopt_workflow(world: World, path: Path, *, dry_run: bool = False) -> Adopted:
    """Put a workflow in force for new cases; it must pass every check. Open cases keep theirs."""
    content, workflow = read_workflow(world, path)
    world.declarations.require_expressions(workflow)
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        require_administrator(world, reading, who, "adopt a workflow")
        prove(workflow, reading.policies())
        for known in reading.definitions("workflow"):
            if known.digest == workflow.digest and known.in_force:
                return Adopted(definition=known, touches=(), unchanged=True)
            if (
                known.name == workflow.name
                and known.version == workflow.version
                and known.digest != workflow.digest
            ):
                raise Conflict(
                    f"{workflow.name} version {workflow.version} was adopted with another text.",
                    "Give the changed workflow a new version.",
                )
        definition = _definition(
            world, reading, "workflow", workflow.name, workflow.version, workflow.digest, content, who.actor
        )
        touches = tuple(_open_cases(reading, workflow.name))
        act = Act(
            kind=Kind.WORKFLOW,
            data={"name": workflow.name, "version": workflow.version, "digest": workflow.digest},
        )
        record_admin(world, reading, writing, who, act)
        if writing:
            writing.adopt(definition)
        return Adopted(definition=definition, touches=touches)


def adopt_policies(world: World, folder: Path, *, dry_run: bool = False) -> Adopted:
    """Put a set of policies in force, for open cases too; every workflow in use must pass its checks under it."""
    content, policies = read_policies(world, folder)
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        require_administrator(world, reading, who, "adopt policies")
        _prove_all(reading, policies)
        for known in reading.definitions("policy"):
            if known.digest == policies.digest and known.in_force:
                return Adopted(definition=known, touches=(), unchanged=True)
        definition = _definition(
            world, reading, "policy", "policies", policies.digest[:12], policies.digest, content, who.actor
        )
        act = Act(kind=Kind.POLICY, data={"name": "policies", "digest": policies.digest})
        record_admin(world, reading, writing, who, act)
        if writing:
            writing.adopt(definition)
        return Adopted(definition=definition, touches=tuple(_open_cases(reading, None)))


def _prove_all(reading: Reading, policies: Policies) -> None:
    """Every workflow in force passes all proofs; an older one that open cases still follow can at least be judged."""
    followed = {case.definition for case in every_case(reading, final=False)}
    for known in reading.definitions("workflow"):
        if known.in_force:
            prove(reading.workflow(known.digest), policies)
        elif known.digest in followed:
            prove(reading.workflow(known.digest), policies, only=("unknown_name", "unsatisfiable_signoff"))


def prove(workflow: Workflow, policies: Policies, only: Collection[str] = ()) -> None:
    """InvalidDeclaration with every proof that fails; `only`: nothing but these checks."""
    report = check(workflow, policies)
    problems = [p.told() for p in report.problems if not only or p.check in only]
    if problems:
        raise InvalidDeclaration(
            f"{workflow.name} does not pass its checks.", "Mend what is listed.", problems
        )


def _definition(
    world: World,
    reading: Reading,
    kind: str,
    name: str,
    version: str,
    digest: str,
    content: Mapping[str, object],
    by: str,
) -> Definition:
    return Definition(
        digest=digest,
        kind=kind,
        name=name,
        version=version,
        content=content,
        adopted_at=moment(world, reading),
        adopted_by=by,
        in_force=True,
    )


def _open_cases(reading: Reading, workflow: str | None) -> list[str]:
    return [case.key for case in every_case(reading, final=False) if workflow in (None, case.workflow)]


def listed(world: World, kind: str) -> list[Definition]:
    """Every adopted definition of a kind, newest last."""
    with world.database.reading() as reading:
        caller(world, reading)
        return list(reading.definitions(kind))


def adopted(world: World, kind: str, name: str) -> Definition:
    """The one in force under a name, or the one whose digest begins with it; NotFound with the nearest name."""
    with world.database.reading() as reading:
        caller(world, reading)
        known = list(reading.definitions(kind))
    for definition in known:
        if definition.name == name and definition.in_force:
            return definition
    by_digest = [d for d in known if len(name) >= 8 and d.digest.startswith(name)]
    if by_digest:
        return by_digest[-1]
    names = sorted({d.name for d in known})
    raise NotFound(f"No {kind} {name!r} was adopted{nearest(name, names)}.", f"Adopted: {', '.join(names)}.")


def workflow_named(world: World, name: str) -> Workflow:
    """The workflow in force under a name."""
    definition = adopted(world, "workflow", name)
    with world.database.reading() as reading:
        return reading.workflow(definition.digest)


def policies_in_force(world: World) -> Policies:
    """The policies in force."""
    with world.database.reading() as reading:
        caller(world, reading)
        return reading.policies()
