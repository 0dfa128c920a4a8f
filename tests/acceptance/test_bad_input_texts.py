"""Texts that steer a terminal, run from right to left, or begin a formula: stored exactly, shown escaped."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest

from tests.support.remedies import Project, roads

ODD = {
    "an escape sequence": "red \x1b[31mtext\x1b[0m",
    "a carriage return": "safe\rFORGED LINE",
    "a line feed": "one\ntwo",
    "a bell and a backspace": "x\x07\x08y",
    "a right-to-left override": "invoice_\u202egpj.exe",
    "a right-to-left mark": "shalom \u200f\u05e9\u05dc\u05d5\u05dd",
    "isolates": "\u2066left\u2069 \u2067right\u2069",
    "a zero-width space": "pay\u200bpal",
    "a byte order mark": "\ufeffx",
    "a C1 control": "x\x9b31my",
    "a line separator": "a\u2028b",
    "a tag character": "x\U000e0041y",
    "a soft hyphen": "a\u00adb",
    "several scripts": "Größe 東京 Ωμέγα 👩‍💻",
}


def harmless(text: str) -> bool:
    """No character of it steers a terminal or cannot be seen; joiners of scripts and emoji may stay."""
    return all(
        c in "\n\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co")
        for c in text
    )


@pytest.mark.parametrize("name", ODD)
def test_odd_characters_are_stored_exactly_and_shown_escaped(name: str) -> None:
    """In titles, remarks, reasons, comments, names and documents; on every table, and in errors."""
    text = ODD[name]
    project = roads().at("small", "vision_review")
    mofflow = project.mofflow
    created = mofflow("project", "create", text, "--key", "P-ODD", "--set", "size=small", "--json").json
    assert created["title"] == text
    mofflow("note", "P-1", text, as_="pam")
    mofflow("person", "add", "odd", "--name", text)
    project.sign("vision", "cust", "--reject", "--comment", text)
    control = any(unicodedata.category(c) == "Cc" and c not in "\t\n\r" for c in text)
    ran = project.attach(
        "closure_note", reason=text, expect=2 if control else 0
    )  # files of fields hold no controls
    assert not control or "control character" in ran.error["message"]
    project.advance("hold", "pam", reason=text, review_date="2026-02-01")

    assert mofflow("show", "P-ODD", "--json").json["title"] == text
    events = project.events()
    assert [e["texts"]["text"] for e in events if e["kind"] == "note"] == [text]
    assert [e["texts"]["comment"] for e in events if e["kind"] == "signoff"][-1] == text
    assert json.loads(events[-1]["texts"]["inputs"])["reason"] == text
    people = mofflow("person", "list", "--json").json["items"]
    assert [p["name"] for p in people if p["id"] == "odd"] == [text]
    if not control:
        assert json.loads(mofflow("evidence", "get", "P-1", "closure_note").out)["reason"] == text

    for words in (
        ("show", "P-ODD"),
        ("show", "P-1"),
        ("project", "list"),
        ("project", "board"),
        ("history",),
        ("history", "P-1"),
        ("history", "P-ODD", "--at", "2026-01-05"),
        ("person", "list"),
        ("find", text[:3]),
        ("why", "P-1"),
        ("note", "P-1", text, "--dry-run"),
        ("project", "create", text, "--dry-run"),
        ("evidence", "list", "P-1"),
    ):
        ran = mofflow(*words, expect=None)
        assert ran.code in (0, 1), ran
        assert harmless(ran.out), (words, ran.out)
        assert harmless(ran.err), (words, ran.err)
        assert len(ran.out.splitlines()) == ran.out.count("\n")  # nothing else breaks a line


@pytest.mark.parametrize("name", [name for name in ODD if name != "several scripts"])
def test_json_escapes_what_cannot_be_seen(name: str) -> None:
    """JSON on stdout is ASCII, so that a terminal that shows it is not steered either; csv shows escapes."""
    text = ODD[name]
    mofflow = roads().at("small", "planning").mofflow
    mofflow("project", "create", text, "--key", "P-ODD", "--set", "size=small")
    for form in ("json", "ndjson"):
        out = mofflow("project", "list", "--format", form).out
        assert out.isascii()
        assert harmless(out)
    out = mofflow("project", "list", "--format", "csv").out
    assert harmless(out)


@pytest.mark.parametrize("name", ODD)
def test_errors_show_odd_characters_escaped(name: str) -> None:
    """Whatever was typed wrongly does not steer the terminal of who reads the message."""
    text = ODD[name]
    mofflow = roads().at("small", "planning").mofflow
    for words in (
        ("show", text),
        ("why", "P-1", text),
        ("sign", "P-1", text),
        ("set", "P-1", f"{text}=1"),
        ("--as", text, "show", "P-1"),
        ("attach", "P-1", text, "--set", "a=b"),
        ("attach", "P-1", "closure_note", "--set", f"{text}=b"),
        ("person", "add", text),
        ("project", "create", "x", "--key", text),
        ("history", "--from", text),
        (text,),
        ("--database", text, "show", "P-1"),
        ("workflow", "check", text),
        ("show", "P-1", "--format", text),
    ):
        ran = mofflow(*words, as_=None, expect=None)
        assert ran.code in (1, 2, 4), (words, ran)
        assert harmless(ran.err), (words, ran.err)
        assert harmless(ran.out), (words, ran.out)
        ran = mofflow(*words, "--json", expect=None)
        if ran.code != 1 and text not in ("workflow",):
            assert ran.err.strip().splitlines()[-1].isascii()


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1+1",
        "=cmd|' /C calc'!A0",
        "\uff1d1",
        "'=1",
        '=HYPERLINK("x")',
    ],
)
def test_csv_never_begins_a_formula(text: str) -> None:
    """A spreadsheet that opens the file runs nothing; what is stored is what was written."""
    mofflow = roads().at("small", "planning").mofflow
    mofflow("project", "create", "--key", "P-ODD", "--set", "size=small", "--", text)
    mofflow("note", "P-ODD", "--", text)
    assert mofflow("show", "P-ODD", "--json").json["title"] == text.strip()
    for words in (("project", "list"), ("history", "P-ODD"), ("find", "1"), ("person", "list")):
        rows = list(csv.reader(io.StringIO(mofflow(*words, "--format", "csv").out)))
        assert len({len(row) for row in rows}) == 1
        for row in rows:
            for cell in row:
                assert not cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r", "\uff1d")), (words, cell)
                assert not cell.startswith("-") or cell.lstrip("-").isdigit()


def test_a_very_long_text_is_kept_or_refused_but_never_cut() -> None:
    """A remark of 200,000 characters comes back whole; a list of very many entries is refused."""
    project = roads().at("small", "planning")
    text = "é" * 200_000
    project.mofflow("note", "P-1", text, as_="pam")
    assert project.events()[-1]["texts"]["text"] == text
    project.mofflow.refuses("set", "P-1", "sites=" + ",".join(map(str, range(5000))), code="usage", as_="pam")


def test_options_that_look_like_texts_and_texts_that_look_like_options() -> None:
    """A remark may begin with a hyphen behind `--`; a title may be an option's name."""
    project: Project = roads().at("small", "planning")
    project.mofflow("note", "P-1", "--", "--json", as_="pam")
    assert project.events()[-1]["texts"]["text"] == "--json"
    ran = project.mofflow("show", "--", "--json", expect=2)
    assert "{" not in ran.err  # behind `--` it is no option, so the error is told to people
