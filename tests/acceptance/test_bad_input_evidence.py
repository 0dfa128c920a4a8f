"""Documents that cannot be accepted: every fault with its path, files of every odd sort, and nothing is changed."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.command import Mofflow, clear
from tests.support.remedies import Project, roads

FIELDS = {"reason": "The need has gone.", "disposition": "Archived.", "revision": 1}
SET = tuple(word for name, value in FIELDS.items() for word in ("--set", f"{name}={value}"))
GIB = 1 << 30


@pytest.fixture
def project() -> Project:
    """A small project in building."""
    return roads().at("small", "building")


def write(project: Project, content: object, name: str = "d.json") -> str:
    """A JSON file beside the database."""
    return str(project.mofflow.write(name, content if isinstance(content, str) else json.dumps(content)))


def test_every_fault_of_a_document_is_listed_with_its_path(project: Project) -> None:
    """Missing, unknown and wrong fields, deep inside, all at once."""
    case = {
        "benefits": [],
        "costs": {
            "direct": [{"item": "", "amount": "12.5x", "currency": "EURO"}],
            "indirect": [{"item": "x", "amount": True}],
        },
        "impacts": [{"area": "Desk", "impact": 7, "extra": 1}],
        "benefit": ["x"],
        "revision": 1,
    }
    ran = project.mofflow.refuses(
        "attach", "P-1", "business_case", write(project, case), code="usage", as_="pam"
    )
    for told in (
        "business_case: benefit: unknown key (did you mean 'benefits'?)",
        "business_case: benefits: 0 entries",
        "business_case: costs.direct[0].item: ",
        "business_case: costs.direct[0].amount: '12.5x'",
        "business_case: costs.direct[0].currency: ",
        "business_case: costs.indirect[0].amount: true",
        "business_case: costs.indirect[0].currency: is missing",
        "business_case: impacts[0].extra: unknown key",
        "business_case: impacts[0].impact: the number 7",
    ):
        assert f"\n{told}" in ran.error["message"]
    assert "mofflow evidence template business_case" in ran.error["hint"]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("portfolio_decision", "decision", "approved"),
        ("portfolio_decision", "decided_on", "2027-02-29"),
        ("pilot_report", "start", "2026-01-05T09:00:00"),
        ("pilot_report", "end", "yesterday"),
        ("pilot_report", "procedures_exercised", "yes"),
        ("release_candidate", "digest", "abc"),
        ("uat_result", "open_blockers", -1),
        ("uat_result", "open_blockers", 1.5),
        ("acceptance_environment", "owner", ""),
        ("acceptance_environment", "access", "pam"),
        ("vision_scope", "vision", None),
        ("vision_scope", "in_scope", [""]),
    ],
)
def test_a_field_that_breaks_its_schema_is_told(kind: str, field: str, value: object) -> None:
    """A value that is not listed, no day, no time with zone, no digest, of another type."""
    project = roads().at("small", "building")
    form = project.mofflow("evidence", "template", kind, "--case", "P-1", "--json").json["example"]
    file = write(project, {**form, field: value})
    as_ = "portia" if kind == "portfolio_decision" else "pam"
    ran = project.mofflow.refuses("attach", "P-1", kind, file, code="usage", as_=as_)
    assert f"{kind}: {field}" in ran.error["message"]


def test_a_bundle_is_attached_whole_or_not_at_all(project: Project) -> None:
    """One bad document among good ones: all faults are told, and none is attached."""
    good = project.mofflow("evidence", "template", "acceptance_environment", "--json").json["example"]
    bundle = {"acceptance_environment": good, "closure_note": {"reason": 1}, "vision_scop": {}}
    file = write(project, bundle)
    project.mofflow.refuses("attach", "P-1", "--from", file, code="usage", told=["vision_scop"], as_="pam")
    del bundle["vision_scop"]
    told = ["closure_note: reason", "disposition"]
    project.mofflow.refuses(
        "attach", "P-1", "--from", write(project, bundle), code="usage", told=told, as_="pam"
    )
    twice = {"closure_note": [FIELDS, FIELDS]}
    project.mofflow.refuses(
        "attach", "P-1", "--from", write(project, twice), code="usage", told=["twice"], as_="pam"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "d.yaml"),
        ("- a list", "mapping"),
        ("reason: a\nreason: b\n", "d.yaml:2:1"),
        ("reason: &a x\ndisposition: *a\n", "anchor"),
        ("reason: !!python/object/apply:os.system [ls]\n", "tag"),
        ("", "mapping"),
        ("reason: \x1b[31m\n", "control"),
    ],
)
def test_a_file_of_fields_that_cannot_be_read_is_told(project: Project, content: str, told: str) -> None:
    """No YAML, no mapping, a doubled key, marvels: file and line."""
    file = str(project.mofflow.write("d.yaml", content))
    project.mofflow.refuses("attach", "P-1", "closure_note", file, code="usage", told=[told], as_="pam")


def test_a_yaml_bomb_as_fields_is_refused(project: Project) -> None:
    """Aliases are not followed."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    file = str(project.mofflow.write("bomb.yaml", "\n".join(lines)))
    project.mofflow.refuses("attach", "P-1", "closure_note", file, code="usage", told=["alias"], as_="pam")


