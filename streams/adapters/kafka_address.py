"""Does anybody answer where Kafka should be, and what to tell a person if not.

It must not know which client library speaks to it.
"""

from __future__ import annotations

import socket

from streams.errors import BrokerError

KNOCK_S = 3.0  # a machine that does not accept a connection within that time is away


def away(brokers: str, why: object) -> BrokerError:
    """The error that says where Kafka was looked for, what happened, and what to do."""
    return BrokerError(
        f"Kafka at {brokers} does not answer ({why}); start it with `kakuhan local up`, or give its address with "
        "--brokers or KAKUHAN_BROKERS"
    )


def require_answer(brokers: str) -> None:
    """Knock at the brokers: clients try for long where nobody answers, and leave sockets open.

    Raises:
        BrokerError: None of them accepts a connection.
    """
    errors = []
    for broker in brokers.split(","):
        host, _, port = broker.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()
        except OSError as error:
            errors.append(error)
        else:
            return
    raise away(brokers, errors[0].strerror or errors[0])
