"""Files of people: what is read, what is refused and where, and that nothing else ever comes out."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mofflow.declarations import yaml as reader
from mofflow.declarations.document import FORBIDDEN, Document
from mofflow.declarations.yaml import parse, parse_yaml, read_data, read_document
from mofflow.errors import BadInput, InvalidDeclaration

TEXT = st.text(max_size=40).filter(lambda text: not FORBIDDEN.search(text) and "\r" not in text)
LEAF = TEXT | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans() | st.none()
TREE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)
PIECES = st.lists(
    st.sampled_from(
        ["a", "b: ", "- ", "? ", ": ", "{", "}", "[", "]", ",", "&x ", "*x", "!t ", "<<: ", "  ", "'", '"', ">", "#", "|"]
    )
    | st.sampled_from(["\n", "\n---\n", "...", "%YAML 1.2", "\\U0011ffff", "\\x00", "1", "1.5", "~", "\t", "\x00"])
    | st.sampled_from(["\ud800", "\x85", "\ufeff", "\ufffe"]),
    max_size=25,
)  # fmt: skip


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs on the parser in C, and on the one in Python that stands in for it."""
    monkeypatch.setattr(reader, "_LOADER", getattr(pyyaml, request.param))


def problems(content: bytes) -> tuple[str, ...]:
    with pytest.raises(InvalidDeclaration) as caught:
        parse(content, "f.yaml")
    return caught.value.problems


def test_only_integers_true_false_and_null_are_no_texts() -> None:
    """`on`, `no`, times of day, dates, fractions and other spellings stay texts."""
    content = b"a: [1, -7, 0, true, false, null, ~, '']\nb: [on, No, 1:30, 2023-01-01, 1.50, 0x1f, 007, 1_000, True, Null, '1', +1]\nc:\n"
    assert read_data(content) == {
        "a": [1, -7, 0, True, False, None, None, ""],
        "b": ["on", "No", "1:30", "2023-01-01", "1.50", "0x1f", "007", "1_000", "True", "Null", "1", "+1"],
        "c": None,
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: b: c", "f.yaml:1:5: not YAML: mapping values are not allowed"),
        (b"a: 1\nb: 2\na: 3", "f.yaml:3:1: a: the key stands twice, first in line 1."),
        (b"x:\n  - {k: 1, k: 2}", "f.yaml:2:12: x[0].k: the key stands twice"),
        (b"a: &n 1", "f.yaml:1:4: an anchor (&n)"),
        (b"a: 1\nb: *n", "f.yaml:2:4: an alias (*n)"),
        (b"a: !!python/name:os.system x", "f.yaml:1:4: a tag (tag:yaml.org,2002:python/name:os.system)"),
        (b"a: ! x", "f.yaml:1:4: a tag (!)"),
        (b"a:\n  <<: {b: 1}", "f.yaml:2:3: a merge key"),
        (b"1: a", "f.yaml:1:1: the number 1 is a key, and no text"),
        (b"true: a", "f.yaml:1:1: true is a key, and no text"),
        (b"~: a", "f.yaml:1:1: null is a key, and no text"),
        (b"? [a]\n: b", "f.yaml:1:3: a key that is no text"),
        (b"a: 1\n---\nb: 2", "f.yaml:2:1: a second document"),
        (b"%YAML 1.2\n---\na: 1", "f.yaml:1:1: a directive"),
        (b"a: \x07", "f.yaml:1:4: the control character U+0007."),
        (b'a: "\\x07"', "f.yaml:1:4: the control character U+0007."),
        (b"a: b\n\xc3\xa4\xff: c", "f.yaml:2:2: not UTF-8: byte 0xff."),
        (b'a: "\\U0011ffff"', "f.yaml:1:"),
        (b"- a", "f.yaml:1:1: not a mapping"),
        (b"", "f.yaml:1:1: not a mapping"),
        (b"a: 9007199254740992", "f.yaml:1:4: the integer is beyond"),
        (b"a: " + b"9" * 5000, "f.yaml:1:4: a very long integer"),
        (b'{"a": 1, "a": 2}', "f.yaml:1:10: a: the key stands twice"),
        (b'{"a": 1,\n "b": [}', "f.yaml:2:8: not JSON"),
        (b'{"a": "\\ud800"}', "f.yaml:1:7: the control character U+D800."),
    ],
)
def test_what_is_refused_names_file_line_and_column(content: bytes, problem: str) -> None:
    """Each problem begins with its place."""
    assert any(line.startswith(problem) for line in problems(content))


