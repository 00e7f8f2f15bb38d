"""Enterprises are classified: a run is asked for, done by the worker, looked at, and computed again the same."""

import io
import json
from datetime import timedelta
from types import SimpleNamespace

import openpyxl
import pytest
from django.utils import timezone
from tests.conftest import NOON, make_cast
from tests.keeping import kept_node
from tests.stories import village
from tests.stories.conftest import settle
from tests.stories.village import API, code, csv_file, listing, name, penalty, registration, rows_of

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties.rules import GRANTS, Permission, Role

OTHERS = sorted(set(Role) - GRANTS[Permission.SEE_RISK_CLASSES] - {Role.OPERATOR})
LISTED, PUNISHED, GONE = 1, 2, 3  # by number; everybody else has a clear record
SYSTEM = f"{API}/systems/general"
RESULTS = (
    "/regulator/", "/enterprises/", f"/enterprises/{code(LISTED)}/",
    f"{SYSTEM}/distribution", f"{SYSTEM}/regions", f"{SYSTEM}/industries", f"{SYSTEM}/movements",
    f"{SYSTEM}/standings", f"{SYSTEM}/export.csv?why=x", f"{SYSTEM}/export.xlsx?why=x",
    f"{SYSTEM}/subjects/{code(LISTED)}",
)  # fmt: skip


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, tmp_path_factory):
    """The operator has delivered the registry, penalties and the list of serious violations; a run is done."""
    with django_db_blocker.unblock(), kept_node(tmp_path_factory.mktemp("county")) as kept:
        make_cast()
        settle(NOON)
        operator = village.sign_in("operator")
        registry = [registration(number) for number in range(1, 9)]
        registry[GONE - 1]["企业状态"] = "注销"
        deliver(operator, "ENT-01", registry)
        deliver(operator, "PEN-01", [penalty(PUNISHED, str(number)) for number in range(1, 3)])
        deliver(operator, "BLK-01", [listing(LISTED, name="=HYPERLINK(1)")])
        page = classify(village.sign_in("regulator"), days_ago=2)
        kept.keep()
        yield SimpleNamespace(node=kept, run=page)


@pytest.fixture
def node(kept, db, monkeypatch):
    """The node as it was after that run."""
    return kept.node.begin(monkeypatch)


@pytest.fixture
def run(kept):
    """The page of that run."""
    return kept.run


@pytest.fixture
def operator(node):
    return village.sign_in("operator")


@pytest.fixture
def regulator(node):
    return village.sign_in("regulator")


def deliver(browser, item, rows):
    answer = village.upload(browser, item=item, source="qinghe-samr", content=csv_file(rows))
    assert answer.status_code == 302, answer.content.decode()
    assert village.work()  # something waited
    batch = browser.get(f"{API}/batches/{answer.url.split('/')[2]}").json()["batch"]
    assert (batch["state"], batch["quarantined"]) == ("landed", 0), batch


def classify(browser, *, days_ago=0):
    """Ask for a run by the page, let the worker do it, and return the address of its page."""
    as_of = timezone.localdate() - timedelta(days=days_ago)
    answer = browser.post("/runs/", {"system": "general", "as_of": as_of.isoformat()})
    assert answer.status_code == 302, answer.content.decode()
    assert "<progress" in browser.get(answer.url).content.decode()
    assert village.work()  # something waited
    run = browser.get(f"{API}{answer.url}".rstrip("/")).json()
    assert (run["state"], run["failure"]) == ("done", "")
    return answer.url


def standings(browser, query=""):
    found = browser.get(f"{SYSTEM}/standings{query}").json()
    return {one["subject"]: one for one in found["rows"]}


