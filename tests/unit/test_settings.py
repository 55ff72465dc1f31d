"""Settings: where they come from, what they are called, what is refused and how it is said."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.settings import Settings


def test_without_any_variable_the_documented_defaults_hold() -> None:
    settings = Settings.from_env({})
    assert settings.brokers == "127.0.0.1:9092"
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert settings.app == "kakuhan"
    assert settings.redis_prefix == "kakuhan:"
    assert settings.policy == Path("policies/b2b.yaml")
    assert (settings.partitions, settings.replication) == (8, 1)
    assert (settings.events_retention_days, settings.signals_retention_days) == (0, 90)
    assert settings.dead_letter_retention_days == 30


def test_topics_have_the_names_that_senders_and_readers_use() -> None:
    settings = Settings()
    assert settings.sources == ("purchases", "web-behaviour", "crm-activities", "press-releases", "accounts")
    assert settings.web_behaviour == "web-behaviour"
    assert settings.events == "events"
    assert settings.changelog == "kakuhan-customers-changelog"
    assert settings.customer_states == "customer-states"
    assert settings.dead_letters == "dead-letters"
    assert settings.unmatched_companies == "unmatched-companies"
    assert (settings.signals, settings.loads) == ("signals", "loads")


def test_a_prefix_stands_before_every_topic_and_is_taken_off_again() -> None:
    settings = Settings(topic_prefix="tokyo.", app="fold-2")
    assert settings.purchases == "tokyo.purchases"
    assert settings.crm_activities == "tokyo.crm-activities"
    assert settings.press_releases == "tokyo.press-releases"
    assert settings.accounts == "tokyo.accounts"
    assert settings.changelog == "tokyo.fold-2-customers-changelog"
    assert settings.without_prefix("tokyo.purchases") == "purchases"


def test_variables_are_read_and_options_win_over_them() -> None:
    environ = {
        "KAKUHAN_BROKERS": "kafka-1:9092,kafka-2:9093",
        "KAKUHAN_PARTITIONS": "3",
        "KAKUHAN_POLICY": "p/b2c.yaml",
    }
    settings = Settings.from_env(environ, partitions=5, app=None)
    assert settings.brokers == "kafka-1:9092,kafka-2:9093"
    assert settings.partitions == 5
    assert settings.app == "kakuhan"
    assert settings.policy == Path("p/b2c.yaml")


def test_a_policy_given_as_text_is_a_path() -> None:
    assert Settings.from_env({}, policy="p/b2c.yaml").policy == Path("p/b2c.yaml")


def test_an_empty_variable_is_a_missing_one() -> None:
    assert Settings.from_env({"KAKUHAN_APP": ""}).app == "kakuhan"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KAKUHAN_BROKERS", "localhost"),
        ("KAKUHAN_BROKERS", "localhost:0"),
        ("KAKUHAN_BROKERS", "localhost:99999"),
        ("KAKUHAN_BROKERS", "a:1,,b:2"),
        ("KAKUHAN_APP", "my app"),
        ("KAKUHAN_TOPIC_PREFIX", "日本."),
        ("KAKUHAN_PARTITIONS", "eight"),
        ("KAKUHAN_PARTITIONS", "0"),
        ("KAKUHAN_PARTITIONS", "-1"),
        ("KAKUHAN_REPLICATION", "1.5"),
        ("KAKUHAN_SIGNALS_RETENTION_DAYS", "40000"),
    ],
)
def test_a_bad_value_is_refused_with_its_variable_and_what_was_found(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({variable: value})
    assert str(caught.value).startswith(variable)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:6379",
        "http://127.0.0.1",
        "redis://",
        "redis://:s3cret@h:99999/0",
        "redis://:s3cret@h/first",
        "redis://:s3cret@h/0?db=first",
        "redis://:s3cret@h/0?socket_timeout=abc",
        "redis://:s3cret@h/0?nonsense",
    ],
)
def test_a_bad_redis_address_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="KAKUHAN_REDIS_URL") as caught:
        Settings.from_env({"KAKUHAN_REDIS_URL": url})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "rediss://user:pw@h:6380/1",
        "rediss://h:6380/1?ssl_cert_reqs=none&ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=2",
        "redis://[::1]:6379/0",
        "redis://h",
        "redis://h/?db=3",
    ],
)
def test_other_forms_of_redis_addresses_are_taken(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


def test_an_empty_redis_prefix_is_refused_since_clearing_a_view_would_clear_everything() -> None:
    with pytest.raises(SettingsError, match="KAKUHAN_REDIS_PREFIX"):
        Settings(redis_prefix="")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().app = "other"  # type: ignore[misc]
