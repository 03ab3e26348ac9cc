"""YAML holds no surprises: text stays text, and what could mislead is refused with its line."""

import json

import pytest
import yaml

from oncall.config.yaml_text import LARGEST, read_yaml, write_yaml
from oncall.errors import BadInput


@pytest.mark.parametrize(
    "text",
    ["no", "on", "10:00", "0123", "+12025550101", "2026-01-05", "2026-01-05T10:00", "1_000", "1e3", ".5", "Null"],
)
def test_an_unquoted_text_stays_the_text_it_looks_like(text: str) -> None:
    assert read_yaml(f"value: {text}") == {"value": text}


def test_null_true_and_false_are_special_only_without_quotes() -> None:
    assert read_yaml("[null, ~, true, false, 'null', \"true\"]") == [None, None, True, False, "null", "true"]


def test_json_is_read_too() -> None:
    value = {"users": [{"handle": "alice", "tags": ["a", "b"], "email": None}]}

    assert read_yaml(json.dumps(value)) == value
    assert read_yaml(json.dumps(value, indent=2)) == value
    assert read_yaml(json.dumps(value, indent="\t")) == value


def test_a_character_that_json_escapes_as_two_halves_is_one() -> None:
    value = {"name": "On fire 🔥 \\ud83d\\udd25"}

    assert "\\ud83d" in json.dumps(value)
    assert read_yaml(json.dumps(value)) == value


def test_a_number_in_json_is_the_text_it_is_in_yaml() -> None:
    assert read_yaml('{"repeat": 2, "size": 1e3, "none": NaN}') == {
        "repeat": "2",
        "size": "1e3",
        "none": "NaN",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "b": "\\ud83d\\udd25", "a": 2}', "a is given twice"),
        ('{"a": {"b": [{"c": 1, "c": 1}]}}', "c is given twice"),
        ('{"a": "\\ud83d"}', "holds a NUL character, or half of an escaped one"),
        ('{"a": "\\u0000"}', "holds a NUL character, or half of an escaped one"),
        ("[" * 100 + "]" * 100, "nested too deeply"),
    ],
)
def test_json_that_could_mislead_is_refused(text: str, problem: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_yaml(text)
    assert refusal.value.problems == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3", "line 3, column 1: a is given twice"),
        ("a: &x 1\nb: *x", "line 2, column 4: *x is an alias: write out what it stands for"),
        (
            "a: !!python/name:os.system x",
            "line 1, column 4: tag:yaml.org,2002:python/name:os.system is a tag: leave it out",
        ),
        ("a: 1\n---\nb: 2", "line 2, column 1: a second document begins: one file holds one config"),
        ("null: 3", "line 1, column 1: a key must be text; put it in quotes if it is meant to be"),
        ('a: "x\\0"', "line 1, column 4: holds a NUL character"),
        ("[" * 100_000, "line 1, column 22: nested too deeply"),
    ],
)
def test_what_could_mislead_is_refused(text: str, problem: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_yaml(text)
    assert refusal.value.problems == [problem]


@pytest.mark.parametrize("text", ["users:\n  - {handle: alice", "users: - handle", "users:\n\t- a"])
def test_a_syntax_error_names_its_line_and_column(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_yaml(text)
    assert refusal.value.problems[0].startswith("line ")
    assert ", column " in refusal.value.problems[0]


def test_a_file_of_bytes_that_are_no_text_is_refused() -> None:
    with pytest.raises(BadInput, match="not YAML"):
        read_yaml("a: \x00")


def test_a_file_that_is_far_too_long_is_refused() -> None:
    with pytest.raises(BadInput, match="too long"):
        read_yaml("#" * (LARGEST + 1))


def test_what_is_written_means_the_same_to_us_and_to_any_other_reader() -> None:
    value = {"a": ["no", "10:00", "0123", "", "null", "true", "2026-01-05", "a: b", "é # ü"], "b": True, "name": None}

    assert read_yaml(write_yaml(value)) == value
    assert yaml.safe_load(write_yaml(value)) == value


def test_equal_lists_are_written_out_and_not_aliased() -> None:
    same = ["x"]

    assert read_yaml(write_yaml({"a": same, "b": same})) == {"a": ["x"], "b": ["x"]}
