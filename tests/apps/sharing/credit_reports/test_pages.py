"""Reports as people meet them: pages in both languages, PDFs, the public check, the API, hostile names."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from tests.apps.sharing.credit_reports import shop
from tests.apps.sharing.disclosure.county import EAST, hold

from creditmesh.apps.ground.audit.models import Event
from creditmesh.apps.ground.parties.models import CreditSubject, User
from creditmesh.apps.sharing.credit_reports.models import Order, Printing, Report
from creditmesh.apps.sharing.credit_reports.operations import issuing, ordering, printing
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.apps.sharing.credit_reports.rules.standing import CannotPrint, Form
from creditmesh.exchange import jws
from creditmesh.exchange.canonical import canonical
from creditmesh.web.portals.reports import document, jobs, wording
from creditmesh.web.portals.reports import printing as papers

needs_pdf = pytest.mark.skipif(not printing.can_print(), reason="no Pango or Chinese font on this machine")


@pytest.fixture(autouse=True)
def patience(node):
    cache.clear()


@pytest.fixture
def own(town, place, at):
    return issuing.issue_own(town.owner, place=place, at=at)


@pytest.fixture
def hostile(town, place, at):
    """A report on an enterprise whose names and records are attacks."""
    CreditSubject.objects.filter(key=EAST).update(name=shop.HOSTILE)
    hold("HON-01", [(EAST, "H9", timezone.localdate(at), {"uscc": EAST, "title": shop.HOSTILE})])
    return issuing.issue_own(town.owner, place=place, at=at)


def browser(username="zhao", *, language="en"):
    made = Client()
    made.cookies["django_language"] = language
    if username:
        made.force_login(User.objects.get(username=username))
    return made


def issued(serial):
    return reports.issued(Report.objects.get(serial=serial))


def drawn(serial, *, form=Form.FULL, language="zh"):
    """Return the text of a PDF, page by page, as the renderer laid it out."""
    kept = {}

    def keep(html, *, styles, identifier):
        del identifier
        weasy = printing._weasyprint()
        laid = weasy.HTML(string=html, url_fetcher=printing.FETCH_NOTHING).render(
            stylesheets=[weasy.CSS(string=one) for one in styles]
        )
        kept["html"] = html
        kept["pages"] = [
            "".join(box.text for box in page._page_box.descendants() if getattr(box, "text", None))
            for page in laid.pages
        ]
        return printing.Printed(data=b"", sha256="", pages=len(laid.pages))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "pdf", keep)
        papers.printed(issued(serial), form=form, language=language)
    return kept


class TestThePages:
    def test_the_enterprise_has_one_issued_and_reads_it(self, town):
        person = browser()
        answer = person.post(reverse("enterprise-reports"))
        page = person.get(answer["Location"])

        assert page.status_code == 200
        for told in (shop.NAME, "712.3", "罚字1号", "Public credit report", "Good"):
            assert told in page.content.decode()

    @pytest.mark.parametrize("form", ["summary", "full"])
    def test_a_chinese_page_has_no_english_sentence(self, own, form):
        page = browser(language="zh-hans").get(f"/enterprise/reports/{own}/?form={form}").content.decode()
        body = re.sub(r"<[^>]+>|https?://\S+", " ", page[page.index("cr-cover") :])
        english = re.findall(r"[A-Z][a-z]+ [a-z]+ [a-z]+", body.split("<footer")[0])

        assert [one for one in english if "fictitious" not in one] == []

    def test_the_bank_has_one_issued_on_its_authorisation(self, town):
        granted = town.granted(items=("TAX-02", "EVALUATION"))
        person = browser("zheng")
        assert str(granted) in person.get("/institution/reports/").content.decode()
        answer = person.post("/institution/reports/", {"authorisation": str(granted)})
        page = person.get(answer["Location"]).content.decode()

        assert "青禾农村商业银行" in page
        assert "欧阳修文" not in page

    def test_an_authorisation_that_is_not_ones_own_is_no_choice(self, town):
        granted = town.granted(items=("TAX-02",))

        assert (
            browser("wang").post("/institution/reports/", {"authorisation": str(granted)}).status_code == 422
        )

    @pytest.mark.parametrize("username", ["zheng", "liu"])
    def test_nobody_else_sees_it(self, own, username):
        assert browser(username).get(f"/enterprise/reports/{own}/").status_code == 403
        assert browser("zheng").get(f"/institution/reports/{own}/").status_code == 404

    def test_reads_without_a_pdf_renderer(self, own, monkeypatch):
        monkeypatch.setattr(printing, "can_print", lambda: False)
        page = browser().get(f"/enterprise/reports/{own}/").content.decode()

        assert "Print the page instead" in page
        assert "report.pdf" not in page


class TestWords:
    @pytest.mark.parametrize(
        ("held", "kind", "zh", "en"),
        [
            ({"from": 10_000_001, "to": 50_000_000}, "money", "10–50万元", "CNY 100,000–500,000"),
            ({"from": 0, "to": 1_000_000}, "money", "1万元及以下", "up to CNY 10,000"),
            ({"from": 5_000_000_001, "to": None}, "money", "5,000万元以上", "over CNY 50,000,000"),
            ({"from": None, "to": -1}, "money", "负值", "negative"),
            ({"from": 11, "to": 50}, "integer", "11–50", "11–50"),
            ({"from": 10_001, "to": None}, "integer", "10,001以上", "over 10,001"),
            ("2026-03", "date", "2026-03", "2026-03"),
            (None, "text", "–", "–"),
        ],
    )
    def test_bands_and_masked_values_read_well(self, held, kind, zh, en):
        field = {"name": "x", "kind": kind, "choices": {}}
        told = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                told[language] = wording.value(held, field)

        assert told == {"zh-hans": zh, "en": en}


class TestHostileNames:
    def test_are_text_on_every_page(self, hostile):
        page = browser().get(f"/enterprise/reports/{hostile}/").content.decode()

        assert "<script>alert(1)" not in page
        assert "<svg onload" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>" not in browser("").get(f"/check/{hostile}").content.decode().replace(
            "<script src", ""
        )

    @needs_pdf
    def test_are_text_in_the_pdf(self, hostile):
        laid = drawn(hostile, form=Form.SUMMARY)

        assert "<script>alert(1)" not in laid["html"]
        assert "<script>alert(1)" in laid["pages"][0].replace("\n", "")

    @needs_pdf
    @pytest.mark.parametrize(
        "attack",
        [
            '<img src="file:///etc/hostname">',
            '<img src="http://127.0.0.1:1/x.png">',
            '<link rel="stylesheet" href="file:///etc/hostname">',
            '<link rel="attachment" href="file:///etc/hostname">',
            "<style>@import url(http://127.0.0.1:1/x.css); p { background: url(file:///etc/hostname) }</style>",
            '<svg viewBox="0 0 9 9"><image href="file:///etc/hostname" width="9" height="9"/></svg>',
            '<svg viewBox="0 0 9 9"><use href="http://127.0.0.1:1/x.svg#a"/></svg>',
            '<object data="file:///etc/hostname"></object><embed src="http://127.0.0.1:1/">',
        ],
    )
    def test_a_picture_or_link_in_a_page_is_never_fetched(self, attack, monkeypatch):
        opened = []
        monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *a, **k: opened.append(a))
        made = printing.pdf(f"<p>信用{attack}</p>", styles=["p { color: red }"], identifier="x")

        assert opened == []
        assert made.data.startswith(b"%PDF")
        assert b"EmbeddedFile" not in made.data


@needs_pdf
class TestThePdf:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_says_what_the_page_says(self, own, language):
        laid = drawn(own, language=language)
        text = "".join(laid["pages"]).replace("\n", "").replace(" ", "")
        with translation.override(papers.LANGUAGES[language]):
            told = document.document(issued(own), form=Form.FULL)

        assert told.serial in text
        assert told.digest in text
        for chapter in told.chapters:
            assert chapter.title.replace(" ", "") in text
            for part in chapter.parts:
                for entry in part.entries:
                    assert all(fact.value.replace(" ", "") in text for fact in entry.facts)

    def test_the_summary_is_one_page(self, own):
        assert len(drawn(own, form=Form.SUMMARY)["pages"]) == 1

    def test_every_page_names_reader_and_purpose(self, town, place, at):
        serial = issuing.issue_for_institution(
            town.bank,
            subject=EAST,
            authorisation=town.granted(items=("TAX-02", "EVALUATION")),
            purpose="pre-loan",
            place=place,
            at=at,
        )
        for page in drawn(serial)["pages"]:
            assert "青禾农村商业银行" in page

    def test_is_the_same_file_each_time_and_known_by_its_digest(self, own):
        person = browser()
        first = person.get(f"/enterprise/reports/{own}/report.pdf?form=summary&language=zh")
        again = person.get(f"/enterprise/reports/{own}/report.pdf?form=summary&language=zh")
        digest = hashlib.sha256(first.content).hexdigest()

        assert first.content == again.content
        assert Printing.objects.get().sha256 == digest
        upload = SimpleUploadedFile("r.pdf", first.content, content_type="application/pdf")
        assert (
            "exactly as it was handed out"
            in browser("").post(f"/check/{own}", {"file": upload}).content.decode()
        )
        bent = SimpleUploadedFile("r.pdf", first.content + b" ", content_type="application/pdf")
        assert "it was changed" in browser("").post(f"/check/{own}", {"file": bent}).content.decode()

    def test_has_title_language_and_tags(self, own):
        made = printing.pdf(
            "<html lang=zh-Hans><head><title>T</title></head><p>信用</p></html>", styles=[], identifier="x"
        )
        assert made.pages == 1
        assert b"/MarkInfo" in made.data or made.data.count(b"/ObjStm") > 0

    def test_a_page_too_large_is_refused(self):
        with pytest.raises(CannotPrint, match="too large"):
            printing.pdf("x" * (printing.LARGEST_PAGE + 1), styles=[], identifier="x")

    def test_without_a_chinese_font_it_says_so(self, monkeypatch):
        monkeypatch.setattr(printing, "has_chinese_font", lambda: False)
        with pytest.raises(CannotPrint, match="font"):
            printing.pdf("<p>x</p>", styles=[], identifier="x")
        assert not printing.can_print()


class TestALongReport:
    @pytest.fixture
    def long(self, town, place, at):
        day = timezone.localdate(at)
        rows = [shop.penalty(f"长字{n}号", day - timedelta(days=n)) for n in range(20)]
        hold("PEN-01", rows, source="samr")
        return issuing.issue_own(town.owner, place=place, at=at)

    @pytest.fixture
    def quick(self, monkeypatch):
        """A renderer that takes no time."""
        made = printing.Printed(data=b"%PDF-", sha256=hashlib.sha256(b"%PDF-").hexdigest(), pages=3)
        monkeypatch.setattr(papers, "printed", lambda issued, *, form, language: made)

    def test_is_waited_for_on_a_page_and_made_by_the_worker(self, long, quick):
        person, address = browser(), f"/enterprise/reports/{long}/report.pdf?form=full&language=zh"
        waiting = person.get(address)
        assert waiting.status_code == 202
        assert "waiting=1" in waiting["Refresh"]
        assert person.get(f"{address}&waiting=1").status_code == 202
        order = Event.objects.get(name="report.ordered").key

        assert jobs.make_ordered.call(order)
        assert not jobs.make_ordered.call(order)
        answer = person.get(f"{address}&waiting=1")
        assert (answer["Content-Type"], answer.content) == ("application/pdf", b"%PDF-")

    def test_a_failure_of_the_worker_is_told_once(self, town, long, at, monkeypatch):
        def fails(issued, *, form, language):
            raise CannotPrint("No font.")

        monkeypatch.setattr(papers, "printed", fails)
        assert ordering.fetch(long, form=Form.FULL, language="zh", by=town.owner, at=at) is None
        jobs.make_ordered.call(Event.objects.get(name="report.ordered").key)
        with pytest.raises(CannotPrint, match="No font"):
            ordering.fetch(long, form=Form.FULL, language="zh", by=town.owner, at=at)

    def test_what_was_not_fetched_is_forgotten_after_a_day(self, town, long, at):
        ordering.fetch(long, form=Form.FULL, language="zh", by=town.owner, at=at)
        later = at + timedelta(days=2)
        ordering.fetch(long, form=Form.SUMMARY, language="zh", by=town.owner, at=later)

        assert [one.form for one in Order.objects.all()] == ["summary"]


class TestThePublicCheck:
    def test_tells_little_and_says_that_it_stands(self, own):
        page = browser("").get(f"/check/?serial={own.lower()}", follow=True).content.decode()

        assert "issued here and stands" in page
        assert "青禾*********公司" in page
        assert shop.NAME not in page
        assert EAST not in page
        assert "712.3" not in page

    @pytest.mark.parametrize(
        ("serial", "said"),
        [
            ("CR-2026-0000-0000-0000-0000-P", "No report of this node"),
            ("CR-2026", "This is no report number"),
        ],
    )
    def test_knows_no_other(self, own, serial, said):
        answer = browser("").get("/check/", {"serial": serial}, follow=True)

        assert answer.status_code == 404
        assert said in answer.content.decode()

    def test_compares_a_typed_digest(self, own):
        digest = Report.objects.get(serial=own).content_digest
        person = browser("")

        assert "that of this report" in person.post(f"/check/{own}", {"digest": digest[:20]}).content.decode()
        assert "at least the first 16" in person.post(f"/check/{own}", {"digest": "ab"}).content.decode()
        assert "it was changed" in person.post(f"/check/{own}", {"digest": "0" * 64}).content.decode()

    def test_is_open_before_anything_is_asked(self, own):
        assert browser("").get("/check/").status_code == 200

    def test_whoever_tries_many_must_wait(self, own):
        person = browser("")
        answers = [person.get("/check/CR-2026-0000-0000-0000-0000-P").status_code for _ in range(31)]

        assert answers == [404] * 30 + [429]


class TestTheApi:
    def test_the_enterprise_gets_a_signed_report(self, town, node):
        person = browser()
        person.handler.enforce_csrf_checks = False
        answer = person.post("/api/v1/own-reports", content_type="application/json")
        told = answer.json()
        keys = {node.signer.key_id: node.signer.key.public}

        assert answer.status_code == 201
        jws.verify_detached(told["signature"], canonical(told["report"]), resolve=keys.get)
        again = person.get(f"/api/v1/own-reports/{told['serial']}").json()
        assert again["report"] == told["report"]
        assert [one["serial"] for one in person.get("/api/v1/own-reports").json()] == [told["serial"]]

    def test_an_institution_gets_one_on_its_authorisation(self, town):
        asked = {
            "subject": EAST,
            "authorisation": str(town.granted(items=("TAX-02", "EVALUATION"))),
            "purpose": "pre-loan",
        }
        person = browser("zheng")
        answer = person.post("/api/v1/reports", json.dumps(asked), content_type="application/json")

        assert answer.status_code == 201
        assert person.get(f"/api/v1/reports/{answer.json()['serial']}").status_code == 200
        assert len(person.get("/api/v1/reports").json()) == 1
        assert browser("wang").get(f"/api/v1/reports/{answer.json()['serial']}").status_code == 404

    def test_a_refusal_is_a_problem(self, town):
        asked = {"subject": EAST, "authorisation": str(town.granted()), "purpose": "guarantee"}
        answer = browser("zheng").post("/api/v1/reports", json.dumps(asked), content_type="application/json")

        assert answer.status_code in (403, 409)
        assert answer["Content-Type"] == "application/problem+json"
