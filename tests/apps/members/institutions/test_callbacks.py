"""Where notices go: never where only the node can reach, never on, never for long."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from tests.apps.members.institutions.bank import open_bank

from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.members.institutions import jobs, queries
from creditmesh.apps.members.institutions.models import Notice
from creditmesh.apps.members.institutions.operations import calling, noticing, posting
from creditmesh.apps.members.institutions.operations.calling import Caller
from creditmesh.apps.members.institutions.rules import callbacks
from creditmesh.apps.members.institutions.rules.callbacks import AddressRefused, BadCallback
from creditmesh.apps.members.institutions.rules.notices import PAUSES, pause_after
from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import PrivateKey
from creditmesh.kernel.errors import CreditmeshError

NODE = PrivateKey.generate()
LOOPBACK = ("127.0.0.0/8",)


@dataclass
class Server:
    """An institution's server, on this machine."""

    port: int
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://bank.example:{self.port}/notices?from=node"


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            url = f"http://{self.headers['Host']}{self.path}"
            one.got.append(Request("POST", url, dict(self.headers.items()), body))
            status, headers = one.answers.pop(0) if one.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        one = Server(port=running.server_port)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield one
        running.shutdown()
        thread.join()


def caller(*, networks=LOOPBACK, resolve=lambda _host, _port: ["127.0.0.1"], plain=True) -> Caller:
    return Caller(key=NODE, key_id="node", networks=networks, plain_allowed=plain, resolve=resolve)


def now() -> datetime:
    return datetime.now(UTC)


class TestAnAddressForNotices:
    @pytest.mark.parametrize(
        "url",
        [
            "http://bank.example/x",
            "ftp://bank.example/",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://user@bank.example/",
            "https://user:secret@bank.example/",
            "https://bank.example/#part",
            "https://bank.example:99999/",
            "https://bank.example:x/",
            "https://银行.example/",
            "https://bank.example/a b",
            "https://bank.example/\r\nHost: other",
            "https://[::1",
            "https://bank.example/" + "a" * 500,
            "javascript:alert(1)",
            "",
        ],
    )
    def test_is_refused(self, url):
        with pytest.raises(BadCallback):
            callbacks.target(url, plain_allowed=False)

    def test_is_taken_apart(self):
        found = callbacks.target("https://bank.example:8443/in?a=1", plain_allowed=False)
        assert (found.host, found.port, found.path, found.secure) == ("bank.example", 8443, "/in?a=1", True)
        plain = callbacks.target("http://bank.example", plain_allowed=True)
        assert (plain.port, plain.path, plain.secure) == (80, "/", False)


class TestAnIpAddress:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",  # noqa: S104
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "2130706433",
            "0x7f000001",
            "",
            "bank.example",
        ],
    )
    def test_that_only_the_node_can_reach_is_refused(self, address):
        assert not callbacks.reachable(address, networks=())

    @pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8"])
    def test_of_the_open_net_is_reached(self, address):
        assert callbacks.reachable(address, networks=())

    def test_of_a_network_the_operator_named_is_reached(self):
        assert callbacks.reachable("10.8.3.4", networks=("10.8.0.0/16", "fd12::/16"))
        assert not callbacks.reachable("10.9.3.4", networks=("10.8.0.0/16",))

    @pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "100.100.100.200"])
    def test_that_gives_out_credentials_is_refused_whatever_the_operator_named(self, address):
        assert not callbacks.reachable(address, networks=("0.0.0.0/0", "::/0"))


