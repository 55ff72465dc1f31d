import pytest

from tests.integration.local import support


@pytest.fixture
def stack_elsewhere():
    """`stack_elsewhere(folder, *options)`: see `support.up`; ended after the test."""
    started = []

    def start(folder, *options):
        started.append(support.up(folder, *options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
