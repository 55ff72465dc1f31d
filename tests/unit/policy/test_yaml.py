"""YAML 1.2 as plain data with lines: what the core schema says, what is refused, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.policy_yaml import read_yaml


def faults(text: str) -> list[tuple[int, str]]:
    return [(item.line, item.text) for item in read_yaml(text).faults]


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [  # YAML 1.2.2, chapter 10.3.2: tag resolution of the core schema
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-19", -19),
        ("010", 10),
        ("0o10", 8),
        ("0x3A", 58),
        ("0.", 0.0),
        ("-0.0", -0.0),
        (".5", 0.5),
        ("+12e03", 12000.0),
        ("-2E+05", -200000.0),
        ("0.3", 0.3),
        # not in it, though older loaders read them otherwise
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("2026-11-01", "2026-11-01"),
        ("12:30:45", "12:30:45"),
        ("0b11", "0b11"),
        ("１２", "１２"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("|-\n  5", "5"),
    ],
)
def test_core_schema(scalar, expected):
    read = read_yaml(f"a: {scalar}\n").data["a"]
    assert read == expected
    assert type(read) is type(expected)


def test_infinity_is_a_number_for_others_to_refuse():
    assert read_yaml("a: -.inf").data == {"a": float("-inf")}


def test_keys_are_texts_whatever_they_look_like():
    assert read_yaml("1: a\ntrue: b\n'': c").data == {"1": "a", "true": "b", "": "c"}


def test_lines_of_keys_and_items():
    document = read_yaml("# comment\na:\n  b: 1\n  c:\n    - x\n    - {d: 2,\n       e: 3}\n")
    assert {path: document.line(path) for path in [("a",), ("a", "c"), ("a", "c", 1), ("a", "c", 1, "e")]} == {
        ("a",): 2,
        ("a", "c"): 4,
        ("a", "c", 1): 6,
        ("a", "c", 1, "e"): 7,
    }


def test_line_of_what_is_not_there_is_that_of_the_block_around_it():
    document = read_yaml("a: 1\nb:\n  c: 1\n")
    assert document.line(("b", "missing", "deeper")) == 2
    assert document.line(("missing",)) == 1


def test_duplicate_keys_are_refused_with_both_lines():
    assert faults("a: 1\nb: {c: 1, c: 2}\na: 2\n") == [
        (2, "this key is already in line 2; keep one of the two"),
        (3, "this key is already in line 1; keep one of the two"),
    ]


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!!str", "!own", "!!binary"])
def test_tags_are_refused(tag):
    ((line, text),) = faults(f"a: 1\nb: {tag} x\n")
    assert line == 2
    assert text.endswith("is not read here; remove it, quotes make a text")


def test_anchors_and_aliases_are_refused():
    assert faults("a: &x [1]\nb: *x\n") == [
        (1, "an anchor (&x) is not read here; remove it and write values out"),
        (2, "an alias (*name) is not read here; write the value out"),
    ]


def test_second_document_is_refused():
    assert faults("a: 1\n---\nb: 2\n") == [
        (2, "a second document begins; write one policy a file, without a further ---")
    ]


def test_another_yaml_version_is_refused():
    assert [text.split(";")[0] for _, text in faults("%YAML 1.1\n---\na: yes\n")] == ["%YAML asks for another version"]
    assert faults("%YAML 1.2\n---\na: yes\n") == []


def test_key_that_is_no_plain_word_is_refused():
    assert faults("a: 1\n? [x]\n: 2\n") == [(2, "a key must be a plain word; put a text with { or [ in quotes")]


def test_a_full_width_colon_is_told_from_a_colon():
    told = "the colon in 'severity：high' is a full-width one; write : and a blank, or put the whole key in quotes"
    assert faults("a: {severity：high, b: 1}\n") == [(1, told)]
    assert faults('"朝：夜": 1\nb: 朝：夜\n') == []


def test_numbers_that_would_lose_digits_are_refused():
    assert faults("a: 0.1234567890123456\nb: 0.123456789012345\nc: 1000000.000000000\n") == [
        (1, '0.1234567890123456 has more than 15 digits; put it in quotes: "0.1234567890123456"')
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [1, 2\n", 1), ("a: 1\n\tb: 2\n", 2), ("a: 1\n b: 2\n", 2), ("a: 'x\n", 1), ("a: b: c\n", 1), ("a: \x07", 1)],
)
def test_broken_syntax_says_line_and_what_to_look_at(text, line):
    ((found, message),) = faults(text)
    assert message.startswith("is not YAML: ")
    assert message.endswith(
        "check indentation (spaces, no tabs), colons, quotes and brackets here and in the line above"
    )
    assert abs(found - line) <= 1  # the parser notices an open bracket or quote at the end


def test_deep_nesting_is_refused():
    ((_, message),) = faults("a: " + "[" * 500 + "]" * 500)
    assert "nested more than 20 deep" in message


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_but_never_raises(text):
    read_yaml(text)