class TestARun:
    def test_gives_everyone_a_class_and_the_listed_one_the_worst(self, regulator):
        spread = regulator.get(f"{SYSTEM}/distribution").json()
        found = standings(regulator)

        counted = {one["grade"]: one["subjects"] for one in spread["grades"]}
        assert sum(counted.values()) + spread["excluded"] == spread["subjects"] == 8
        assert counted["D"] == 1
        assert (found[code(LISTED)]["grade"], found[code(LISTED)]["place"]) == ("D", 1)
        assert found[code(LISTED)]["triggers"] == ["serious_list"]
        assert found[code(GONE)]["outcome"] == "excluded"
        assert found[code(PUNISHED)]["score"] > found[code(8)]["score"]
        page = regulator.get("/regulator/?system=general")
        assert page.status_code == 200
        assert b"chart-grades" in page.content

    def test_is_listed_filtered_and_found(self, regulator):
        assert set(standings(regulator, "?grade=D")) == {code(LISTED)}
        assert set(standings(regulator, f"?text={code(5)}")) == {code(5)}
        assert set(standings(regulator, "?text=第4面粉")) == {code(4)}
        assert len(standings(regulator, "?section=C&outcome=graded")) <= 7
        assert standings(regulator, "?region=630000") == {}
        page = regulator.get("/enterprises/?system=general&grade=D").content.decode()
        assert code(LISTED) in page
        assert code(PUNISHED) not in page

    def test_is_taken_along_as_a_file_with_a_reason(self, regulator):
        answer = regulator.post(
            "/enterprises/export/?system=general&grade=D", {"form": "csv", "why": "专项检查"}
        )
        (row,) = rows_of(village.read(answer))
        assert code(LISTED) in row.values()
        sheet = regulator.post("/enterprises/export/?system=general", {"form": "xlsx", "why": "专项检查"})
        table = list(openpyxl.load_workbook(io.BytesIO(village.read(sheet))).active.values)
        assert len(table) == 9
        taken = [one for one in ledger.ledger_page().lines if one.act == "standing.export"]
        assert len(taken) == 2
        assert all("专项检查" in one.why for one in taken)

    def test_is_the_same_when_it_is_computed_again(self, regulator, run):
        before = regulator.get(f"{API}{run}".rstrip("/")).json()["digest"]
        assert regulator.post(f"{run}replay/").context["replay"].same is True
        assert regulator.get(f"{API}{run}".rstrip("/")).json()["digest"] == before

    def test_of_a_day_that_is_no_day_is_refused(self, regulator):
        before = regulator.get(f"{API}/runs").json()
        for as_of in ("2099-01-01", "1999-12-31", "yesterday", ""):
            assert regulator.post("/runs/", {"system": "general", "as_of": as_of}).status_code == 422, as_of
        assert regulator.post("/runs/", {"system": "nonsense", "as_of": "2026-01-01"}).status_code == 422
        assert regulator.get(f"{API}/runs").json() == before


class TestAnEnterprise:
    def test_is_explained_down_to_the_records_and_the_look_is_written_down(self, regulator):
        page = regulator.get(f"/enterprises/{code(PUNISHED)}/?system=general&why=举报核查").content.decode()
        assert name(PUNISHED) in page
        assert "青市监处罚〔2026〕2号" in page
        look = next(one for one in ledger.ledger_page().lines if one.act.startswith("standing."))
        assert (look.user_label, look.object_key[:18]) == ("示例监管员", code(PUNISHED))
        assert "举报核查" in look.why

    def test_with_a_trigger_is_told_what_decided(self, regulator):
        page = regulator.get(f"/enterprises/{code(LISTED)}/?system=general").content.decode()
        assert "On a serious-dishonesty list" in page
        told = regulator.get(f"{SYSTEM}/subjects/{code(LISTED)}").json()
        assert "serious_list" in json.dumps(told)

    def test_has_a_history_that_a_correction_changes_from_then_on_only(self, regulator, operator, run):
        worse = standings(regulator)[code(PUNISHED)]["score"]
        deliver(operator, "PEN-01", [
            penalty(PUNISHED, str(number)) | {"CF_ZT": "撤销"} for number in range(1, 4)
        ])  # fmt: skip
        classify(regulator, days_ago=1)
        better = standings(regulator)[code(PUNISHED)]["score"]
        assert better < worse

        page = regulator.get(f"/enterprises/{code(PUNISHED)}/?system=general").content.decode()
        assert page.count('href="/runs/') >= 3
        old = run.split("/")[2]
        assert standings(regulator, f"?run={old}")[code(PUNISHED)]["score"] == worse
        # The first run still comes out as it did: it knows only what was known then.
        assert regulator.post(f"{run}replay/").context["replay"].same is True

    def test_that_nobody_knows_is_a_page_not_a_fault(self, regulator):
        for address in ("/enterprises/91990121MA0000000X/?system=general", f"{SYSTEM}/subjects/x"):
            assert regulator.get(address).status_code == 404


class TestTheOthers:
    def test_the_operator_sees_how_the_run_is_but_no_class(self, operator, run):
        shown = [
            operator.get(address) for address in ("/runs/", run, f"{API}/runs", f"{API}{run}".rstrip("/"))
        ]
        replayed = operator.post(f"{run}replay/")
        assert [one.status_code for one in (*shown, replayed)] == [200] * 5
        said = "".join(one.content.decode() for one in (*shown, replayed))
        for word in ("grade-D", "band-D", "serious_list", code(LISTED), '"grades"', name(LISTED)):
            assert word not in said
        for address in RESULTS:
            assert operator.get(address).status_code == 403, address
        assert operator.post("/enterprises/export/", {"form": "csv", "why": "x"}).status_code == 403

    def test_see_nothing(self, regulator, run):
        for role in OTHERS:
            browser = village.sign_in(role.value)
            for address in (*RESULTS, "/runs/", run, f"{API}/runs", f"{API}{run}".rstrip("/")):
                assert browser.get(address).status_code == 403, (role, address)
            asked = browser.post("/runs/", {"system": "general", "as_of": "2026-01-01"})
            assert asked.status_code == 403, role
            assert browser.post(f"{run}replay/").status_code == 403, role
            assert browser.post(f"{run}abandon/").status_code == 403, role
            refused = [one for one in ledger.ledger_page(size=30).lines if one.act == "access.refuse"]
            assert len(refused) >= len(RESULTS), role
