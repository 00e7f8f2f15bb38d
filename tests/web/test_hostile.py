"""Input nobody sends by accident: every answer is a page or a problem that says what is wrong, never a fault."""

import csv
import io
import json
import re
from functools import partial

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web import doors, town
from tests.web.hostile import EVERYONE, GOOD, NASTY, body, browser, fine, first_to, pages, readers, send

from creditmesh.apps.evaluation.grading.models import RiskStanding
from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties.models import CreditSubject, User
from creditmesh.apps.ground.parties.rules import SubjectRow
from creditmesh.apps.ground.records.models import Batch, ReviewCase
from creditmesh.kernel.names import name_grams, normalise_name
from creditmesh.web.access import declared_permission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]

READERS = ("operator", "regulator", "officer")  # each door is tried by the first of them who may pass it
SCRIPT = "<script>alert(1)</script>"
BREAKOUTS = (SCRIPT, '"><img src=x onerror=alert(1)>', "</script><svg onload=alert(1)>")
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("//evil")')
BODIES = (
    b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"\x00", b'{"system": "\\ud800"}', b'{"system": "\\u0000"}', b"[" * 20_000,
    b'{"why": "\\u0000", "subject": null}', b'{"why": "\\ud800", "subject": null}', b'{"why": "x", "subject": "\\u0000"}',
    b'{"system": "general", "as_of": "2026-02-30"}', b'{"system": {"a": 1}}', b'{"system": "general", "as_of": 1e400}',
    b'{"system": "general", "as_of": 99999999999999}', b'{"system": "' + b"x" * 200_000 + b'"}', b"9" * 6_000,
    b'{"system": "general", "as_of": "0001-01-01"}', b'{"system": "general", "as_of": "9999-12-31"}',
)  # fmt: skip


class TestTextFromOutside:
    def test_is_shown_and_never_run(self, item, source):
        text = "".join(BREAKOUTS)
        Batch.objects.update(filename=text, refusal=text)
        CreditSubject.objects.update(name=text, name_normal=normalise_name(text), name_grams=name_grams(text))
        RiskStanding.objects.update(name=text)
        ReviewCase.objects.update(name=text, values=json.dumps({text: text}))
        User.objects.update(full_name=text)
        shown = 0
        for username in READERS:
            client = browser(username)
            mine = partial(first_to, username, READERS)
            reading = {
                door.path: names for door, names in readers(client, "GET", item=item, source=source, of=mine)
            }
            for door in filter(mine, pages(item, source)):
                names = reading.get(door.path, [])
                alone = [{one: text} for one in names]
                for query in ({}, {"system": "general"}, *alone) if names else ({},):
                    said = fine(client.get(door.path, query), door.path, query)
                    assert [one for one in BREAKOUTS if one in said] == [], (door.path, query)
                    shown += said.count(text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))
        assert shown > 5

    @pytest.mark.parametrize("username", EVERYONE)
    def test_could_not_run_anyway(self, username, item, source):
        client = browser(username)
        for door in pages(item, source, username=username):
            if not first_to(username, EVERYONE, door):
                continue
            answer = client.get(door.path)
            policy = dict(
                part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";")
            )
            assert policy["default-src"] == "'self'", door.path
            assert policy["object-src"] == "'none'"
            assert not {"script-src", "style-src", "connect-src"} & set(policy)
            said = body(answer)
            for tag in re.findall(r"<script[^>]*>", said):
                assert "src=" in tag or 'type="application/json"' in tag, (door.path, tag)
            assert re.findall(r"\son[a-z]+=\"|\sstyle=\"|javascript:", said) == [], door.path

    @pytest.mark.parametrize("text", FORMULAS)
    def test_computes_nothing_in_a_list_taken_along(self, text):
        RiskStanding.objects.update(name=text)
        client = browser("regulator")
        for form in ("csv", "xlsx"):
            by_page = client.post("/enterprises/export/?system=general", {"form": form, "why": "x"})
            by_api = client.get(f"/api/v1/systems/general/export.{form}?why=x")
            for answer in (by_page, by_api):
                for row in table(answer, form):
                    assert [
                        cell for cell in row if str(cell or "").startswith(("=", "+", "-", "@", "\t", "\r"))
                    ] == []
                    assert all(text not in str(cell) or str(cell) == f"'{text}" for cell in row), row

    @pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a/../../b.csv", "CON.csv",
                                      "x" * 400 + ".csv", "\u202egpj.csv", "a\r\nSet-Cookie: x=y.csv", "\u0000.csv"])  # fmt: skip
    def test_as_a_file_name_leads_nowhere_else(self, name, item, source, node):
        client = browser("officer")
        file = SimpleUploadedFile("x.csv", b"a,b\n1,2\n")
        file._name = name
        sent = [
            client.post("/batches/new/", {"item": item, "source": source, "file": file}),
            client.post(f"/api/v1/batches?item={item}&source={source}", {"file": SimpleUploadedFile(name, b"a,b\n3,4\n")},
                        headers={"Idempotency-Key": "k1"}),
            client.post(f"/api/v1/batches?{_query(item=item, source=source, filename=name)}", b"a,b\n5,6\n",
                        content_type="text/csv", headers={"Idempotency-Key": "k2"}),
        ]  # fmt: skip
        for answer in sent:
            fine(answer, name)
        for kept in Batch.objects.filter(uuid__in=list(_uuids(sent))):
            assert not set(kept.filename) & {"/", "\\", "\r", "\n", "\0"}
        outside = [
            one for one in node.home.parent.rglob("*") if one.is_file() and node.home not in one.parents
        ]
        assert outside == []


