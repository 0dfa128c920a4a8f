"""Evidence kinds: closed schemas, and every fault of a document with its path."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mofflow.declarations.evidence import FaultFinder, evidence_schema
from mofflow.declarations.text_formats import FORMATS

KIND: dict[str, Any] = {
    "title": "Case",
    "purpose": "A business case.",
    "optional": ["note"],
    "fields": {
        "costs": {
            "type": "object",
            "properties": {
                "direct": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["amount"],
                        "properties": {
                            "amount": {"type": ["integer", "string"], "format": "decimal"},
                            "item": {"type": "string"},
                        },
                    },
                }
            },
        },
        "decision": {"enum": ["go", "no_go"]},
        "valid": {"type": "boolean"},
        "note": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "sure": {"const": True},
        "names": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 2},
    },
}
GOOD: dict[str, Any] = {
    "costs": {"direct": [{"amount": "3500.50"}, {"amount": 7, "item": "x"}]},
    "decision": "go",
    "valid": False,
    "count": 0,
    "sure": True,
    "names": ["a", "b"],
}


def faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.path, fault.message) for fault in FaultFinder(evidence_schema(KIND))(document)]


def test_a_valid_document_has_no_fault() -> None:
    """Amounts may be integers or decimal text; a revision and remarks are known everywhere."""
    assert faults(GOOD) == []
    assert faults({**GOOD, "revision": 2, "remarks": "fine", "note": "short"}) == []


def test_the_schema_is_closed_at_every_level() -> None:
    """All fields are required but the optional ones, nested mappings are closed, texts are not empty."""
    schema: Any = evidence_schema(KIND)
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["costs", "decision", "valid", "count", "sure", "names"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {*KIND["fields"], "revision", "remarks"}
    costs = schema["properties"]["costs"]
    assert costs["required"] == ["direct"]
    assert costs["additionalProperties"] is False
    assert costs["properties"]["direct"]["items"]["required"] == ["amount"]
    assert schema["properties"]["names"]["items"]["minLength"] == 1


def test_every_fault_is_listed_with_its_path() -> None:
    """Nothing stops at the first one, and messages say what was found."""
    wrong = {
        "costs": {"direct": [{"amount": "1,5", "itm": "x"}, {"item": 4}]},
        "decision": "nogo",
        "valid": 1,
        "vald": True,
        "note": "too long",
        "count": 10,
        "sure": False,
        "names": ["a", "a", ""],
        "revision": 0,
    }
    assert faults(wrong) == [
        ("costs.direct[0].amount", "'1,5' is not a decimal number such as 3500.50."),
        ("costs.direct[0].itm", "unknown key (did you mean 'item'?). Known: amount, item."),
        ("costs.direct[1].amount", "is missing."),
        ("costs.direct[1].item", "the number 4 was found, text is wanted: put it in quotes."),
        ("count", "the number 10 was found, at most 9 is wanted."),
        ("decision", "unknown value 'nogo' (did you mean 'no_go'?). Known: go, no_go."),
        ("names", "3 entries were found, at most 2 may be there."),
        ("names", "an entry stands twice."),
        ("names[2]", "0 characters were found, at least 1 must be there."),
        ("note", "8 characters were found, at most 5 may be there."),
        ("revision", "the number 0 was found, at least 1 is wanted."),
        ("sure", "false was found, true is wanted."),
        (
            "vald",
            "unknown key (did you mean 'valid'?). "
            "Known: costs, decision, valid, note, count, sure, names, revision, remarks.",
        ),
        ("valid", "the number 1 was found, true or false is wanted."),
    ]


def test_floating_point_numbers_are_faults_wherever_they_stand() -> None:
    """Also where a schema would take 2.0 for an integer."""
    found = faults({**GOOD, "count": 2.0, "costs": {"direct": [{"amount": 0.1}]}})
    assert [path for path, _ in found] == ["costs.direct[0].amount", "count"]
    assert all("floating point" in message for _, message in found)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", ["2024-02-29", "2023-12-31"], ["2023-02-29", "2023-2-1", "20230201", "2023-W01-1", "2023-02-01T00:00:00Z"]),
        (
            "date-time",
            ["2024-02-29T12:00:00Z", "2023-01-01T00:00:00.123456+02:00"],
            ["2023-02-29T12:00:00Z", "2023-01-01T12:00:00", "2023-01-01 12:00:00Z", "2023-01-01T12:00Z",
             "2023-01-01T24:01:00Z", "2023-01-01T12:00:00+25:00", "2023-01-01", "2016-12-31T23:59:60Z"],
        ),
        ("decimal", ["0", "-1.50", "99.95", "12345678901234567890"], ["", "1.", ".5", "01", "+1", "1e3", "1,5", "NaN", "\u0661"]),
        ("sha256", ["a" * 64], ["A" * 64, "a" * 63, "a" * 65, "g" * 64, "a" * 64 + "\n"]),
        ("duration", ["P14D", "PT2H"], ["14D", "P", "P1.5D", "-P1D"]),
        ("person", ["ann", "a", "9x", "ann.b-c_d", "a" * 64], ["", "Ann", ".a", "a b", "a" * 65, "ann\n", "@ann"]),
    ],
)  # fmt: skip
def test_formats_accept_and_refuse(name: str, good: list[str], bad: list[str]) -> None:
    """Each format is checked by our own function, on whole texts."""
    find = FaultFinder(
        evidence_schema({**KIND, "fields": {"x": {"type": "string", "format": name}}, "optional": []})
    )
    assert [text for text in good if find({"x": text})] == []
    assert [text for text in bad if not find({"x": text})] == []


def test_every_format_of_the_models_has_a_check() -> None:
    """A format that nobody checks would pass everything."""
    from typing import get_args

    from mofflow.declarations.evidence_models import Property

    declared = get_args(get_args(Property.model_fields["format"].annotation)[0])
    assert set(declared) == set(FORMATS)


def test_jsonschema_is_imported_only_for_a_document() -> None:
    """Commands that test no document do not pay for it, nor for YAML and pydantic."""
    code = (
        "import sys, mofflow.declarations.policies as p; "
        "print([m for m in ('jsonschema', 'yaml', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
