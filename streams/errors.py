"""Everything that can go wrong on purpose; nothing here knows how it is shown.

KakuhanError
├── PolicyError        the policy file cannot be used
├── SettingsError      a setting, option or input file cannot be used
├── LocalStackError    the embedded Kafka or Redis cannot start or stay
├── TopicsError        the topics are not as the worker needs them
├── BrokerError        Kafka did not do what was asked of it
├── ViewError          Redis did not do what was asked of it
├── LoadError          a history load was refused or did not finish
└── EngineError        something that must never be acknowledged
    └── FencedError    this worker no longer owns its partition

The command line prints the message alone and exits with status 1, so each message says where, what was expected
and what to do.
"""


class KakuhanError(Exception):
    """Base of every error that carries a message for a person."""


class PolicyError(KakuhanError):
    """The policy file cannot be used; the message names file, line and key."""


class SettingsError(KakuhanError):
    """A setting, option or input file cannot be used."""


class LocalStackError(KakuhanError):
    """The embedded Kafka or Redis cannot start or stay."""


class TopicsError(KakuhanError):
    """The topics are not as the worker needs them."""


class BrokerError(KakuhanError):
    """Kafka did not do what was asked of it."""


class ViewError(KakuhanError):
    """Redis did not do what was asked of it."""


class LoadError(KakuhanError):
    """A history load was refused or did not finish."""


class EngineError(KakuhanError):
    """Something unexpected that must never be acknowledged."""


class FencedError(EngineError):
    """This worker no longer owns its partition and must write nothing more."""
