"""`kakuhan policy check` as a person uses it."""

from __future__ import annotations

from click.testing import CliRunner

from streams.cli.policy import policy as group


def check(*arguments: str):
    return CliRunner().invoke(group, ["check", *arguments])


def written(tmp_path, text: str) -> str:
    file = tmp_path / "p.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_good_policy_is_summed_up(tmp_path, small):
    ran = check(written(tmp_path, small))
    assert ran.exit_code == 0
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    version = lines[0].removeprefix("version    ")
    assert lines == [
        f"version    {version}",
        "time zone  Asia/Tokyo",
        "currency   JPY",
        "value      contract, high from 1000, low below 800",
        "potential  0 to 100, high from 18, low below 12",
        "points     2 point rules, 2 facts",
        "rules      1 buying signal, 1 churn risk",
        "segments   stay at least 0 days after a change",
        "onboarding 0 days from the first purchase",
        "words      1 page group, 1 press category, 1 playbook",
        f"OK {version}",
    ]
    assert version.startswith("small@")


def test_warnings_go_to_stderr_and_leave_it_usable(tmp_path, small):
    file = written(tmp_path, small.replace("leave: 800", "leave: 1000"))
    ran = check(file)
    assert ran.exit_code == 0
    assert ran.stderr.splitlines() == [
        f"warning: {file}:7: value.high.leave: is equal to enter: customers near it go up and down; set it lower"
    ]
    assert ran.stdout.splitlines()[-1].endswith(" with 1 warning")


def test_faults_end_with_1(tmp_path, small):
    file = written(tmp_path, small.replace("Asia/Tokyo", "Asia/Tokio").replace("cap: 15", "cap: 0"))
    ran = check(file)
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert ran.stderr.splitlines() == [
        f'{file}:3: timezone: found "Asia/Tokio"; did you mean "Asia/Tokyo"?',
        f"{file}:19: potential.points[pricing-view].cap: found 0; write a number greater than 0",
        f"{file}: 2 faults, not usable",
    ]


def test_wrong_usage_ends_with_2(tmp_path):
    assert check().exit_code == 2
    assert check(str(tmp_path / "none.yaml")).exit_code == 2
    assert check(str(tmp_path)).exit_code == 2


def test_help_says_what_it_does():
    ran = CliRunner().invoke(group, ["check", "--help"])
    assert ran.exit_code == 0
    assert "file, line, key and what to write instead" in " ".join(ran.stdout.split())
