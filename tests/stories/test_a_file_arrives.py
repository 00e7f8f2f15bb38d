"""A department's file arrives: handed in, checked, mended, sent again; seen by its own people and the operator."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from tests.conftest import NOON, make_cast
from tests.keeping import kept_node
from tests.stories import village
from tests.stories.conftest import settle
from tests.stories.village import API, code, csv_file, penalty, registration, rows_of

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.queries import user
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Role
from creditmesh.apps.ground.records.queries import subject_records
from creditmesh.kernel import registration_number

NUMBER = "99012100000001" + registration_number.check_digit("99012100000001")
NICKNAME = "青禾二号面粉公司"
DIRTY = [
    penalty(1, "1"),
    penalty(2, "2", CF_XDR_SHXYM=code(2)[:-1] + "Z"),
    penalty(1, "3", CF_JDRQ="2026-13-40"),
    penalty(1, "1"),
    penalty(2, "4", CF_CFLB="罚金刑"),
    penalty(2, "5", CF_XDR_SHXYM="", CF_XDR_MC=NICKNAME),
    penalty(2, "6", CF_SY="=cmd|'/C calc'!A0", CF_NR_FK="壹万元整整"),
    penalty(2, "7", CF_XDR_SHXYM="", CF_XDR_GSZC=NUMBER),
]
MENDED = {"CF_XDR_SHXYM": code(2), "CF_JDRQ": "2026-02-03", "CF_CFLB": "罚款", "CF_NR_FK": "1"}


def held(number):
    """Return the penalties the node holds on an enterprise, by their number."""
    found = subject_records.records_of(subject=code(number), item="PEN-01", catalogue=this_node().catalogue)
    return {one.values["decision_number"]: one.values for one in found.records}


def acts(prefix):
    return [(one.act, one.user_label, one.outcome) for one in ledger.ledger_page(size=100).lines
            if one.act.startswith(prefix)]  # fmt: skip


def mend(rows):
    """Mend what stands wrong in refused rows, as a data officer does: the extra columns stay."""
    wrong = {"2": ("CF_XDR_SHXYM",), "3": ("CF_JDRQ",), "5": ("CF_CFLB",), "7": ("CF_NR_FK",)}
    return [{**row, **{name: MENDED[name] for name in wrong[row["_row"]]}} for row in rows]


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two enterprises stand on the register, delivered by the operator."""
    with django_db_blocker.unblock(), kept_node(tmp_path_factory.mktemp("county")) as kept:
        make_cast()
        settle(NOON)
        rows = [registration(1), registration(2, 注册号=NUMBER)]
        village.upload(
            village.sign_in("operator"), item="ENT-01", source="qinghe-samr", content=csv_file(rows)
        )
        assert village.work()  # something waited
        kept.keep()
        yield kept


@pytest.fixture
def registry(kept, db, monkeypatch):
    """The operator, after that."""
    kept.begin(monkeypatch)
    return village.sign_in("operator")


@pytest.fixture
def sent(registry):
    """The market office's officer has handed in a dirty file by the page; the worker has done its part."""
    officer = village.sign_in("li")
    content = csv_file(DIRTY, encoding="gb18030")
    answer = village.upload(
        officer, item="PEN-01", source="qinghe-samr", content=content, filename="二月<b>处罚.csv"
    )
    assert answer.status_code == 302
    return SimpleNamespace(
        officer=officer, page=answer.url, uuid=UUID(answer.url.split("/")[2]), content=content
    )


