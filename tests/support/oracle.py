"""A second opinion on sign-offs: slow, obvious, and made from domain.md 6.0, rules 2, 3, 8, 9 and 10 alone.

Every question is answered by reading the whole raw history again. Nothing here knows how mofflow does it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, permutations

from tests.support import declared
from tests.support.raw import RawEvent, moment

# Rule 8, for a project.
BARRED = {
    "approval": {"program_manager", "developer", "release_manager"},
    "acceptance": {
        *("solution_manager", "program_manager", "product_manager", "release_manager"),
        *("developer", "tester", "user_experience"),
    },
    "attestation": set(),
}
TWO_PEOPLE = {"developer": "tester", "tester": "developer"}
DAYS = {"P30D": timedelta(days=30)}  # the calendar of the shipped policies is UTC


@dataclass(frozen=True)
class Grant:
    """A grant or delegation, as the history of people tells it."""

    id: str
    person: str
    role: str
    starts: datetime
    case: str | None
    ends: datetime | None
    from_person: str | None


def _seal(event: RawEvent) -> str:
    """SHA-256 of what was attached: the digest of the file, and the fields, as JSON with sorted names."""
    whole = {"fields": json.loads(event.text("fields")), "file": event.data["digest"]}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Oracle:
    """What counts on one case at a time `now`, after all these events."""

    def __init__(self, events: Sequence[RawEvent], admin: Sequence[RawEvent], now: datetime) -> None:
        self.events = [event for event in events if event.done]
        self.admin = [event for event in admin if event.done]
        self.now = now
        self.key = events[0].case
        self.last = events[-1].seq
        self.grants = list(self._granted())

    # What the history says

    def _until(self, seq: int) -> Iterator[RawEvent]:
        return (event for event in self.events if event.seq <= seq)

    def _after(self, seq: int) -> Iterator[RawEvent]:
        return (event for event in self.events if event.seq > seq)

    def size(self, seq: int) -> str:
        """The size of the case after an event."""
        size = ""
        for event in self._until(seq):
            if event.is_("opened"):
                size = event.data["fields"]["size"]
            elif event.is_("fields"):
                size = event.data["changes"].get("size", size)
        return size

    def documents(self, seq: int) -> dict[tuple[str, str | None], tuple[str, frozenset[str]]]:
        """(kind, key) -> (seal, who last changed it). The seal is of the file and of the fields that guards judge."""
        found: dict[tuple[str, str | None], tuple[str, frozenset[str]]] = {}
        for event in self._until(seq):
            if event.is_("evidence"):
                name, sealed = (event.data["kind"], event.data["key"]), _seal(event)
                if name not in found or found[name][0] != sealed:
                    found[name] = (sealed, event.persons)
        return found

    def covered(self, name: str, key: str | None, seq: int) -> dict[tuple[str, str | None], str]:
        """The documents that a set covers, with their seals."""
        kinds = declared.policy("signoffs")[name]["covers"]
        return {
            (kind, of): sealed
            for (kind, of), (sealed, _) in self.documents(seq).items()
            if kind in kinds and (key is None or of in (None, key))
        }

    def staffing(self, seq: int) -> dict[str, list[str]]:
        """Role -> the people assigned."""
        found: dict[str, list[str]] = {}
        for event in self._until(seq):
            if event.is_("assignment"):
                found.setdefault(event.data["role"], []).append(event.data["person"])
            elif event.is_("unassignment"):
                found[event.data["role"]].remove(event.data["person"])
        return found

    def _granted(self) -> Iterator[Grant]:
        for event in self.admin:
            if event.is_("founding"):
                pairs = [(p["person"], role) for p in event.data["people"] for role in p["roles"]]
                for name, (person, role) in zip(event.data["grants"], pairs, strict=True):
                    yield Grant(name, person, role, event.at, None, None, None)
            elif event.is_("grant") or event.is_("delegation"):
                told = event.data
                ends = moment(told["ends"]) if told["ends"] else None
                starts = moment(told["starts"])
                yield Grant(
                    told["grant"],
                    told["person"],
                    told["role"],
                    starts,
                    told["case"],
                    ends,
                    told["from_person"],
                )

    def _revoked(self, grant: Grant) -> RawEvent | None:
        return next((e for e in self.admin if e.is_("revocation") and grant.id in e.data["grants"]), None)

    def _active(self, person: str, at: datetime) -> bool:
        return not any(
            e.is_("deactivation") and e.data["person"] == person and e.at <= at for e in self.admin
        )

    def _gives(self, grant: Grant, at: datetime) -> bool:
        revoked = self._revoked(grant)
        return (
            grant.starts <= at
            and (grant.ends is None or at < grant.ends)
            and (revoked is None or at < revoked.at)
            and grant.case in (None, self.key)
        )

    def _role_grants(self, person: str, role: str, lent_by: str | None, at: datetime) -> list[Grant]:
        return [
            grant
            for grant in self.grants
            if (grant.person, grant.role, grant.from_person) == (person, role, lent_by)
            and self._gives(grant, at)
        ]

    def _deputies(self, person: str, role: str, at: datetime) -> Iterator[str]:
        """Who stands for somebody in a role that he holds and lent."""
        if self._role_grants(person, role, None, at) and self._active(person, at):
            for grant in self.grants:
                lent = grant.from_person == person and grant.role == role and self._gives(grant, at)
                if lent and self._active(grant.person, at):
                    yield grant.person

    # Rules 2, 8 and 9

    def held(self, sign: RawEvent) -> bool:
        """The signer held the role when signing, and it was not revoked for cause; so did whoever lent it to him."""
        role, other = sign.data["role"], sign.body["acting_for"]
        holders = {(sign.body["actor"], other), (other or sign.body["actor"], None)}
        grants = [grant for grant in self.grants if grant.id in sign.data["grants"]]
        if {(grant.person, grant.from_person) for grant in grants} != holders or {g.role for g in grants} != {
            role
        }:
            return False  # what it says that it rests on is not what the role rests on
        revoked = [r for grant in grants if (r := self._revoked(grant))]
        return not any(event.data["for_cause"] for event in revoked)

    def acted(self, sign: RawEvent) -> bool:
        """Where anybody who could act was assigned in the role, it was one of those, or his deputy (rule 9)."""
        role = sign.data["role"]
        named = [
            person
            for person in self.staffing(sign.seq - 1).get(role, [])
            if self._role_grants(person, role, None, sign.at) and self._active(person, sign.at)
        ]
        return not named or (sign.body["acting_for"] or sign.body["actor"]) in named

    def barred(self, name: str, key: str | None, role: str, seq: int, at: datetime) -> set[str]:
        """Whom separation of duties keeps from signing a set in a role, after an event: whoever is, stands in for,
        acted as or signed as one of those whom the class of the set bars, or as the other of two people."""
        kind = declared.policy("signoffs")[name]["class"]
        doing = BARRED[kind] | ({TWO_PEOPLE[role]} if role in TWO_PEOPLE else set())
        signing = doing | ({"customer"} if kind == "acceptance" else set())
        found = self._staffed(doing, seq, at) | self._fired(doing, seq)
        if kind == "approval":
            found |= self._authors(self.covered(name, key, seq), seq)
        for act in self.latest_acts(seq):
            if act.data["set"] != name and act.data["role"] in signing:
                found |= act.persons
        return found

    def _staffed(self, roles: set[str], seq: int, at: datetime) -> set[str]:
        seats = [(role, person) for role in roles for person in self.staffing(seq).get(role, [])]
        deputies = {deputy for role, person in seats for deputy in self._deputies(person, role, at)}
        return deputies | {person for _, person in seats}

    def _fired(self, roles: set[str], seq: int) -> set[str]:
        moves = [event for event in self._until(seq) if event.is_("transition")]
        return {p for event in moves if roles & set(event.body["roles"]) for p in event.persons}

    def _authors(self, covered: Mapping[tuple[str, str | None], str], seq: int) -> set[str]:
        return {p for name, (_, by) in self.documents(seq).items() if name in covered for p in by}

    def separated(self, sign: RawEvent) -> bool:
        """Separation held when signing, and it holds now."""
        told = sign.data
        then = self.barred(told["set"], told["key"], told["role"], sign.seq - 1, sign.at)
        now = self.barred(told["set"], told["key"], told["role"], self.last, self.now)
        return not sign.persons & (then | now)

    def latest_acts(self, seq: int) -> list[RawEvent]:
        """The last word of each person on each set; whether he took it back is another question."""
        words: dict[tuple[str, str | None, str], RawEvent] = {}
        for event in self._until(seq):
            if event.is_("signoff"):
                words[event.data["set"], event.data["key"], event.body["actor"]] = event
        return list(words.values())

    def withdrawn(self, sign: RawEvent) -> bool:
        """He took it back."""
        named = (sign.data["set"], sign.data["key"], sign.body["actor"])
        return any(
            e.is_("withdrawal") and (e.data["set"], e.data["key"], e.body["actor"]) == named
            for e in self._after(sign.seq)
        )

    def documents_stayed(self, sign: RawEvent) -> bool:
        """Not one covered document was changed, or added, ever since."""
        name, key = sign.data["set"], sign.data["key"]
        then = self.covered(name, key, sign.seq)
        return all(self.covered(name, key, event.seq) == then for event in self._after(sign.seq))

    def size_stayed(self, sign: RawEvent) -> bool:
        """The only material field, neither."""
        then = self.size(sign.seq)
        return all(self.size(event.seq) == then for event in self._after(sign.seq))

    def went_back(self, sign: RawEvent) -> bool:
        """The case moved back to where the set stands, or further (rule 3)."""
        remembered = ""
        for event in self.events:
            if not event.is_("transition"):
                continue
            source, target = event.body["from"], event.body["to"]
            if target == "on_hold":
                remembered = source
                continue
            order = declared.places()
            backward = order[target] < order[remembered if source == "on_hold" else source]
            place = declared.stands(self.size(event.seq)).get(sign.data["set"])
            if backward and event.seq > sign.seq and (place is None or order[target] <= place):
                return True
        return False

    def still_valid(self, sign: RawEvent) -> bool:
        """The validity of its set has not ended."""
        length = declared.policy("signoffs")[sign.data["set"]].get("valid_for")
        return length is None or self.now < sign.at + DAYS[length]

    def counts(self, sign: RawEvent) -> bool:
        """Whether this approval counts now."""
        tests: list[Callable[[RawEvent], bool]] = [
            self.held, self.acted, self.separated, self.documents_stayed, self.size_stayed, self.still_valid,
        ]  # fmt: skip
        return (
            sign.data["verdict"] == "approve"
            and sign in self.latest_acts(self.last)
            and not self.withdrawn(sign)
            and not self.went_back(sign)
            and all(test(sign) for test in tests)
        )

    def counting(self, name: str, key: str | None) -> list[RawEvent]:
        """The approvals of a set that count."""
        return [e for e in self._acts(name, key) if self.counts(e)]

    def _acts(self, name: str, key: str | None) -> list[RawEvent]:
        return [e for e in self.latest_acts(self.last) if (e.data["set"], e.data["key"]) == (name, key)]

    def rejections(self, name: str, key: str | None) -> list[RawEvent]:
        """The rejections that stand: only the same person, or a changed document, lifts one; no change of size does."""
        return [
            e
            for e in self._acts(name, key)
            if e.data["verdict"] == "reject"
            and e.data["role"] in declared.all_seats(name)
            and not self.withdrawn(e)
            and self.documents_stayed(e)
            and (declared.policy("signoffs")[name]["covers"] or self._active(e.body["actor"], self.now))
        ]

    def filled(self, name: str, counting: Sequence[RawEvent]) -> int:
        """The most seats that these can fill, no natural person twice."""
        seats = declared.seats(name, self.size(self.last))
        for number in range(len(seats), 0, -1):
            for chosen in combinations(seats, number):
                for people in permutations(counting, number):
                    fits = all(e.data["role"] in seat for seat, e in zip(chosen, people, strict=True))
                    persons = [person for e in people for person in e.persons]
                    if fits and len(persons) == len(set(persons)):
                        return number
        return 0

    def complete(self, name: str, key: str | None) -> bool:
        """Every seat is filled, and nobody's rejection stands."""
        seats = declared.seats(name, self.size(self.last))
        return not self.rejections(name, key) and self.filled(name, self.counting(name, key)) == len(seats)

    # Row 18 of table 6.1

    def after_pilot(self, sign: RawEvent) -> bool:
        """Signed after the pilot: after the later of its end and pilot_passed, or after skip_pilot."""
        passed = [
            e
            for e in self.events
            if e.is_("transition") and e.body["trigger"] in ("pilot_passed", "skip_pilot")
        ]
        if not passed or sign.seq <= passed[-1].seq:
            return False
        return passed[-1].body["trigger"] == "skip_pilot" or sign.at >= self.pilot_end()

    def pilot_end(self) -> datetime:
        """When the present pilot report says that the pilot ended."""
        report = [e for e in self.events if e.is_("evidence") and e.data["kind"] == "pilot_report"][-1]
        return moment(json.loads(report.text("fields"))["end"])
