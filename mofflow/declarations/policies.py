"""Policies: from the plain content of their files to `domain.policy.Policies`.

`policies_from` runs at every command on content that was checked when it was adopted, so it checks nothing.
YAML, pydantic and jsonschema are imported only to read files, to make a schema, or to test a document.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mofflow.declarations.evidence import FaultFinder, evidence_schema
from mofflow.declarations.seats import seats_of
from mofflow.domain.ledger import canonical, sha256
from mofflow.domain.policy import (
    CalendarRules,
    Clause,
    EvidenceKind,
    Mandate,
    Policies,
    RoleType,
    Separation,
    SetClass,
    SignoffSet,
    WaiverRules,
)


def read_policies(folder: Path) -> dict[str, object]:
    """The content of every policy file in a folder, by file name without ending, checked alone and together.

    InvalidDeclaration lists `file:line:column: path: message`; NotFound where there is no folder.
    """
    from mofflow.declarations.policy_files import read

    return read(folder)


def schema(kind: str) -> dict[str, object]:
    """The JSON Schema of policy files of a kind (`roles`, `signoffs`, ...); NotFound for an unknown kind."""
    from mofflow.declarations.policy_files import schema_of

    return schema_of(kind)


def digest_of(content: Mapping[str, object]) -> str:
    """What names a bundle in the history: SHA-256 of its canonical form, lower-case hexadecimal."""
    return sha256(canonical(content))


def policies_from(content: Mapping[str, object], digest: str) -> Policies:
    """The policies in a content that `read_policies` gave, now or when it was adopted."""
    by_kind: dict[str, dict[str, Any]] = {}
    statements = {}
    for file, whole in content.items():
        policy: Mapping[str, Any] = whole  # type: ignore[assignment]  # checked when it was adopted
        statements[file] = {name: value for name, value in policy.items() if name != "rules"}
        rules = policy["rules"]
        known = by_kind.setdefault(policy["policy"], {})
        known.update(rules if isinstance(rules, dict) else {"rules": rules})
    waivers, calendar = by_kind["waivers"], by_kind["calendar"]
    return Policies(
        digest=digest,
        roles={name: _role(name, rule) for name, rule in by_kind["roles"].items()},
        signoffs={name: _signoff(name, rule) for name, rule in by_kind["signoffs"].items()},
        evidence={name: _evidence(name, rule) for name, rule in by_kind["evidence"].items()},
        separation=_separation(by_kind["separation"]),
        waivers=WaiverRules(never=tuple(waivers["never"]), at_most=waivers["at_most"]),
        clauses={name: _clause(name, rule) for name, rule in by_kind["clauses"].items()},
        mandates=tuple(Mandate(**rule) for rule in by_kind["mandatory"]["rules"]),
        calendar=CalendarRules(
            zone=ZoneInfo(calendar["zone"]), zone_name=calendar["zone"], durations=dict(calendar["durations"])
        ),
        permissions={act: tuple(roles) for act, roles in by_kind["permissions"].items()},
        statements=statements,
    )


def _role(name: str, rule: Mapping[str, Any]) -> RoleType:
    return RoleType(name=name, **{**rule, "stands_in": tuple(rule.get("stands_in", ()))})


def _signoff(name: str, rule: Mapping[str, Any]) -> SignoffSet:
    asked: Mapping[str, Any] = rule["seats"]
    none = {
        size: form["none"] for size, form in asked.items() if isinstance(form, Mapping) and "none" in form
    }
    assurance = rule.get("assurance", {"embedded": "entered", "elsewhere": "account"})
    return SignoffSet(
        name=name,
        title=rule["title"],
        set_class=SetClass(rule["class"]),
        covers=tuple(rule["covers"]),
        seats={size: seats_of(form) for size, form in asked.items() if size not in none},
        valid_for=rule.get("valid_for"),
        assurance=(assurance["embedded"], assurance["elsewhere"]),
        distinct_from=tuple(rule.get("distinct_from", ())),
        none=none,
    )


def _evidence(name: str, rule: Mapping[str, Any]) -> EvidenceKind:
    whole = evidence_schema(rule)
    return EvidenceKind(
        name=name,
        title=rule["title"],
        purpose=rule["purpose"],
        schema=whole,
        faults=FaultFinder(whole),
        digest=hashlib.sha256(json.dumps(rule, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        example=rule["example"],
        by=tuple(rule.get("by", ())),
        keyed_by=rule.get("keyed_by"),
        dated=rule.get("dated"),
        statement=rule.get("statement", False),
        clauses=tuple(rule.get("clauses", ())),
        identity=tuple(rule.get("identity", ())),
    )


def _separation(rules: Mapping[str, Any]) -> Separation:
    classes = {SetClass(name): barred for name, barred in rules["classes"].items()}
    return Separation(
        barred_roles={c: tuple(classes.get(c, {}).get("assigned", ())) for c in SetClass},
        authors=frozenset(c for c, barred in classes.items() if barred.get("authors")),
        signers={c: tuple(classes.get(c, {}).get("signers", ())) for c in SetClass},
        distinct_roles=tuple((a, b) for a, b in rules.get("distinct_roles", ())),
        exclusive_grants=tuple((a, b) for a, b in rules.get("exclusive_grants", ())),
    )


def _clause(name: str, rule: Mapping[str, Any]) -> Clause:
    return Clause(
        id=name,
        title=rule["title"],
        smf=rule["smf"],
        editions={edition: tuple(numbers) for edition, numbers in rule["editions"].items()},
        confirmed=rule["confirmed"],
    )
