"""Whatever is changed in a kept authorisation, it carries nothing any more."""

import json
from typing import ClassVar

from django.db import transaction
from tests.apps.sharing.authorisations.conftest import OTHER, Stage

from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.letters import document
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations.spending import spend
from creditmesh.apps.sharing.authorisations.rules import Refusal
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
