"""Downloads: pinned, tried again, safe for two processes, offline the second time."""

import hashlib
import http.server
import multiprocessing
import os
import threading

import pytest

from streams.errors import LocalStackError
from streams.local import download, jars

CONTENT = {f"/g/a{i}.jar": os.urandom(200_000) for i in range(6)}
PINNED = [jars.Jar(hashlib.sha256(data).hexdigest(), len(data), path[1:]) for path, data in CONTENT.items()]


class Repository(http.server.BaseHTTPRequestHandler):
    cut_first, wrong, asked = False, False, []

    def do_GET(self):
        self.asked.append(self.path)
        data = CONTENT[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        cut = self.cut_first and self.asked.count(self.path) == 1
        self.wfile.write(data[:1000] if cut else b"x" * len(data) if self.wrong else data)

    def log_message(self, *_):
        pass


@pytest.fixture
def repository(monkeypatch):
    handler = type("Handler", (Repository,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("MAVEN_CENTRAL_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setattr(download, "PAUSE_S", 0.01)
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_second_run_asks_nothing(repository, tmp_path):
    seen = []
    jars.fetch(tmp_path, PINNED, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1_200_000, 1_200_000)
    repository.asked.clear()
    assert [p.read_bytes() for p in jars.fetch(tmp_path, PINNED)] == list(CONTENT.values())
    assert repository.asked == []


def test_a_connection_cut_short_is_tried_again(repository, tmp_path):
    repository.cut_first = True
    seen = []
    jars.fetch(tmp_path, PINNED, lambda done, total: seen.append(done))
    assert len(repository.asked) == 12
    assert seen[-1] == 1_200_000


def test_a_wrong_file_is_never_used(repository, tmp_path):
    repository.wrong = True
    with pytest.raises(LocalStackError, match=r"could not download .*a0\.jar: the 200000 bytes .* another SHA-256"):
        jars.fetch(tmp_path, PINNED)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lock"]


def test_an_address_that_does_not_answer_says_what_can_be_done(monkeypatch, tmp_path):
    monkeypatch.setenv("MAVEN_CENTRAL_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(download, "PAUSE_S", 0.01)
    with pytest.raises(LocalStackError, match=r"refused.*HTTPS_PROXY.*SSL_CERT_FILE.*MAVEN_CENTRAL_URL"):
        jars.fetch(tmp_path, PINNED)


def test_an_interrupted_download_ends_at_once_and_leaves_no_half_files(repository, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jars.fetch(tmp_path, PINNED, interrupt)
    assert not list(tmp_path.glob("*.part"))
    assert [p.read_bytes() for p in jars.fetch(tmp_path, PINNED)] == list(CONTENT.values())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LocalStackError, match=r"cannot be kept in .*file/jars"):
        jars.fetch(tmp_path / "file" / "jars", PINNED)


def test_unreadable_certificates_are_named(monkeypatch, tmp_path):
    for name in download.CERTIFICATES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "none.pem"))
    with pytest.raises(LocalStackError, match=r"none\.pem cannot be read"):
        download.tls()


def test_a_damaged_or_missing_jar_is_fetched_again(repository, tmp_path):
    first, second, *_ = jars.fetch(tmp_path, PINNED)
    first.write_bytes(b"half")
    second.unlink()
    repository.asked.clear()
    jars.fetch(tmp_path, PINNED)
    assert sorted(repository.asked) == sorted(list(CONTENT)[:2])


def test_two_processes_download_once(repository, tmp_path):
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=jars.fetch, args=(tmp_path, PINNED)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(30)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(repository.asked) == 6


def test_the_lock_file_pins_kafka_and_what_it_logs_with():
    names = {jar.name for jar in jars.locked()}
    assert {"kafka_2.13-4.3.1.jar", "kafka-clients-4.3.1.jar", "log4j-slf4j-impl-2.25.4.jar"} <= names
    assert all(len(jar.sha256) == 64 and jar.size > 0 and jar.path.endswith(".jar") for jar in jars.locked())
