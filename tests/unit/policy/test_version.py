"""The version of a policy: what its author called it, and a digest of what is written."""

from __future__ import annotations

import subprocess

from schemas.policy import canonical_json


def test_canonical_json_sorts_and_escapes_nothing():
    data = {"b": [1, 0.3, "1.50", True, None], "a": {"日": "本/\u00e9", "Z": 1.0}}
    assert canonical_json(data) == '{"a":{"Z":1.0,"日":"本/é"},"b":[1,0.3,"1.50",true,null]}'.encode()


def test_version_is_name_and_digest_of_the_file_as_written(read):
    file = read()
    # coreutils hash the same bytes; the bytes themselves are written out by hand in the test above
    digest = subprocess.run(
        ["sha256sum"], input=canonical_json(file.document.data), capture_output=True, check=True
    ).stdout.decode()
    assert file.policy.policy_version == f"small@{digest[:8]}"


def test_comments_quotes_style_and_order_of_keys_do_not_change_it(policy):
    version = policy().policy_version
    assert policy(("version: small", "# a comment\nversion: 'small'")).policy_version == version
    assert policy(("{enter: 18, leave: 12}", "\n    leave: 12\n    enter: 18")).policy_version == version


def test_a_default_written_out_changes_it(policy):
    assert policy(("version: small", "version: small\nmax_future_s: 300")).policy_version != policy().policy_version


def test_a_number_changes_it(policy):
    changed = policy(("at_least: 0.1", "at_least: 0.2")).policy_version
    assert changed.startswith("small@")
    assert changed != policy().policy_version