def test_all_problems_of_a_file_are_told_at_once() -> None:
    """Reading goes on after a problem wherever it can."""
    assert len(problems(b"a: &x 1\na: !t 2\n3: 4\n")) == 4


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 900_000,
        b"- " * 500_000,
        b'{"a":' * 200_000,
        b"a: " + b"[" * 40 + b"]" * 40,
        b"a: [x" + b", x" * 600_000 + b"]",
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
    ],
)
def test_bombs_are_refused_quickly(bomb: bytes) -> None:
    """Depth, size and aliases cannot cost more than a moment."""
    begun = time.monotonic()
    assert problems(bomb)
    assert time.monotonic() - begun < 5


def test_forty_levels_are_read_and_forty_one_are_not() -> None:
    """The mapping that a file is counts as the first level."""
    assert read_data(b"a: " + b"[" * 39 + b"]" * 39)
    assert "nested deeper than 40 levels" in problems(b"a: " + b"[" * 40 + b"]" * 40)[0]


def test_fractions_of_json_are_kept_as_their_text() -> None:
    """An amount is never rounded, also not by a reader."""
    assert read_data(b'{"a": 0.1000, "b": 1e3, "c": -2, "d": "\\ud83d\\ude00"}') == {
        "a": "0.1000",
        "b": "1e3",
        "c": -2,
        "d": "\U0001f600",
    }


def test_json_has_no_nan_and_no_yaml() -> None:
    """A file that calls itself JSON must be it."""
    for content, place in ((b'{"a": NaN}', "f.json:1:7"), (b"a: b", "f.json:1:1")):
        with pytest.raises(InvalidDeclaration, match=place):
            parse(content, "f.json")


def test_a_yaml_mapping_may_look_like_json() -> None:
    """A brace and a quote at the start decide nothing."""
    assert read_data(b'{"a": b, c: [d]}') == {"a": "b", "c": ["d"]}


def test_a_document_knows_where_keys_and_values_stood() -> None:
    """Line and column count from 1, at the value, at the key, or at the nearest thing around."""
    document: Document = parse_yaml(b"a:\n  b: [x,\n      y]\n", "f.yaml")
    assert document.problem(("a", "b", 1), "m") == "f.yaml:3:7: a.b[1]: m"
    assert document.problem(("a", "b"), "m", key=True) == "f.yaml:2:3: a.b: m"
    assert document.problem(("a", "c"), "m") == "f.yaml:2:3: a.c: m"


def test_a_file_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    """Both readers say what could not be read."""
    with pytest.raises(BadInput, match=r"none\.yaml cannot be read"):
        read_data(tmp_path / "none.yaml")
    with pytest.raises(InvalidDeclaration, match="cannot be read"):
        read_document(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_give_data_or_a_refusal(content: bytes) -> None:
    """Nothing but data or BadInput comes out of the reader."""
    judge(content)


@settings(max_examples=300)
@given(PIECES)
def test_anything_like_yaml_gives_data_or_a_refusal(pieces: list[str]) -> None:
    """The same for what is nearly YAML."""
    judge("".join(pieces).encode("utf-8", "surrogatepass"))


def judge(content: bytes) -> None:
    try:
        data = read_data(content)
    except BadInput as error:
        assert "input:" in error.message  # noqa: PT017  # either outcome is right
    else:
        assert isinstance(data, dict)


@given(st.dictionaries(TEXT, TREE, max_size=4))
def test_what_yaml_and_json_writers_write_is_read_back(data: dict[str, object]) -> None:
    """Texts, integers, booleans, null, lists and mappings round-trip."""
    assert read_data(json.dumps(data).encode()) == data
    quoted = pyyaml.safe_dump(data, default_style='"', allow_unicode=True)
    if "!!" not in quoted:
        assert read_data(quoted.encode()) == data
    assert read_data(pyyaml.safe_dump({"text": list(data)}, default_style='"').encode()) == {
        "text": list(data)
    }
