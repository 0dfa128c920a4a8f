"""`mofflow person`: people, what they may do, and who stands in for them."""

from __future__ import annotations

from datetime import datetime

import click

from mofflow.cli._complete import keys, people, roles
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import asker, dry_run, examples, page_of, pages, with_world
from mofflow.cli._text import visible
from mofflow.cli._values import end_of
from mofflow.cli._views import View, grant_view, person_view
from mofflow.domain.people import Grant, People, Person
from mofflow.errors import BadInput, nearest
from mofflow.services import definitions, grants
from mofflow.services import people as service
from mofflow.services.world import World


@click.group()
def person() -> None:
    """People, roles and delegations."""


@person.command(
    epilog=examples(
        "mofflow person add jane.doe --name 'Jane Doe' --zone Europe/Berlin --grant customer --dry-run"
    )
)
@click.argument("id")
@click.option("--name", metavar="N", default="", show_default=False, help="As people read it.")
@click.option("--email", metavar="E", default="", show_default=False, help="Where to write to.")
@click.option(
    "--zone", metavar="Z", default="", show_default=False, help="The time zone for this person's tables."
)
@click.option(
    "--account", "accounts", metavar="A", multiple=True, help="An account that runs commands as this person."
)
@click.option(
    "--grant",
    "granted",
    metavar="ROLE",
    multiple=True,
    shell_complete=roles,
    help="A first role; may be repeated.",
)
@dry_run
@formatted
@with_world
def add(  # noqa: PLR0913, PLR0917  # one for each option
    world: World,
    id: str,  # noqa: A002 - the name that the help shows
    name: str,
    email: str,
    zone: str,
    accounts: tuple[str, ...],
    granted: tuple[str, ...],
    dry_run: bool,
    out: Output,
) -> None:
    """Make a person known. ID is what --as, assign and grant take."""
    new = Person(id=id, name=name, email=email, zone=zone, accounts=accounts)
    added = service.add(world, new, granted, dry_run=dry_run)
    view = {**person_view(added), "roles": list(granted), "dry_run": dry_run}
    told = ", ".join(granted)
    would = "would be" if dry_run else "is"
    out.record(view, lambda: f"{added.id} {would} known" + (f" as {told}." if told else ", without a role."))


@person.command("list", epilog=examples("mofflow person list", "mofflow person list --role customer --json"))
@click.option("--role", metavar="ROLE", shell_complete=roles, help="Only those who hold this role now.")
@click.option("--all", "everybody", is_flag=True, show_default=False, help="Those who were deactivated, too.")
@pages
@formatted
@with_world
def listed(
    world: World, role: str | None, everybody: bool, limit: int, cursor: str | None, out: Output
) -> None:
    """Everybody who is known, with the roles that they hold now."""
    known, now = service.listed(world)
    if role is not None:
        _require_role(world, role)
    items = [
        _item(known, found, now)
        for found in known.persons.values()
        if (found.active or everybody) and (role is None or _holds(known, found, role, now))
    ]
    shown, after = page_of(items, limit, cursor)
    out.items(shown, ["id", "name", "roles", "accounts", "zone", "active"], cursor=after, none="Nobody.")


def _require_role(world: World, role: str) -> None:
    roles = list(definitions.policies_in_force(world).roles)
    if role not in roles:
        raise BadInput(
            f"There is no role {role!r}{nearest(role, roles)}.", "All roles: mofflow policy show roles"
        )


def _item(known: People, found: Person, now: datetime) -> View:
    own = [g for g in known.grants if g.person == found.id]
    held = [g for g in own if g.holds(now, g.case)]
    return {
        **person_view(found),
        "roles": list(dict.fromkeys(_told(g) for g in held)),
        "grants": [grant_view(g) for g in own],
    }


def _told(grant: Grant) -> str:
    where = f" on {grant.case}" if grant.case else ""
    return f"{grant.role}{where}" + (f" for {grant.from_person}" if grant.from_person else "")


def _holds(known: People, found: Person, role: str, now: datetime) -> bool:
    return any(g.person == found.id and g.role == role and g.holds(now, g.case) for g in known.grants)


