"""A sign-off that was refused: what programs read of it."""

from __future__ import annotations

from mofflow.cli._answers import Telling
from mofflow.cli._errors import Refused, refusal
from mofflow.cli._views import View
from mofflow.domain.case import evidence_id
from mofflow.domain.duties import acting, barred, named
from mofflow.domain.explain import Answer, Entry
from mofflow.domain.facts import Facts
from mofflow.domain.guards.signoff import SignoffRule
from mofflow.services import cases
from mofflow.services.audit import references
from mofflow.services.signoffs import SignRefusal
from mofflow.services.world import World


def refused(world: World, found: SignRefusal) -> Refused:
    """The refusal with what `why` knows of this sign-off: clauses, who may give it, and the commands that help."""
    facts, person, answers = cases.explain(world, found.case)
    told = Telling(facts, person, answers)
    asked = next((told.entry(e) for a in answers for e in a.entries if _asks(a, e, found.name)), None)
    denial, name = found.denial, found.name.partition(":")[0]
    entry: View = {
        **refusal(found.name, denial.code, denial.message, denial.hint),
        "clauses": list(references(facts.policies, _clauses(facts, name))),
        "who": _who(facts, found.name),
    }
    if asked is not None:
        entry |= {"remedy": asked["remedy"], "not_before": asked["not_before"]}
    return Refused(denial.message, denial.hint, [entry], permitted=not denial.permission)


def _asks(answer: Answer, entry: Entry, name: str) -> bool:
    """Whether it is the guard of this trigger that wants the sign-off, and fails."""
    rule = entry.judged.guard.rule if entry.judged.guard else None
    if not isinstance(rule, SignoffRule) or entry.judged.passed:
        return False
    key = next((example for need, _, example in answer.needs if need.name == rule.key_input), None)
    return evidence_id(rule.set, str(key) if key is not None else None) == name


def _clauses(facts: Facts, name: str) -> tuple[str, ...]:
    guards = [guard for edge in facts.workflow.transitions for guard in edge.guards]
    return tuple(dict.fromkeys(c for g in guards if name in named(g.rule, "signoff") for c in g.clauses))


def _who(facts: Facts, name: str) -> View:
    """The roles of all seats, those who act in them here, and whom separation of duties bars."""
    signoffs, key = facts.policies.signoffs[name.partition(":")[0]], name.partition(":")[2] or None
    roles = list(dict.fromkeys(r for s in signoffs.seats_for(facts.workflow.size) for r in s.roles))
    people: list[str] = []
    against: dict[str, str] = {}
    for role in roles:
        no = barred(facts, signoffs, key, role)
        holders = [holding.person for holding in acting(facts, role)]
        people += [person for person in holders if person not in no]
        against |= {person: no[person] for person in holders if person in no}
    left = {person: why for person, why in against.items() if person not in people}
    return {"roles": roles, "people": list(dict.fromkeys(people)), "barred": left}
