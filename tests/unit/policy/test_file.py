"""Reading a policy file: what the errors say that no single key causes."""

from __future__ import annotations

import pytest

from streams.errors import PolicyError
from streams.policy_file import load_policy, read_policy


def refused(file) -> str:
    with pytest.raises(PolicyError) as error:
        load_policy(file)
    return str(error.value)


def test_a_valid_file(tmp_path, small):
    file = tmp_path / "p.yaml"
    file.write_text(small, encoding="utf-8")
    assert load_policy(str(file)).version == "small"
    assert read_policy(file).at(("rules", 1, "silent_days")) == f"{file}:26: rules[quiet].silent_days"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path, small):
    file = tmp_path / "p.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + small.replace("\n", "\r\n").encode())
    assert load_policy(file).version == "small"


def test_missing_file(tmp_path):
    file = tmp_path / "none.yaml"
    told = "name an existing policy file (most commands: --policy or KAKUHAN_POLICY)"
    assert refused(file) == f"{file}: cannot be read (No such file or directory); {told}"


def test_a_directory(tmp_path):
    told = "name an existing policy file (most commands: --policy or KAKUHAN_POLICY)"
    assert refused(tmp_path) == f"{tmp_path}: cannot be read (Is a directory); {told}"


def test_not_utf8_says_the_line(tmp_path, small):
    file = tmp_path / "p.yaml"
    file.write_bytes(small.encode().replace("解約".encode(), "解約".encode("cp932")))
    assert refused(file) == f"{file}:38: is not UTF-8; save the file as UTF-8"


def test_too_large(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_bytes(b"#" * 1_048_577)
    assert refused(file) == f"{file}: is larger than 1048576 bytes; name a policy file"


def test_empty_file_names_every_required_key(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("# nothing yet\n")
    required = [
        "policy_format",
        "version",
        "timezone",
        "currency",
        "value",
        "rfm",
        "potential",
        "lifecycle",
        "segments",
    ]
    assert refused(file).splitlines() == [f"{file}:1: {key}: is missing; write this key" for key in required]


def test_a_list_instead_of_keys(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("- a\n")
    assert refused(file) == f"{file}:1: found a list; write a block of keys, one `key: value` a line"


def test_faults_of_yaml_and_of_the_policy_come_together(refusals):
    found = refusals(("version: small", "version: small\nversion: other"), ("severity: medium", "severity: middle"))
    assert found == [
        "3: version: this key is already in line 2; keep one of the two",
        '33: segments.retain.severity: found "middle"; write one of: low, medium, high',
    ]


def test_broken_syntax_hides_no_line(tmp_path, small):
    file = tmp_path / "p.yaml"
    file.write_text(small.replace("recency_days: [30", "recency_days: {30"), encoding="utf-8")
    assert refused(file).startswith(f"{file}:9: is not YAML: ")