class TestAFileHandedInByThePage:
    def test_waits_and_then_has_a_receipt(self, sent):
        waiting = sent.officer.get(sent.page)
        assert waiting.status_code == 200
        assert b"<progress" in waiting.content

        assert village.work()  # something waited
        page = sent.officer.get(sent.page).content.decode()
        receipt = sent.officer.get(f"{API}/batches/{sent.uuid}").json()

        counts = {name: receipt["batch"][name] for name in (
            "state", "received", "accepted", "added", "quarantined", "duplicates", "unresolved"
        )}  # fmt: skip
        assert counts == {
            "state": "landed", "received": 8, "accepted": 2, "added": 2,
            "quarantined": 4, "duplicates": 1, "unresolved": 1,
        }  # fmt: skip
        assert "<progress" not in page
        assert "二月&lt;b&gt;处罚.csv" in page
        for reason in receipt["reasons"]:
            assert reason["example"] in page
        assert {(one["field"], one["row"]) for one in receipt["reasons"]} == {
            ("uscc", 2), ("decided_on", 3), ("penalty_kind", 5), ("fine", 7),
        }  # fmt: skip

    def test_speaks_chinese_to_those_who_do_not_ask_for_english(self, sent):
        village.work()
        page = village.sign_in("li", english=False).get(sent.page).content.decode()
        assert "不是有效日期" in page
        assert "no day of the calendar" not in page

    def test_lands_what_is_right_under_its_enterprise_in_fen(self, sent):
        village.work()
        assert {name: values["fine"] for name, values in held(1).items()} == {
            "青市监处罚〔2026〕1号": 1_200_000
        }
        # Row 8 has no code; the name with the registration number says who it is.
        assert set(held(2)) == {"青市监处罚〔2026〕7号"}

    def test_gives_the_refused_rows_back_safe_to_open_and_takes_them_mended(self, sent):
        village.work()
        file = village.read(sent.officer.get(f"{sent.page}refused.csv"))
        rows = rows_of(file)
        assert [row["_row"] for row in rows] == ["2", "3", "5", "7"]
        assert all(row["_reason"] for row in rows)
        assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]
        assert village.read(sent.officer.get(f"{API}/batches/{sent.uuid}/refused")) == file
        assert acts("batch.take_refused") == [("batch.take_refused", "li", "done")] * 2

        answer = village.upload(
            sent.officer,
            item="PEN-01",
            source="qinghe-samr",
            content=csv_file(mend(rows)),
            filename="again.csv",
        )
        village.work()
        batch = sent.officer.get(f"{API}/batches/{answer.url.split('/')[2]}").json()["batch"]

        assert (batch["state"], batch["added"], batch["quarantined"]) == ("landed", 4, 0)
        assert {name[-2] for name in held(1)} == {"1", "3"}
        assert {name[-2] for name in held(2)} == {"2", "4", "6", "7"}
        assert held(2)["青市监处罚〔2026〕6号"]["facts"] == "=cmd|'/C calc'!A0"

    def test_sent_once_more_changes_nothing(self, sent):
        village.work()
        before = (held(1), held(2), this_node().lake.versions())
        again = village.upload(sent.officer, item="PEN-01", source="qinghe-samr", content=sent.content)

        assert again.url == f"{sent.page}?again=1"
        assert village.work() == 0
        assert (held(1), held(2), this_node().lake.versions()) == before
        assert sent.officer.get(f"{API}/batches").json()["total"] == 2  # the registry's and this one

    def test_with_another_order_of_its_rows_lands_nothing_new(self, sent):
        village.work()
        before = (held(1), held(2))
        content = csv_file(list(reversed(DIRTY)), encoding="gb18030")
        answer = village.upload(sent.officer, item="PEN-01", source="qinghe-samr", content=content)
        village.work()

        batch = sent.officer.get(f"{API}/batches/{answer.url.split('/')[2]}").json()["batch"]
        assert (batch["added"], batch["updated"], batch["unchanged"]) == (0, 0, 2)
        assert (held(1), held(2)) == before

    def test_leaves_every_act_in_the_ledger(self, sent):
        village.work()
        assert acts("batch.")[:2] == [("batch.land", "worker", "done"), ("batch.receive", "li", "done")]
        assert acts("people.")[0] == ("people.sign_in", "li", "allowed")
        auditor = village.sign_in("auditor")
        assert str(sent.uuid) in auditor.get("/ledger/?act=batch.").content.decode()
        assert sent.officer.get("/ledger/").status_code == 403
        assert acts("access.") == [("access.refuse", "li", "refused")]


class TestAFileSentByAProgram:
    @pytest.fixture
    def program(self, registry):
        """A program of the market office, with a key."""
        issued = operations.issue_api_key(
            by=COMMAND_LINE, user=user(username="li"), name="nightly", days=30, at=timezone.now()
        )
        return Client(headers={"Authorization": f"Bearer {issued.secret}"})

    def send(self, program, content, *, key="night-1", source="qinghe-samr", item="PEN-01", **extra):
        return program.post(
            f"{API}/batches?item={item}&source={source}&filename=p.csv",
            content, content_type="text/csv", headers={"Idempotency-Key": key}, **extra,
        )  # fmt: skip

    def test_is_followed_to_its_receipt(self, program):
        taken = self.send(program, csv_file(DIRTY, encoding="gb18030"))
        assert (taken.status_code, taken.json()["again"]) == (202, False)
        assert program.get(taken.json()["links"]["batch"]).json()["batch"]["state"] == "received"

        village.work()
        receipt = program.get(taken.json()["links"]["batch"]).json()
        assert (receipt["batch"]["state"], receipt["batch"]["quarantined"]) == ("landed", 4)
        mended = csv_file(mend(rows_of(village.read(program.get(receipt["links"]["refused_rows"])))))
        again = self.send(program, mended, key="night-1-mended")
        village.work()
        assert program.get(again.json()["links"]["batch"]).json()["batch"]["added"] == 4

    def test_twice_with_one_key_is_one_batch_and_another_file_with_it_is_refused(self, program):
        first, second = (self.send(program, csv_file(DIRTY)) for _ in range(2))
        assert second.json()["uuid"] == first.json()["uuid"]
        assert second.json()["again"] is True

        other = self.send(program, csv_file(DIRTY[:1]))
        assert other.status_code == 409
        assert other["Content-Type"] == "application/problem+json"
        assert other.json()["type"].endswith("idempotency-key-used")
        assert acts("batch.")[0] == ("batch.receive", "li (key nightly)", "refused")

    def test_needs_the_key_that_tells_repeats_apart(self, program):
        answer = program.post(f"{API}/batches?item=PEN-01&source=qinghe-samr", b"x", content_type="text/csv")
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        ("item", "source", "status"),
        [("PEN-01", "qinghe-tax", 403), ("TAX-01", "qinghe-samr", 409), ("NONE", "qinghe-samr", 404),
         ("PEN-01", "nobody", 404)],
    )  # fmt: skip
    def test_for_another_source_or_item_is_refused_and_written_down(self, program, item, source, status):
        answer = self.send(program, csv_file(DIRTY), item=item, source=source)
        assert answer.status_code == status
        assert answer.json()["title"]
        assert acts("batch.")[0][2] == "refused"
        assert program.get(f"{API}/batches").json()["total"] == 1