@person.command(
    epilog=examples(
        "mofflow person list", "mofflow person grant tessa release_manager --until P90D --dry-run"
    )
)
@click.argument("person", shell_complete=people)
@click.argument("role", shell_complete=roles)
@click.option("--case", "key", metavar="KEY", shell_complete=keys, help="For this case alone.")
@click.option("--until", metavar="DATE", help="To the end of this day, to this time, or for so long (P14D).")
@dry_run
@formatted
@with_world
def grant(
    world: World, person: str, role: str, key: str | None, until: str | None, dry_run: bool, out: Output
) -> None:
    """Give a person a role."""
    given = grants.grant(
        world,
        person,
        role,
        case=key,
        ends=end_of(until, "--until", world) if until is not None else None,
        dry_run=dry_run,
    )
    view = {**grant_view(given), "dry_run": dry_run}
    out.record(view, lambda: f"{person} {'would hold' if dry_run else 'holds'} the role {_told(given)}.")


@person.command(
    epilog=examples(
        "mofflow person list", "mofflow person revoke tessa tester --reason 'Left the team' --dry-run"
    )
)
@click.argument("person", shell_complete=people)
@click.argument("role", shell_complete=roles)
@click.option("--case", "key", metavar="KEY", shell_complete=keys, help="The grant for this case.")
@click.option(
    "--for-cause", is_flag=True, show_default=False, help="What was signed under it counts no more."
)
@click.option("--reason", metavar="TEXT", default="", show_default=False, help="Why.")
@dry_run
@formatted
@with_world
def revoke(
    world: World,
    person: str,
    role: str,
    key: str | None,
    for_cause: bool,
    reason: str,
    dry_run: bool,
    out: Output,
) -> None:
    """Take a role back."""
    ended = grants.revoke(world, person, role, case=key, for_cause=for_cause, reason=reason, dry_run=dry_run)
    view: View = {
        "person": person,
        "role": role,
        "grants": [grant_view(g) for g in ended],
        "for_cause": for_cause,
        "dry_run": dry_run,
    }
    out.record(
        view, lambda: f"{person} {'would hold' if dry_run else 'holds'} the role {_told(ended[0])} no more."
    )


@person.command(
    epilog=examples("mofflow person delegate customer --from carla --to paul --until P14D --dry-run")
)
@click.argument("roles", metavar="ROLE...", nargs=-1, required=True, shell_complete=roles)
@click.option(
    "--from", "giver", metavar="PERSON", shell_complete=people, help="Whose roles; yours, unless you say."
)
@click.option(
    "--to", "receiver", metavar="PERSON", required=True, shell_complete=people, help="Who acts instead."
)
@click.option(
    "--until",
    metavar="DATE",
    required=True,
    help="To the end of this day, to this time, or for so long (P14D).",
)
@click.option("--case", "key", metavar="KEY", shell_complete=keys, help="For this case alone.")
@dry_run
@formatted
@with_world
def delegate(
    world: World,
    roles: tuple[str, ...],
    giver: str | None,
    receiver: str,
    until: str,
    key: str | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Let somebody else act in one's roles for a while."""
    end = end_of(until, "--until", world)
    giver = giver if giver is not None else asker(world)
    given = grants.delegate(world, giver, receiver, roles, ends=end, case=key, dry_run=dry_run)
    view: View = {
        "from": giver,
        "to": receiver,
        "until": end,
        "grants": [grant_view(g) for g in given],
        "dry_run": dry_run,
    }
    would = "would act" if dry_run else "acts"
    out.record(view, lambda: f"{receiver} {would} for {giver} as {', '.join(roles)} until {out.cell(end)}.")


@person.command(epilog=examples("mofflow person deactivate tessa --reason 'Left the company' --dry-run"))
@click.argument("person", shell_complete=people)
@click.option("--reason", metavar="TEXT", default="", show_default=False, help="Why.")
@dry_run
@formatted
@with_world
def deactivate(world: World, person: str, reason: str, dry_run: bool, out: Output) -> None:
    """Let a person act no more, and tell the seats that somebody else must take."""
    found, seats = service.deactivate(world, person, reason=reason, dry_run=dry_run)
    open_seats = [{"case": seat.case, "role": seat.role} for seat in seats]
    view = {**person_view(found), "open_seats": open_seats, "dry_run": dry_run}
    would = "would be" if dry_run else "is"
    lines = [f"{visible(person)} {would} deactivated.", *(f"  open: {s.role} of {s.case}" for s in seats)]
    out.record(view, lambda: "\n".join(lines))
