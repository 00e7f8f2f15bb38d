"""Claims: answered in five words of one size, and not to be felt out by asking again and again."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.apps.sharing.disclosure.county import EAST, NOWHERE, Town, hold

from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.rules import Grantee
from creditmesh.apps.sharing.disclosure.models import ComparedClaim, Inquiry
from creditmesh.apps.sharing.disclosure.operations import guessing
from creditmesh.apps.sharing.disclosure.operations.verifying import verify
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.apps.sharing.disclosure.rules.comparing import BadClaim
from creditmesh.apps.sharing.disclosure.rules.questions import Claim, TooManyClaims, VerifyQuestion
from creditmesh.exchange.canonical import canonical, sha256

PAID = 123_456_700


def paid(value, **more) -> Claim:
    return Claim(item="TAX-02", field="paid", value=value, **more)


def said(by, authorisation, at, *claims: Claim, subject: str = EAST) -> list[str]:
    return told(by, authorisation, at, *claims, subject=subject)["claims"]


def told(by, authorisation, at, *claims: Claim, subject: str = EAST) -> dict:
    asked = VerifyQuestion(subject=subject, claims=claims, purpose="pre-loan", authorisation=authorisation)
    content = json.loads(verify(by, asked, at).body)["answer"]
    return {**content, "claims": [one["answer"] for one in content["claims"]]}


class TestAClaim:
    def test_matches_within_the_tolerance_of_the_rule_pack(self, town: Town, at) -> None:
        uuid = town.granted()
        claims = (paid(PAID), paid(PAID * 104 // 100), paid(PAID * 106 // 100))
        assert said(town.bank, uuid, at, *claims) == ["MATCH", "MATCH", "MISMATCH"]

    def test_may_name_a_band_of_the_rule_pack_and_no_other(self, town: Town, at) -> None:
        uuid = town.granted()
        claims = (paid((100_000_001, 500_000_000)), paid((0, 1_000_000)))
        assert said(town.bank, uuid, at, *claims) == ["MATCH", "MISMATCH"]
        with pytest.raises(BadClaim):
            said(town.bank, uuid, at, paid((PAID, PAID + 1)))

    def test_may_add_up_and_may_mean_one_record(self, town: Town, at) -> None:
        uuid = town.granted()
        other = [(EAST, "k", at.date(), {"tax_type": "stamp", "period_end": str(at.date()), "paid": 100_00})]
        hold("TAX-02", other)
        one = {"tax_type": "stamp"}
        claims = (
            paid(100_00, where=one),
            paid(PAID),
            paid(PAID * 6 + 100_00, total=True),
            paid(5, where={"tax_type": "land_use"}),
        )
        assert said(town.bank, uuid, at, *claims) == ["MATCH", "PARTIAL", "MATCH", "NO_DATA"]

    def test_on_an_item_not_authorised_is_told_so_and_the_others_are_answered(self, town: Town, at) -> None:
        uuid = town.granted(items=("TAX-02",))
        insured = Claim(item="SOC-01", field="insured", value=3)
        assert said(town.bank, uuid, at, paid(PAID), insured) == ["MATCH", "NOT_AUTHORISED"]
        hold("SOC-01", [(EAST, "k", at.date(), {"insured": 3})])
        assert inquiries.holders(EAST, item="TAX-02", key="any"), "told when it is corrected"
        assert inquiries.holders(EAST, item="SOC-01", key="k") == (), "not told that there is something"

    def test_on_a_person_needs_the_persons_own_consent(self, town: Town, at) -> None:
        name = Claim(item="PER-01", field="person", value="李明")
        hold("PER-01", [(EAST, "k", at.date(), {"person": "李明"})])
        assert said(town.bank, town.granted(), at, name) == ["NOT_AUTHORISED"]

    @pytest.mark.parametrize(
        "claim",
        [
            Claim(item="NO-SUCH", field="paid", value=1),
            Claim(item="TAX-02", field="no_such", value=1),
            Claim(item="TAX-02", field="paid", value="much"),
            Claim(item="TAX-02", field="paid", value=True),
            Claim(item="TAX-02", field="name", value=5),
            Claim(item="TAX-02", field="paid_on", value="2026-02-30"),
            Claim(item="TAX-02", field="name", value="x", total=True),
            Claim(item="TAX-02", field="paid", value=1, where={"paid": 5}),
            Claim(item="PER-01", field="position", value="director", where={"person_id": "p"}),
        ],
    )
    def test_that_cannot_be_compared_is_refused_with_what_to_mend(self, town: Town, at, claim) -> None:
        with pytest.raises(BadClaim, match="Claim 1"):
            said(town.bank, town.granted(), at, claim)


class TestTheShape:
    def test_is_canonical_json_answered_or_refused(self, town: Town, at) -> None:
        for uuid in (town.granted(), uuid4()):
            asked = VerifyQuestion(
                subject=EAST, claims=(paid(PAID), paid(1)), purpose="pre-loan", authorisation=uuid
            )
            answer = verify(town.bank, asked, at)
            assert canonical(json.loads(answer.body)) == answer.body
            assert sha256(canonical(dict(answer.content))) == answer.answer_digest

    def test_is_the_same_whatever_the_answer_and_whoever_asks(self, town: Town, at) -> None:
        claims = (paid(PAID), paid(1), paid(5, where={"tax_type": "land_use"}))
        answers = [
            told(town.bank, town.granted(), at, *claims),
            told(town.bank, town.granted(subject="91990121MA00000010"), at, *claims),
            told(town.bank, uuid4(), at, *claims),
            told(town.bank, uuid4(), at, *claims, subject=NOWHERE),
        ]
        assert len({tuple(one) for one in answers}) == 1
        assert len({len(json.dumps(one)) for one in answers}) == 1
        assert [one["claims"] for one in answers[1:]] == [["NOT_AUTHORISED"] * 3] * 3

    def test_of_a_refused_one_is_written_down_as_refused(self, town: Town, at) -> None:
        told(town.bank, uuid4(), at, paid(PAID))
        row = Inquiry.objects.get()
        assert (row.outcome, row.refusal) == ("refused", "no-authorisation")
        assert row.answer_digest


class TestGuessing:
    def test_by_bisection_ends_after_the_claims_of_a_day(self, town: Town, at) -> None:
        uuid = town.granted()
        low, high, answers = 0, 2**40, 0
        querier = [town.bank, town.program()]
        while high - low > PAID // 20:
            middle = (low + high) // 2
            try:
                # People and programs of one institution cannot share the guessing out.
                (verdict,) = said(querier[answers % 2], uuid, at + timedelta(minutes=answers), paid(middle))
            except TooManyClaims:
                break
            answers += 1
            if verdict == "MATCH":
                low, high = middle * 95 // 100, middle * 105 // 100
            # A miss does not say on which side: whoever bisects has to guess the half as well.
            low, high = (low, middle) if middle > PAID else (middle, high)
        assert answers == 5
        assert high - low >= 2 ** (40 - answers)

    def test_the_same_claim_again_costs_nothing_and_is_answered_alike(self, town: Town, at) -> None:
        uuid = town.granted()
        for number in range(5):
            said(town.bank, uuid, at, paid(number))
        assert said(town.bank, uuid, at, paid(PAID * 0 + 4)) == ["MISMATCH"]
        assert said(town.program(), uuid, at, paid(4)) == ["MISMATCH"]
        with pytest.raises(TooManyClaims):
            said(town.bank, uuid, at, paid(99))

    def test_the_same_claim_over_other_days_is_another_claim(self, town: Town, at) -> None:
        uuid = town.granted()
        last = at.date()

        def over(days: int) -> str:
            first = last - timedelta(days=days)
            asked = VerifyQuestion(
                subject=EAST,
                claims=(paid((0, 1_000_000), total=True),),
                purpose="pre-loan",
                authorisation=uuid,
                data_from=first,
            )
            return json.loads(verify(town.bank, asked, at).body)["answer"]["claims"][0]["answer"]

        # Day by day, one claim that costs nothing again would tell when how much was paid.
        for days in range(5):
            over(days)
        assert over(4) == over(0)
        with pytest.raises(TooManyClaims):
            over(5)

    def test_another_item_and_another_day_have_claims_of_their_own(self, town: Town, at) -> None:
        uuid = town.granted()
        for number in range(5):
            said(town.bank, uuid, at, paid(number))
        assert said(town.bank, uuid, at, Claim(item="SOC-01", field="insured", value=3)) == ["NO_DATA"]
        assert said(town.bank, uuid, at + timedelta(hours=24, seconds=1), paid(PAID)) == ["MATCH"]

    def test_a_question_with_one_claim_too_many_is_not_compared_at_all(self, town: Town, at) -> None:
        uuid = town.granted()
        with pytest.raises(TooManyClaims) as refused:
            said(town.bank, uuid, at, *(paid(number) for number in range(6)))
        assert refused.value.headers["Retry-After"]
        assert ComparedClaim.objects.count() == 0
        assert Inquiry.objects.get().refusal == "too-many-claims"
        assert Authorisation.objects.get(uuid=uuid).used == 0

    def test_is_counted_for_each_institution_apart(self, town: Town, at) -> None:
        mine, theirs = town.granted(), town.granted(institution="RIVAL")
        for number in range(5):
            said(town.bank, mine, at, paid(number))
        assert said(replace(town.rival), theirs, at, paid(PAID)) == ["MATCH"]

    def test_by_branches_counts_as_that_of_the_institution_they_ask_for(self, town: Town, at) -> None:
        uuid = town.granted(grantee=Grantee(code="BANK", name="银行", branches=("RIVAL",)))
        for number in range(5):
            said((town.bank, town.rival)[number % 2], uuid, at, paid(number))
        assert said(town.rival, uuid, at, paid(0)) == ["MISMATCH"]
        with pytest.raises(TooManyClaims):
            said(town.rival, uuid, at, paid(99))

    def test_claims_past_their_day_are_forgotten(self, town: Town, at) -> None:
        said(town.bank, town.granted(), at, paid(1), paid(2))
        assert guessing.forget(at=at + timedelta(hours=23)) == 0
        assert guessing.forget(at=at + timedelta(hours=25)) == 2