def test_there_must_be_something_to_attach(project: Project) -> None:
    """No kind, no content, a field twice, a field that is no FIELD=VALUE."""
    for words in (
        (),
        ("closure_note",),
        ("closure_note", *SET, "--set", "reason=x"),
        ("closure_note", "--set", "reason"),
    ):
        project.mofflow.refuses("attach", "P-1", *words, code="usage", as_="pam")


def test_a_missing_file_and_a_folder_are_told(project: Project) -> None:
    """As fields, as the document itself, and as a bundle."""
    for path in (str(project.mofflow.folder / "missing"), str(project.mofflow.folder)):
        for words in (
            ("closure_note", path),
            ("closure_note", path, *SET),
            ("closure_note", "--from", path),
            ("--from", path),
        ):
            project.mofflow.refuses("attach", "P-1", *words, code="usage", told=[path], as_="pam")


def test_a_fifo_is_told_at_once_and_never_waited_for(project: Project) -> None:
    """Nobody writes into it: the command ends all the same, for a document and for its fields."""
    fifo = project.mofflow.folder / "fifo"
    os.mkfifo(fifo)
    for words in (
        ("closure_note", str(fifo), *SET),
        ("closure_note", str(fifo)),
        ("closure_note", "--from", str(fifo)),
    ):
        with project.mofflow.unchanged():
            ran = project.mofflow.process("--as", "pam", "attach", "P-1", *words, "--json", timeout=60)
        assert ran.code == 2, (words, ran)
        clear(ran, "usage", [str(fifo)])


def test_a_device_is_no_document(project: Project) -> None:
    """/dev/zero never ends."""
    for words in (("closure_note", "/dev/zero", *SET), ("closure_note", "/dev/zero")):
        with project.mofflow.unchanged():
            ran = project.mofflow.process("--as", "pam", "attach", "P-1", *words, "--json", timeout=60)
        assert ran.code == 2, ran


def test_an_unreadable_file_is_told(project: Project) -> None:
    """Somebody without the rights of root attaches what he may not read."""
    mofflow = project.mofflow
    mofflow("person", "add", "nemo", "--account", "nobody")
    mofflow("assign", "P-1", "developer", "nemo", "--grant")
    secret = mofflow.write("secret.txt", "x")
    open_to_all(mofflow)
    secret.chmod(0)
    who = () if os.geteuid() == 0 else ("--as", "pam")
    with mofflow.unchanged():
        ran = mofflow.as_nobody(*who, "attach", "P-1", "closure_note", str(secret), *SET, "--json")
    assert ran.code == 2, ran
    clear(ran, "usage", [str(secret), "not readable"])
    secret.chmod(0o644)
    assert mofflow.as_nobody(*who, "attach", "P-1", "closure_note", str(secret), *SET, "--json").code == 0


def open_to_all(mofflow: Mofflow) -> None:
    """Let everybody read and write the database."""
    mofflow.folder.parent.chmod(0o755)
    for path in (mofflow.folder, *mofflow.folder.rglob("*")):
        path.chmod(0o777)


def test_a_file_of_one_gibibyte_is_streamed(project: Project) -> None:
    """A process that may use less than half of that as memory takes it in; the digest is right."""
    big = project.mofflow.folder / "big.bin"
    with big.open("wb") as file:
        file.truncate(GIB)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (480 << 20,) * 2)"
    ran = project.mofflow.process(
        "--as", "pam", "attach", "P-1", "closure_note", str(big), *SET, "--json", before=limit
    )
    assert ran.code == 0, ran
    (document,) = ran.json["evidence"]
    sha = hashlib.sha256()
    for _ in range(1024):
        sha.update(bytes(1 << 20))
    assert (document["size"], document["digest"], document["file"]) == (GIB, sha.hexdigest(), "big.bin")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < GIB // 1024
    stored = project.mofflow.folder / "mofflow.db.evidence" / "sha256" / sha.hexdigest()[:2] / sha.hexdigest()
    assert stored.stat().st_size == GIB
    stored.unlink()
    big.unlink()