class TestAPost:
    def message(self, url: str) -> posting.Post:
        return posting.Post(target=callbacks.target(url, plain_allowed=True), headers={}, body=b"{}")

    def test_arrives(self, server):
        posting.post(self.message(server.url), networks=LOOPBACK, resolve=lambda _h, _p: ["127.0.0.1"])
        assert [one.body for one in server.got] == [b"{}"]

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "127.1"]
    )
    def test_to_this_machine_by_any_spelling_is_refused_before_it_is_sent(self, server, host):
        message = self.message(f"http://{host}:{server.port}/")
        with pytest.raises((AddressRefused, posting.NotDelivered)):
            posting.post(message, networks=())
        assert server.got == []

    def test_to_a_name_that_leads_to_a_private_address_is_refused(self, server):
        with pytest.raises(AddressRefused):
            posting.post(self.message(server.url), networks=(), resolve=lambda _h, _p: ["10.0.0.1"])

    def test_to_a_name_with_one_private_address_among_others_is_refused(self, server):
        with pytest.raises(AddressRefused):
            posting.post(
                self.message(server.url), networks=(), resolve=lambda _h, _p: ["8.8.8.8", "127.0.0.1"]
            )

    def test_goes_to_the_address_that_was_judged_though_the_name_has_moved_on(self, server):
        asked = []

        def resolve(host: str, _port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

        posting.post(self.message(server.url), networks=("127.0.0.1/32",), resolve=resolve)
        assert asked == ["bank.example"]
        assert len(server.got) == 1

    def test_follows_no_redirect(self, server):
        server.answers = [(302, {"Location": f"http://127.0.0.1:{server.port}/other"})]
        with pytest.raises(posting.NotDelivered, match="answered 302"):
            posting.post(self.message(server.url), networks=LOOPBACK, resolve=lambda _h, _p: ["127.0.0.1"])
        assert len(server.got) == 1

    def test_to_a_server_that_never_ends_its_answer_is_given_up(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            stop = threading.Event()

            def drip() -> None:
                peer, _ = listening.accept()
                with peer:
                    peer.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not stop.wait(0.02):
                        try:
                            peer.sendall(b"X-Slow: a\r\n")
                        except OSError:
                            return

            thread = threading.Thread(target=drip)
            thread.start()
            url = f"http://bank.example:{listening.getsockname()[1]}/"
            try:
                with pytest.raises(posting.NotDelivered):
                    posting.post(
                        self.message(url),
                        networks=LOOPBACK,
                        resolve=lambda _h, _p: ["127.0.0.1"],
                        seconds=0.3,
                    )
            finally:
                stop.set()
                thread.join()

    def test_where_nobody_listens_fails_with_a_word(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with pytest.raises(posting.NotDelivered, match="connection failed"):
            posting.post(
                self.message(f"http://bank.example:{port}/"),
                networks=LOOPBACK,
                resolve=lambda _h, _p: ["127.0.0.1"],
            )

    def test_over_tls_to_one_without_a_good_certificate_fails(self, server):
        with pytest.raises(posting.NotDelivered):
            posting.post(
                self.message(server.url.replace("http:", "https:")),
                networks=LOOPBACK,
                resolve=lambda _h, _p: ["127.0.0.1"],
            )
        assert server.got == []


@pytest.mark.django_db
class TestANotice:
    def made(self, url: str = ""):
        bank = open_bank()
        if url:
            noticing.direct(by=bank.person, url=url, plain_allowed=True, at=now())
        about = {"subject": "91990121MA00000002", "item": "PEN-01"}
        return bank, noticing.notify(institution=bank.code, kind="record.corrected", about=about, at=now())

    def test_waits_in_the_inbox_when_there_is_no_address(self):
        bank, notice = self.made()
        assert notice.delivery == "inbox"
        assert not Event.objects.filter(name="notice.made").exists()
        (told,) = bank.get("/api/v1/notices").json()["notices"]
        assert (told["kind"], told["about"]["item"]) == ("record.corrected", "PEN-01")

    def test_is_acknowledged_once(self):
        bank, notice = self.made()
        path = f"/api/v1/notices/{notice.uuid}/acknowledge"
        first = bank.post(path, None).json()
        assert first["acknowledged_at"]
        assert bank.post(path, None).json() == first
        assert bank.get("/api/v1/notices?unread=true").json()["notices"] == []

    def test_of_another_institution_is_not_there(self):
        _, notice = self.made()
        other = open_bank("bank-two")
        path = f"/api/v1/notices/{notice.uuid}/acknowledge"
        strange = other.post(path, None)
        missing = other.post(path.replace(str(notice.uuid)[:8], "00000000"), None)
        assert strange.status_code == missing.status_code == 404
        assert strange.json()["title"] == missing.json()["title"]
        assert other.get("/api/v1/notices").json()["notices"] == []

    def test_pages_through(self):
        bank, _ = self.made()
        for number in range(4):
            noticing.notify(institution=bank.code, kind="x", about={"n": number}, at=now())
        first = bank.get("/api/v1/notices?size=3").json()
        rest = bank.get(f"/api/v1/notices?size=3&before={first['older']}").json()
        assert (len(first["notices"]), len(rest["notices"]), rest["older"]) == (3, 2, None)

    def test_is_sent_and_signed_by_the_node(self, server):
        _, notice = self.made(server.url)
        assert Event.objects.get(name="notice.made").key == str(notice.uuid)
        assert calling.deliver(notice=notice.uuid, caller=caller(), at=now()) is None
        (got,) = server.got
        signed = messages.verify_request(
            got, resolve=lambda one: NODE.public if one == "node" else None, now=int(time.time())
        )
        assert signed.keyid == "node"
        assert json.loads(got.body)["notice"] == str(notice.uuid)
        assert Notice.objects.get().delivery == "delivered"
        assert calling.deliver(notice=notice.uuid, caller=caller(), at=now()) is None
        assert len(server.got) == 1

    def test_is_tried_again_after_growing_pauses_and_then_given_up(self, server):
        bank, notice = self.made(server.url)
        server.answers = [(500, {})] * (len(PAUSES) + 1)
        at, pauses = now(), []
        while True:
            again = calling.deliver(notice=notice.uuid, caller=caller(), at=at)
            if again is None:
                break
            pauses.append(again - at)
            assert calling.deliver(notice=notice.uuid, caller=caller(), at=at) is None  # not yet due
            at = again
        assert tuple(pauses) == PAUSES == tuple(sorted(PAUSES))
        assert queries.dead_letters() == {bank.code: 1}
        assert Notice.objects.get().trouble == "answered 500"
        assert Entry.objects.filter(act="notice.give_up").count() == 1
        assert calling.try_again(institution=bank.code, at=at) == 1
        assert calling.deliver(notice=notice.uuid, caller=caller(), at=at) is None
        assert Notice.objects.get().delivery == "delivered"

    def test_to_a_private_address_is_never_sent(self, server):
        _, notice = self.made(server.url)
        assert calling.deliver(notice=notice.uuid, caller=caller(networks=()), at=now()) is not None
        assert server.got == []
        assert "private" in Notice.objects.get().trouble

    def test_goes_nowhere_by_http_outside_a_demonstration(self, server):
        _, notice = self.made(server.url)
        calling.deliver(notice=notice.uuid, caller=caller(plain=False), at=now())
        assert server.got == []

    @pytest.mark.usefixtures("node")
    def test_is_sent_by_the_worker(self):
        _, notice = self.made("https://127.0.0.1/notices")
        jobs.send_notice.func(str(notice.uuid))
        row = Notice.objects.get()
        assert (row.delivery, row.attempts) == ("waiting", 1)
        assert row.trouble.startswith("This name leads to a private")
        assert jobs.resume_notices.func() == 0
        Notice.objects.update(next_at=now() - timedelta(minutes=1))
        assert jobs.resume_notices.func() == 1

    def test_address_is_set_by_the_institutions_people_alone(self):
        bank = open_bank()
        with pytest.raises(CreditmeshError):
            noticing.direct(by=bank.person, url="http://x.example", plain_allowed=False, at=now())
        noticing.direct(by=bank.person, url="https://x.example/in", plain_allowed=False, at=now())
        assert queries.institution(bank.code).callback == "https://x.example/in"
        noticing.direct(by=bank.person, url="", plain_allowed=False, at=now())
        assert queries.institution(bank.code).callback == ""


def test_pauses_end():
    assert pause_after(1) == PAUSES[0]
    assert pause_after(len(PAUSES) + 1) is None