class TestNonsense:
    @pytest.mark.parametrize("username", READERS[:2])
    def test_in_a_query_is_answered(self, username, item, source):
        client = browser(username)
        asked = 0
        mine = partial(first_to, username, READERS[:2])
        for door, names in readers(client, "GET", item=item, source=source, of=mine):
            for fields in nonsense(names, {"system": "general"}):
                send(client, "GET", door.path, fields)
            asked += 1
        assert asked > 10

    @pytest.mark.parametrize("username", ["operator", "regulator"])
    def test_in_an_address_is_answered(self, username):
        client = browser(username)
        for form in ("/enterprises/{}/", "/catalogue/{}/", "/catalogue/{}/template.xlsx", "/systems/{}/", "/people/{}/",
                     "/quality/{}/PEN-01/", "/quality/x/{}/", "/batches/{}/", "/runs/{}/", "/reviews/{}/", "/{}",
                     "/api/v1/items/{}", "/api/v1/items/{}/template", "/api/v1/batches/{}", "/api/v1/runs/{}",
                     "/api/v1/systems/{}/standings", "/api/v1/systems/general/subjects/{}", "/static/{}",
                     "/api/v1/systems/general/export.{}?why=x"):  # fmt: skip
            for text in NASTY:
                path = form.format(_quoted(text))
                fine(client.get(path), form, text)
                fine(client.post(path, {"why": text, "username": text, "role": text}), form, text)

    @pytest.mark.parametrize("username", READERS)
    def test_in_a_form_is_answered(self, username, item, source):
        client = browser(username)
        asked = 0
        mine = partial(first_to, username, READERS)
        for door, names in readers(client, "POST", item=item, source=source, of=mine):
            for fields in nonsense(names, GOOD):
                send(client, "POST", door.path, fields)
            asked += 1
        assert asked > 2

    @pytest.mark.parametrize("text", NASTY)
    def test_beside_something_good_is_answered(self, text):
        client = browser("operator")
        case = ReviewCase.objects.get().pk
        for path, fields in (
            ("/people/", {"name": text, "code": "NEW-1", "kind": "bank"}),
            ("/people/BANK/", {"username": "newcomer", "full_name": text, "role": "bank_staff"}),
            ("/account/keys/", {"name": text, "days": "1"}),
            (f"/reviews/{case}/", {"subject": town.subject_key(0), "why": text}),
        ):
            send(client, "POST", path, fields)

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                                      "multipart/form-data; boundary=x", "", "application/json; charset=nonsense"])  # fmt: skip
    def test_as_a_body_is_answered(self, kind, item, source):
        client = browser("operator")
        case = ReviewCase.objects.get().pk
        for raw in BODIES:
            for path in ("/api/v1/runs", f"/api/v1/reviews/{case}", f"/api/v1/batches?item={item}&source={source}",
                         "/runs/", "/batches/new/"):  # fmt: skip
                answer = client.generic(
                    "POST", path, raw, content_type=kind, headers={"Idempotency-Key": "k"}
                )
                fine(answer, path, raw[:40], kind)

    def test_as_a_method_or_header_is_answered(self, item, source):
        client = browser("operator")
        for door in doors.every(item=item, source=source):
            for method in ("PUT", "DELETE", "OPTIONS", "HEAD", "PROPFIND"):
                fine(client.generic(method, door.path), method, door.path)
        for method in ("PATCH", "TRACE", "CONNECT", "get"):
            for path in ("/", "/batches/", "/accounts/login/", "/api/v1/batches", "/healthz"):
                fine(client.generic(method, path), method, path)
        for host in ("evil.example", "localhost:x", "[", "a\nb"):
            answer = client.get("/", headers={"Host": host})
            assert (answer.status_code, "evil" in body(answer)) == (400, False)
        for name, value in (
            ("Accept-Language", "x" * 9_000), ("Accept-Language", "../../etc"), ("Accept", "\x00"), ("Content-Length", "-1"),
            ("Content-Length", "²"), ("Content-Length", "9" * 40), ("Cookie", "sessionid=" + "x" * 9_000), ("Cookie", "sessionid=\x00"),
            ("X-Forwarded-Host", "evil.example"), ("HX-Request", "true"),
            ("HX-Current-URL", "javascript:alert(1)"), ("Referer", "https://evil.example"), ("If-Modified-Since", "x"),
            ("Range", "bytes=9-1"), ("X-HTTP-Method-Override", "DELETE"), ("Authorization", "Basic x"), ("Idempotency-Key", "\x00"),
        ):  # fmt: skip
            for path in ("/", "/batches/", "/people/", "/api/v1/batches", "/healthz", "/accounts/login/"):
                said = fine(client.get(path, headers={name: value}), name, path)
                assert "evil.example" not in said, (name, path)

    def test_that_is_too_large_is_refused_unread(self, item, source):
        client = browser("operator")
        for path in ("/batches/new/", f"/api/v1/batches?item={item}&source={source}", "/runs/"):
            answer = client.generic(
                "POST", path, b"x", content_type="text/csv", headers={"Content-Length": str(10**13)}
            )
            assert answer.status_code == 413, path
            fine(answer, path)
        many = client.post("/runs/", {f"field{number}": "x" for number in range(3_000)})
        assert many.status_code in {400, 413}
        fine(many)
        long = client.generic(
            "POST",
            "/api/v1/runs",
            b'{"system": "' + b"x" * 6_000_000 + b'"}',
            content_type="application/json",
        )
        assert long.status_code in {400, 413, 422}
        fine(long)

    def test_leaves_the_town_as_it_was(self, item, source):
        before = (Batch.objects.count(), RiskStanding.objects.count(), User.objects.count())
        client = browser("regulator")
        for door in pages(item, source):
            client.get(door.path)
            client.get(door.path, {"q": "'; DROP TABLE records_batch; --"})
        assert (Batch.objects.count(), RiskStanding.objects.count(), User.objects.count()) == before


