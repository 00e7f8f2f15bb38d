"""One exchange over real sockets: kept connections, bounds, and what happens when the other side goes away."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import pytest

from creditmesh.client import wire
from creditmesh.client.refusals import Unreachable
from creditmesh.client.wire import Wire


class Other(BaseHTTPRequestHandler):
    """The other side: counts connections, can hang up after an answer."""

    protocol_version = "HTTP/1.1"
    connections = 0
    hang_up = False
    seen: list[tuple[str, str, bytes]]

    def setup(self) -> None:
        type(self).connections += 1
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.command, self.path, body))
        self.send_response(200)
        self.send_header("X-One", "a")
        self.send_header("X-One", "b")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
        self.close_connection = self.hang_up

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_unused: Any) -> None:
        """Stay silent."""


@pytest.fixture
def other() -> Iterator[tuple[type[Other], str]]:
    """A server of its own for the test, and its address."""
    handler = type("Handler", (Other,), {"seen": [], "connections": 0})
    server: HTTPServer = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class TestAWire:
    def test_keeps_its_connection(self, other):
        handler, address = other
        line = Wire(address, timeout=10)
        for number in range(3):
            got = line.exchange("POST", f"/{number}", headers={"X": "y"}, body=b"body")
            assert (got.status, got.body, got.header("x-one"), got.header("x-two")) == (
                200,
                b"hello",
                "a, b",
                "",
            )
        line.close()
        assert handler.connections == 1
        assert handler.seen == [("POST", f"/{number}", b"body") for number in range(3)]

    def test_opens_another_when_the_kept_one_was_closed(self, other):
        handler, address = other
        handler.hang_up = True
        line = Wire(address, timeout=10)
        for _ in range(3):
            # The other side hangs up without saying so.
            assert line.exchange("GET", "/", headers={}, body=b"").status == 200
        line.close()
        line.close()
        assert handler.connections == 3
        assert len(handler.seen) == 3

    def test_says_when_nobody_answers(self, other):
        _, address = other
        line = Wire(address.rpartition(":")[0] + ":1", timeout=1)
        with pytest.raises(Unreachable, match="did not answer"):
            line.exchange("GET", "/", headers={}, body=b"")

    def test_reads_no_more_than_it_can_hold(self, other, monkeypatch):
        monkeypatch.setattr(wire, "LARGEST_ANSWER", 4)
        line = Wire(other[1], timeout=10)
        with pytest.raises(Unreachable, match="larger"):
            line.exchange("GET", "/", headers={}, body=b"")

    def test_speaks_tls_to_https(self, other):
        line = Wire(other[1].replace("http:", "https:"), timeout=5)
        with pytest.raises(Unreachable):
            line.exchange("GET", "/", headers={}, body=b"")

    @pytest.mark.parametrize(
        "address",
        [
            "node.example",
            "ftp://node.example",
            "https://",
            "https://node.example/api",
            "https://node.example?x=1",
            "http://node.example",
        ],
    )
    def test_leads_only_where_it_is_safe(self, address):
        with pytest.raises(ValueError, match=r"address|https"):
            Wire(address, timeout=1)
