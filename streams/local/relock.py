"""Maintainer's tool: `python -m streams.local.relock 4.3.1 > kafka.lock` pins another Kafka.

It must not run as part of the product: it believes what the repository says today, which is what a lock is against.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from streams.errors import LocalStackError
from streams.local.download import SILENCE_S, tls
from streams.local.jars import Jar, repository

LOGGING = ("org.apache.logging.log4j", "log4j-core", "log4j-slf4j-impl")  # without the last one Kafka logs nothing


def resolve(version: str) -> Iterator[Jar]:
    """Every jar that Kafka of that version needs at run time, compared with its published SHA-1.

    Raises:
        LocalStackError: a jar is not the published one.
    """
    for group, artifact, its_version in sorted(_coordinates(version)):
        path = f"{group.replace('.', '/')}/{artifact}/{its_version}/{artifact}-{its_version}.jar"
        jar, published = _get(path), _get(f"{path}.sha1").decode().split()[0]
        if hashlib.sha1(jar, usedforsecurity=False).hexdigest() != published:
            raise LocalStackError(f"{path} is not the file whose SHA-1 is published")
        yield Jar(hashlib.sha256(jar).hexdigest(), len(jar), path)


def _coordinates(version: str) -> set[tuple[str, str, str]]:
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext

    with tempfile.TemporaryDirectory() as scratch:
        context = MavenContext(repo_cache=Path(scratch) / "m2", timeout=60)
        builder = EnvironmentBuilder(context=context, cache_dir=Path(scratch) / "environments")
        environment = builder.from_endpoint(f"org.apache.kafka:kafka_2.13:{version}")
        found = {(d.groupId, d.artifactId, d.version) for d in environment.lockfile.dependencies}
    group, core, binding = LOGGING
    return found | {(group, binding, v) for g, artifact, v in found if (g, artifact) == (group, core)}


def _get(path: str) -> bytes:
    with urllib.request.urlopen(f"{repository()}/{path}", timeout=SILENCE_S, context=tls()) as reply:
        return bytes(reply.read())


def main(version: str) -> None:
    """Print the lock file."""
    print(f"# Apache Kafka {version} (Scala 2.13): SHA-256, size in bytes, path below a Maven repository.")
    print(f"# Written by `python -m streams.local.relock {version}`.")
    for jar in resolve(version):
        print(jar.sha256, jar.size, jar.path)


if __name__ == "__main__":
    main(sys.argv[1])
