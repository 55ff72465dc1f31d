from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.local import LocalStack
from tests.integration.engine.kit import OWN, Bed


@pytest.fixture
def bed(stack: LocalStack, names: Any, tmp_path: Path) -> Iterator[Bed]:
    """A bed with the four topics of a fold, two partitions each."""
    made = Bed(stack.brokers, names.prefix, names.app, tmp_path)
    made.create(*OWN)
    yield made
    made.close()