class TestARefusal:
    def test_of_a_page_is_in_the_ledger_with_who_and_what(self):
        for username in ("officer", "banker", "enterprise"):
            assert browser(username).get("/enterprises/").status_code == 403
        refused = [one for one in ledger.ledger_page().lines if one.act == "access.refuse"]
        assert [one.user_label for one in refused[:3]] == ["赵企业", "郑信贷", "李数据"]
        assert {one.object_key for one in refused} == {"GET /enterprises/"}

    def test_finds_the_wildcard_only_where_it_stands(self):
        operations_client = browser("operator")
        parties = [
            SubjectRow(key="91990121MA99999999", name="百分之%百公司", region="990121001", industry="")
        ]
        from creditmesh.apps.ground.parties.operations import register_subjects

        register_subjects(rows=parties)
        found = operations_client.get("/api/v1/subjects", {"q": "之%百"}).json()
        assert [one["key"] for one in found] == ["91990121MA99999999"]
        assert operations_client.get("/api/v1/subjects", {"q": "%"}).json() == []
        assert operations_client.get("/api/v1/subjects", {"q": "____"}).json() == []

    def test_says_who_may_pass_on_every_page(self, item, source):
        assert [one.path for one in pages(item, source) if not declared_permission(one.callback)[0]] == []


def nonsense(names, good):
    """Yield nonsense for all fields but those that let a view read on, and now and then for those too."""
    known = {name: good[name] for name in names if name in good}
    for number, text in enumerate(NASTY):
        yield {**dict.fromkeys(names, text), **known}
        if known and number % 4 == 0:
            yield dict.fromkeys(names, text)


def table(answer, form):
    """Return the rows of an exported list."""
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return list(sheet.values)


def _uuids(answers):
    for answer in answers:
        if answer.status_code in {200, 202} and answer["Content-Type"].startswith("application/json"):
            yield json.loads(answer.content)["uuid"]
        elif answer.status_code == 302:
            yield answer.url.split("/")[2]


def _query(**values):
    from urllib.parse import urlencode

    return urlencode(values)


def _quoted(text):
    from urllib.parse import quote

    return quote(text[:500], safe="")
