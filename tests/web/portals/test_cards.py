"""The model card of an index system: on its page, and as a text to take away."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.web.conftest import signed_in

from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.scoring import loading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def backtest(*, auc_bp: int | None, state: str = "done") -> Trial:
    """Keep a back-test of the general system as it is left when it has ended."""
    return Trial.objects.create(
        uuid=uuid4(),
        kind="backtest",
        system="general",
        purpose="risk_classification",
        version="2026.1",
        content=b"",
        sha256="0" * 64,
        as_of=date(2025, 1, 31),
        settings="{}",
        state=state,
        stage="finished",
        progress=100,
        requested_by="regulator",
        requested_at=NOON,
        result=json.dumps({"foresight": {"after": {"auc_bp": auc_bp}}}),
    )


class TestTheCard:
    def test_stands_on_the_page_of_every_system_in_both_languages(self):
        for language, heading, limits, nothing in (
            ("zh-hans", "模型卡", "等级界限的由来", "未说明"),
            ("en", "Model card", "How the limits of the classes were set", "not said"),
        ):
            client = signed_in("regulator", language=language)
            for name in loading.shipped():
                card = card_on(client.get(f"/systems/{name}/"))
                assert f"<h2>{heading}</h2>" in card
                assert limits in card
                assert nothing not in card, name
                if name == "food-production-2016":
                    assert "official" not in card, "what is recalled is never told as official"

    def test_is_handed_out_as_a_text(self):
        client = signed_in("regulator")
        answer = client.get("/systems/general/card.md")
        assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="general.card.md"'
        assert answer.content.decode().startswith("# 模型卡 / Model card: 企业信用风险分类")
        assert client.get("/systems/nothing/card.md").status_code == 404

    def test_names_the_back_tests_of_this_node_to_those_who_may_see_trials(self):
        done, waiting = backtest(auc_bp=7_312), backtest(auc_bp=7_312, state="requested")
        backtest(auc_bp=None)  # nobody was hit by what was looked for
        card = card_on(signed_in("editor").get("/systems/general/"))
        assert str(done.uuid) in card
        assert "AUC 0.731" in card
        assert "AUC –" in card
        assert str(waiting.uuid) not in card
        assert str(done.uuid) not in card_on(signed_in("regulator").get("/systems/general/"))


def card_on(page: Any) -> str:
    """Return the part of a page that is the card."""
    return str(page.content.decode().split('id="card"')[1].split("</section>")[0])
