"""What is pinned in several places says the same everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from streams.local import jars

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {"core": [], "local": ["local"], "test": ["local", "test"]}


def pinned(name):
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    found = (re.match(r"([\w.-]+)==(\S+)", line) for line in lines)
    return {canonicalize_name(m[1]): m[2] for m in found if m}


@pytest.mark.parametrize("name", EXTRAS)
def test_each_lock_satisfies_what_the_project_asks_for(name):
    asked_for = [*PROJECT["dependencies"], *(r for e in EXTRAS[name] for r in PROJECT["optional-dependencies"][e])]
    have = pinned(name)
    wrong = [r for r in map(Requirement, asked_for) if not r.specifier.contains(have[canonicalize_name(r.name)])]
    assert wrong == []


def test_the_larger_sets_contain_the_smaller_ones():
    core, local, test = map(pinned, EXTRAS)
    assert core.items() <= local.items() <= test.items()


@pytest.mark.parametrize("name", [*EXTRAS, "build", "data"])
def test_each_pinned_package_has_hashes_and_no_lock_names_an_address(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_containers_run_the_same_kafka_and_are_pinned_by_digest():
    services = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
    kafka = next(j.path.split("/")[-2] for j in jars.locked() if j.name.startswith("kafka-clients-"))
    assert services["kafka"]["image"].startswith(f"apache/kafka:{kafka}@sha256:")
    assert re.fullmatch(r"redis:\d+\.\d+\.\d+-alpine@sha256:[0-9a-f]{64}", services["redis"]["image"])
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(bases) == 2
    assert bases[0] == bases[1]
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", bases[0])


def test_the_containers_find_each_other_and_wait_for_each_other():
    services = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
    assert services["worker"]["environment"]["KAKUHAN_BROKERS"] == "kafka:19092"
    assert "INSIDE://kafka:19092" in services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert {name: after["condition"] for name, after in services["worker"]["depends_on"].items()} == {
        "kafka": "service_healthy",
        "redis": "service_healthy",
        "topics": "service_completed_successfully",
    }


def test_the_purchases_of_cdnow_are_here(cdnow):
    # 23,570 customers and 69,659 purchases: Fader & Hardie, "Notes on the CDNOW Master Data Set" (2001).
    lines = [line.split() for line in (cdnow / "CDNOW_master.txt").read_text().splitlines() if line.strip()]
    purchases = [line for line in lines if line[0].isdigit()]
    assert len(purchases) == 69_659
    assert len({line[0] for line in purchases}) == 23_570