class TestAnotherDepartment:
    def test_sees_neither_batch_nor_file_nor_quality(self, sent):
        village.work()
        other = village.sign_in("zhang")
        for address in (sent.page, f"{sent.page}refused.csv"):
            assert other.get(address).status_code == 404, address
        for address in (f"/batches/{sent.uuid}", f"/batches/{sent.uuid}/refused"):
            assert other.get(API + address).status_code == 404, address
        assert other.post(f"{API}/batches/{sent.uuid}/continue").status_code == 404
        for address in ("/batches/", "/batches/?source=qinghe-samr", "/quality/", "/quality/?source=qinghe-samr",
                        "/department/", "/quality/qinghe-samr/PEN-01/"):  # fmt: skip
            page = other.get(address).content.decode()
            assert str(sent.uuid) not in page, address
            assert "二月" not in page, address
        assert other.get(f"{API}/batches?source=qinghe-samr").json()["total"] == 0
        assert other.get(f"{API}/quality?source=qinghe-samr").json() == []
        (own,) = sent.officer.get(f"{API}/quality?item=PEN-01").json()
        assert (own["source"], own["latest"]["received"]) == ("qinghe-samr", 8)

    def test_may_not_use_the_same_key_to_learn_of_it(self, sent):
        operations.issue_api_key(
            by=COMMAND_LINE, user=user(username="zhang"), name="x", days=1, at=timezone.now()
        )
        other = village.sign_in("zhang")
        answer = other.post(
            f"{API}/batches?item=PEN-01&source=qinghe-tax", sent.content,
            content_type="text/csv", headers={"Idempotency-Key": "night-1"},
        )  # fmt: skip
        assert answer.status_code == 202
        assert answer.json()["uuid"] != str(sent.uuid)

    def test_may_not_send_for_the_first_one_by_the_page(self, sent):
        other = village.sign_in("zhang")
        answer = village.upload(other, item="PEN-01", source="qinghe-samr", content=sent.content)
        assert answer.status_code == 422
        assert str(sent.uuid) not in answer.content.decode()

    def test_has_no_review_queue(self, sent):
        village.work()
        for browser in (village.sign_in("zhang"), sent.officer):
            assert browser.get("/reviews/").status_code == 403
            assert browser.post("/reviews/1/", {"subject": code(2), "why": "mine"}).status_code == 403
            assert browser.get(f"{API}/subjects?q=面粉").status_code == 403


class TestTheOperator:
    def test_sees_all_of_it(self, sent, registry):
        village.work()
        assert "PEN-01" in registry.get("/batches/").content.decode()
        assert registry.get(sent.page).status_code == 200
        assert rows_of(village.read(registry.get(f"{sent.page}refused.csv")))
        assert {one["item"] for one in registry.get(f"{API}/quality").json()} == {"ENT-01", "PEN-01"}

    def test_ties_an_unclear_row_to_its_enterprise(self, sent, registry):
        village.work()
        (case,) = registry.get(f"{API}/reviews").json()["cases"]
        assert (case["name"], case["row"], case["batch"]) == (NICKNAME, 6, str(sent.uuid))
        assert NICKNAME in registry.get("/reviews/").content.decode()

        answer = registry.post(f"/reviews/{case['id']}/", {"subject": code(2), "why": "同一地址"})
        assert answer.status_code == 302
        village.work()

        assert "青市监处罚〔2026〕5号" in held(2)
        assert acts("review.") == [("review.tie", "示例运营员", "done")]
        assert registry.get(f"{API}/reviews").json()["total"] == 0
        # Decided is decided.
        registry.post(f"/reviews/{case['id']}/", {"act": "refuse", "why": "x"})
        assert "青市监处罚〔2026〕5号" in held(2)

    def test_and_the_auditor_alone_see_the_ledger(self, registry):
        for role in Role:
            seen = village.sign_in(role.value).get("/ledger/").status_code
            assert seen == (200 if role in {Role.OPERATOR, Role.AUDITOR} else 403), role

    def test_finds_two_enterprises_by_a_part_of_their_name(self, registry):
        found = registry.get(f"{API}/subjects?q=面粉").json()
        assert {one["key"] for one in found} == {code(1), code(2)}
