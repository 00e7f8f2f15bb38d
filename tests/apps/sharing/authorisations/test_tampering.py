"""Whatever is changed in a kept authorisation, it carries nothing any more."""

import json
from typing import ClassVar

from django.db import transaction
from tests.apps.sharing.authorisations.conftest import OTHER, Stage

from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.letters import document, persons
from creditmesh.apps.sharing.authorisations.models import Authorisation, PersonalConsent
from creditmesh.apps.sharing.authorisations.operations import consenting
from creditmesh.apps.sharing.authorisations.operations.spending import spend
from creditmesh.apps.sharing.authorisations.rules import Refusal
from creditmesh.exchange.canonical import canonical, sha256
from creditmesh.exchange.jws import sign_detached
from creditmesh.exchange.keys import Algorithm, PrivateKey


class TestTampering:
    """Whatever is changed in a kept authorisation, it carries nothing any more."""

    FLIPS: ClassVar[dict[str, object]] = {
        "subject": OTHER,
        "institution": "demo-bank",
        "purpose": "post-loan",
        "purpose_version": "0",
        "reference": "LN-2",
        "items": json.dumps(["TAX-02", "SOC-01", "UTL-02", "EST-01"]),
        "modes": json.dumps(["AUTH", "VERIFY", "RAW"]),
        "raw_detail_explicit": True,
        "data_from": "2000-01-01",
        "data_to": "2026-01-01",
        "valid_from": "2020-01-01",
        "valid_to": "2099-01-01",
        "max_queries": 10_000,
        "per_day": 1_000,
        "digest": "0" * 64,
        "jws": "x..y",
        "verified_with": "{}",
        "body": b"{}",
    }

    def test_every_column_that_is_signed_is_tried(self, stage: Stage) -> None:
        terms = document.readable(bytes(stage.draft().body))
        assert terms is not None
        assert set(document.columns(terms)) <= set(self.FLIPS)

    def test_any_difference_makes_it_unusable(self, stage: Stage) -> None:
        row = stage.signed()
        for column, value in self.FLIPS.items():
            Authorisation.objects.filter(pk=row.pk).update(**{column: value})
            assert queries.standing(row.uuid) is None, column
            with transaction.atomic():
                assert spend([(row.uuid, stage.ask())], at=stage.now) == [Refusal.NO_AUTHORISATION]
            row.save()
        assert queries.standing(row.uuid) is not None

    def test_bytes_and_columns_changed_together_are_not_signed(self, stage: Stage) -> None:
        row = stage.signed()
        terms = document.readable(bytes(row.body))
        assert terms is not None
        wider = terms.model_copy(update={"max_queries": 10_000})
        body = document.body(wider)
        row.body, row.digest, row.max_queries = body, document.digest(body), 10_000
        row.save()
        assert queries.standing(row.uuid) is None
        mine = PrivateKey.generate(Algorithm.ED25519)
        row.jws = sign_detached(body, key=mine, kid=row.kid)
        row.verified_with = json.dumps(mine.public.jwk())
        row.save()
        assert queries.standing(row.uuid) is None

    def test_the_same_said_otherwise_does_not_count(self, stage: Stage) -> None:
        row = stage.signed()
        Authorisation.objects.filter(pk=row.pk).update(body=bytes(row.body) + b" ")
        assert queries.standing(row.uuid) is None


class TestAPersonsConsent:
    """As with authorisations: who has the database, and not the node's key, makes nobody agree to anything."""

    def test_changed_in_all_its_columns_together_is_not_signed(self, stage: Stage) -> None:
        row = stage.signed()
        asked = consenting.ask_person(
            row.uuid, role="shareholder", name="李四", by=stage.clerk, node=stage.node, at=stage.now
        )
        operator = Actor(user_id=None, label="operator", roles=frozenset({Role.OPERATOR}))
        code = consenting.identify(asked.uuid, name="李四", how="identity card", by=operator, at=stage.now)
        consenting.answer(asked.token, name="李四", code=code, agrees=True, node=stage.node, at=stage.now)
        assert len(queries.personal_consents(row.uuid)) == 1
        kept = PersonalConsent.objects.get()
        other = persons.name_digest(row.uuid, "王五")
        said = canonical({**json.loads(bytes(kept.statement or b"")), "name_digest": other})
        kept.statement, kept.evidence_digest, kept.name_digest = said, sha256(said), other
        kept.save()
        assert queries.personal_consents(row.uuid) == ()
