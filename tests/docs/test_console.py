"""Every command of the README and of the guides runs as written, and prints what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import examples, faults, matches
from tests.docs.markdown import blocks, manual, name_of

PAGES = [page for page in manual() if examples(page)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    """In their order, in one shell, in an empty home."""
    found = faults(page, tmp_path)
    assert not found, "\n\n".join(found)


def test_the_pages_that_show_commands_are_found() -> None:
    """A page whose blocks were not read would pass by itself."""
    named = {name_of(page) for page in PAGES}
    assert named >= {"README.md", "docs/guide-project.md", "docs/guide-auditor.md", "docs/guide-workflows.md"}


def test_only_the_scripts_of_the_checkout_stand_in_sh_blocks() -> None:
    """Commands of mofflow that are not run would grow wrong unseen."""
    for page in manual():
        for block in blocks(page):
            assert block.language != "sh" or "mofflow " not in block.text, block.place


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a  b"], ["a b"], True),
        (["a ... c"], ["a b c"], True),
        (["a", "..."], ["a"], True),
        (["a", "...", "d"], ["a", "b", "c", "d"], True),
        (["a ..."], ["a b", "c"], False),
        (["a"], ["a", "b"], False),
        ([], ["a"], False),
        (["a."], ["ab"], False),
    ],
)
def test_what_is_left_out_matches_and_nothing_else_does(
    expected: list[str], printed: list[str], same: bool
) -> None:
    """Three dots, within a line or as a line."""
    assert matches(expected, printed) is same


def test_a_wrong_output_and_a_wrong_exit_code_are_told(tmp_path: Path) -> None:
    """The harness itself can fail."""
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\ntwo\n$ false\n$ true  # exit 1\n$ echo fine\nfine\n```\n")
    (tmp_path / "run").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.docs.markdown.ROOT", tmp_path)
        found = faults(page, tmp_path / "run")
    assert [fault.splitlines()[0] for fault in found] == [
        "page.md:2: $ echo one",
        "page.md:4: exit code 1, not 0: false",
        "page.md:5: exit code 0, not 1: true  # exit 1",
    ]
