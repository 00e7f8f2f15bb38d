"""The workshop through the web: edited in a form, refused when two edit at once, proposed and approved by others."""

import pytest
from django.utils import timezone
from tests.web.conftest import signed_in

from creditmesh.apps.evaluation.systems.operations import drafting
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.rules.standing import Evidence, Standing, State
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.ground.parties.rules import Actor, Role

pytestmark = pytest.mark.usefixtures("small_town")
NUMBER = "groups/0/weight"
SOMEBODY = Actor(user_id=99, label="编制员", roles=frozenset({Role.SYSTEM_EDITOR}))


@pytest.fixture
def editor():
    return signed_in("editor")


@pytest.fixture
def draft(editor):
    editor.post("/workshop/systems/public-credit/copy/", {"title": "草稿一"})
    [made] = drafts.open_drafts()
    return made


def posted(draft, **values):
    return {"section": "head", "revision": draft.revision, "act": "save", **values}


class TestADraft:
    def test_is_changed_in_the_form_and_nothing_else_changes(self, editor, draft):
        answer = editor.post(f"/workshop/drafts/{draft.uuid}/", posted(draft, version="2026.9"))
        assert answer.status_code == 302
        saved = drafts.draft(draft.uuid)
        assert saved.text == draft.text.replace('version: "2026.1"', 'version: "2026.9"')

    def test_says_at_the_field_what_is_wrong(self, editor, draft):
        answer = editor.post(
            f"/workshop/drafts/{draft.uuid}/",
            posted(draft, section="group-0", act="check", **{NUMBER: "many"}),
        )
        page = answer.content.decode()
        assert "public-credit.yml:" in page
        assert 'value="many"' in page
        assert drafts.draft(draft.uuid).revision == draft.revision

    @pytest.mark.parametrize(
        ("language", "says", "not_says"),
        [
            ("zh-hans", "权重之和须为10000", "Weights do not"),
            ("en", "must sum to 10000", "权重之和须为10000"),
        ],
    )
    def test_says_what_is_wrong_in_the_language_of_the_page(self, editor, draft, language, says, not_says):
        editor.cookies["django_language"] = language

        wrong = draft.text.replace("weight: 4500", "weight: 1", 1)
        for page, typed in (("", {"section": "group-0", NUMBER: "1"}), ("text/", {"text": wrong})):
            answer = editor.post(f"/workshop/drafts/{draft.uuid}/{page}", posted(draft, act="check") | typed)
            shown = answer.content.decode()

            assert says in shown
            assert not_says not in shown

    def test_of_two_editors_the_second_is_refused_and_keeps_the_text(self, editor, draft):
        first = {"revision": draft.revision, "act": "save", "text": draft.text + "# mine\n"}
        assert editor.post(f"/workshop/drafts/{draft.uuid}/text/", first).status_code == 302
        second = {**first, "text": draft.text + "# theirs\n"}
        answer = editor.post(f"/workshop/drafts/{draft.uuid}/text/", second)
        assert answer.status_code == 409
        assert "# theirs" in answer.content.decode()
        assert drafts.draft(draft.uuid).text.endswith("# mine\n")

    def test_is_not_proposed_without_a_simulation(self, editor, draft):
        page = editor.get(f"/workshop/drafts/{draft.uuid}/propose/").content.decode()
        assert "was not simulated yet" in page
        answer = editor.post(
            f"/workshop/drafts/{draft.uuid}/propose/", {"starts": timezone.localdate(), "why": "x"}
        )
        assert answer.status_code == 422
        assert versions.versions(states=[State.PROPOSED]) == []

    def test_is_nobodys_business_without_the_right(self, draft):
        for who in ("banker", "enterprise", "operator"):
            assert signed_in(who).get(f"/workshop/drafts/{draft.uuid}/").status_code == 403
        assert (
            signed_in("approver")
            .post(f"/workshop/drafts/{draft.uuid}/", posted(draft, version="x"))
            .status_code
            == 403
        )


class TestAProposal:
    def test_is_approved_by_other_eyes(self, editor, draft, monkeypatch):
        monkeypatch.setattr(trials, "evidence", lambda sha256: Evidence(simulation="", sha256=sha256))
        wanted = {"starts": timezone.localdate(), "why": "试算后调整"}
        assert editor.post(f"/workshop/drafts/{draft.uuid}/propose/", wanted).status_code == 302
        [version] = versions.versions(states=[State.PROPOSED])
        address = f"/workshop/versions/{version.uuid}/"
        assert editor.post(f"{address}decide/", {"act": "approve"}).status_code == 403
        approver = signed_in("approver")
        assert "Approve" in approver.get(address).content.decode()
        assert approver.post(f"{address}decide/", {"act": "decline", "why": ""}).status_code == 409
        assert approver.post(f"{address}decide/", {"act": "approve"}).status_code == 302
        assert versions.version(version.uuid).standing(timezone.localdate()) is Standing.LIVE


class TestAPublishedSystem:
    def publish(self, editor, draft):
        editor.post(
            f"/workshop/drafts/{draft.uuid}/propose/", {"starts": timezone.localdate(), "why": "试算后调整"}
        )
        [version] = versions.versions(states=[State.PROPOSED])
        signed_in("approver").post(f"/workshop/versions/{version.uuid}/decide/", {"act": "approve"})

    @pytest.fixture(autouse=True)
    def simulated(self, monkeypatch):
        monkeypatch.setattr(trials, "evidence", lambda sha256: Evidence(simulation="", sha256=sha256))

    def test_is_what_the_pages_of_systems_tell_of(self, editor, draft):
        text = draft.text.replace('version: "2026.1"', 'version: "2026.9"')
        saved = {"revision": draft.revision, "act": "save", "text": text}
        editor.post(f"/workshop/drafts/{draft.uuid}/text/", saved)
        editor.cookies["django_language"] = "en"
        assert "version 2026.1" in editor.get("/systems/public-credit/").content.decode()

        self.publish(editor, draft)

        for page in ("/systems/public-credit/", "/systems/"):
            assert "version 2026.9" in editor.get(page).content.decode()
        [listed] = [one for one in editor.get("/api/v1/systems").json() if one["id"] == "public-credit"]
        assert listed["version"] == "2026.9"

    def test_of_a_name_of_its_own_has_its_pages_and_can_be_run(self, editor, draft):
        made = drafting.bring_in(
            system="own-credit",
            content=draft.text.replace("id: public-credit", "id: own-credit").encode(),
            cases=draft.cases_text.replace("system: public-credit", "system: own-credit").encode(),
            by=SOMEBODY,
            at=timezone.now(),
        )
        self.publish(editor, made)

        assert editor.get("/systems/own-credit/").status_code == 200
        assert "/systems/own-credit/" in editor.get("/systems/").content.decode()
        assert b"own-credit" in signed_in("regulator").get("/runs/").content
        assert editor.get("/systems/never-made/").status_code == 404