def test_a_file_of_fields_that_is_too_large_is_refused(project: Project) -> None:
    """Fields are read into memory, so a large file is not even begun."""
    big = project.mofflow.folder / "big.yaml"
    with big.open("wb") as file:
        file.truncate(GIB)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (480 << 20,) * 2)"
    ran = project.mofflow.process(
        "--as", "pam", "attach", "P-1", "closure_note", str(big), "--json", before=limit
    )
    assert ran.code == 2
    clear(ran, "usage", ["big.yaml"])


@contextmanager
def growing(path: Path) -> Iterator[None]:
    """Somebody appends to a file without a pause."""
    done = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not done.is_set():
                file.write(b"x")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def test_a_file_that_changes_while_it_is_read_is_refused(project: Project) -> None:
    """What somebody still writes is not taken in, and nothing of it is left in the store."""
    path = project.mofflow.folder / "growing.log"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    with growing(path):
        told = ["growing.log", "changed while it was read", "try again"]
        project.mofflow.refuses(
            "attach", "P-1", "closure_note", str(path), *SET, code="usage", told=told, as_="pam"
        )
    assert project.mofflow("attach", "P-1", "closure_note", str(path), *SET, "--json", as_="pam").json[
        "evidence"
    ]


def test_a_damaged_document_is_not_shown(project: Project) -> None:
    """Its bytes no longer have their digest: exit 5, and it says so; the case itself can still be read."""
    store = project.mofflow.folder / "mofflow.db.evidence" / "sha256"
    digest = next(e["digest"] for e in project.shown["evidence"] if e["name"] == "business_case")
    file = store / digest[:2] / digest
    file.chmod(0o600)
    file.write_bytes(b"forged")
    project.mofflow.refuses(
        "evidence", "get", "P-1", "business_case", code="unavailable", told=["damaged", digest]
    )
    file.unlink()
    ran = project.mofflow("evidence", "get", "P-1", "business_case", "--json", expect=2)
    assert ran.error["code"] == "not_found"
    assert project.state() == "building"


def test_evidence_is_not_saved_over_a_file(project: Project) -> None:
    """`--output` never replaces anything."""
    target = project.mofflow.write("here.txt", "mine")
    words = ("evidence", "get", "P-1", "business_case", "--output", str(target))
    project.mofflow.refuses(*words, code="conflict", told=[str(target)])
    assert target.read_text() == "mine"


def test_a_dry_run_of_an_attachment_stores_nothing(project: Project) -> None:
    """Neither the event nor the file."""
    file = project.mofflow.write("x.txt", "content")
    with project.mofflow.unchanged():
        ran = project.mofflow(
            "attach", "P-1", "closure_note", str(file), *SET, "--dry-run", "--json", as_="pam"
        )
    assert ran.json["dry_run"] is True
    assert ran.json["evidence"][0]["digest"] == hashlib.sha256(b"content").hexdigest()


def test_who_may_not_attach_leaves_nothing_in_the_store(project: Project) -> None:
    """A file of somebody who is not permitted is not kept."""
    file = project.mofflow.write("x.txt", "content of a stranger")
    before = project.mofflow.contents()["files"]
    project.mofflow("attach", "P-1", "closure_note", str(file), *SET, as_="cust", expect=4)
    assert project.mofflow.contents()["files"] == before


def test_a_template_of_every_kind_is_accepted_as_it_is(project: Project) -> None:
    """The commented YAML that `evidence template` prints can be attached without a change."""
    kinds = [
        name
        for file in project.mofflow("policy", "show", "evidence", "--json").json["files"]
        for name in file["rules"]
    ]
    assert len(kinds) > 35
    for kind in kinds:
        form = project.mofflow("evidence", "template", kind, "--case", "P-1").out
        assert form.startswith("# ")
        as_ = "portia" if kind == "portfolio_decision" else "pam"
        project.mofflow(
            "attach", "P-1", kind, str(project.mofflow.write("form.yaml", form)), "--dry-run", as_=as_
        )
