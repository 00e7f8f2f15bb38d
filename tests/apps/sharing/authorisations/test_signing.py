"""Asking, narrowing and signing: the whole way of an authorisation, and everything that must not pass."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.apps.sharing.authorisations.conftest import CHOICE, OTHER, SUBJECT, WISH, Stage

from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.apps.sharing.authorisations import overview, queries
from creditmesh.apps.sharing.authorisations.letters import document
from creditmesh.apps.sharing.authorisations.letters.drafting import BeyondBounds, Choice
from creditmesh.apps.sharing.authorisations.models import Authorisation, Request
from creditmesh.apps.sharing.authorisations.operations import (
    preparing,
    registering,
    requesting,
    second_factor,
    signing,
)
from creditmesh.apps.sharing.authorisations.operations.withdrawing import UnknownAuthorisation
from creditmesh.apps.sharing.authorisations.rules import State, WrongMove, decide
from creditmesh.catalogue.model import Mode
from creditmesh.exchange.canonical import sha256
from creditmesh.exchange.jws import sign_detached
from creditmesh.exchange.keys import Algorithm, PrivateKey

ALGORITHMS = [Algorithm.ED25519, Algorithm.ES256, Algorithm.SM2]


def own_key(stage: Stage, algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
    """A key of the enterprise, registered."""
    key = PrivateKey.generate(algorithm)
    row = registering.offer_key(name="公章系统", pem=key.public.to_pem(), by=stage.owner, at=stage.now)
    proof = sign_detached(row.challenge.encode(), key=key, kid=row.kid)
    registering.prove_key(row.uuid, jws=proof, code=stage.code(), by=stage.owner, at=stage.now)
    return key


def outside(stage: Stage, draft: Authorisation, jws: str, certificate: str = "") -> Authorisation:
    """Hand in a signature made outside."""
    return signing.sign_outside(
        draft.uuid,
        upload=signing.Upload(jws=jws, certificate=certificate),
        by=stage.owner,
        node=stage.node,
        at=stage.now,
        place=signing.Place(address="192.0.2.1", device="test"),
    )


class TestAsking:
    """An institution asks; whether the enterprise exists stays unknown."""

    def test_unknown_enterprises_get_the_same_answer(self, stage: Stage) -> None:
        known, unknown = stage.asked(), stage.asked(subject="91990121MA99999999")
        shown = [overview.request_by(one.uuid, institution="BANK", at=stage.now) for one in (known, unknown)]
        told = [{**vars(one), "uuid": 0, "token": 0, "subject": 0} for one in shown]
        assert told[0] == told[1]

    def test_shows_the_request_to_the_enterprise_alone(self, stage: Stage) -> None:
        row = stage.asked()
        assert overview.request_behind(row.token, subject=SUBJECT, at=stage.now).uuid == row.uuid
        for subject in (OTHER, ""):
            with pytest.raises(requesting.UnknownRequest):
                overview.request_behind(row.token, subject=subject, at=stage.now)
        assert [one.uuid for one in overview.asked_of(SUBJECT, at=stage.now)] == [row.uuid]
        assert overview.asked_of(OTHER, at=stage.now) == overview.asked_of("", at=stage.now) == ()

    @pytest.mark.parametrize(
        "change",
        [
            {"items": ("CMP-01",)},
            {"items": ()},
            {"modes": (Mode.GOV,)},
            {"modes": ()},
            {"modes": (Mode.RAW,)},
            {"raw_detail": True},
            {"data_months": 37},
            {"life_days": 91},
            {"max_queries": 31},
            {"per_day": 6},
            {"retention_months": 7},
            {"onward_to": ("某公司",)},
            {"joint_modelling": True},
            {"branches": ("NOBODY",)},
            {"max_queries": 2, "per_day": 3},
        ],
        ids=str,
    )
    def test_refuses_what_goes_beyond_the_purpose(self, stage: Stage, change: dict[str, Any]) -> None:
        with pytest.raises(BeyondBounds):
            stage.asked(wish=replace(WISH, **change))

    def test_refuses_kinds_that_cannot_use_the_purpose(self, stage: Stage) -> None:
        with pytest.raises(BeyondBounds, match="your kind"):
            stage.asked(purpose="insurance")

    def test_refuses_what_cannot_be_a_code(self, stage: Stage) -> None:
        with pytest.raises(requesting.WrongSubjectCode):
            stage.asked(subject="<script>")

    def test_asking_again_takes_the_place_of_the_first(self, stage: Stage) -> None:
        first, second = stage.asked(), stage.asked()
        first.refresh_from_db()
        assert (first.state, second.state) == ("cancelled", "open")

    def test_wears_nobody_down(self, stage: Stage) -> None:
        for number in range(requesting.MOST_OPEN):
            stage.asked(wish=replace(WISH, reference=str(number)))
        with pytest.raises(requesting.TooManyRequests):
            stage.asked()

    def test_declining_and_cancelling_end_it(self, stage: Stage) -> None:
        row = stage.asked()
        with pytest.raises(requesting.UnknownRequest):
            requesting.decline(row.uuid, by=stage.stranger, at=stage.now)
        requesting.decline(row.uuid, by=stage.clerk, at=stage.now, why="不需要")
        with pytest.raises(requesting.UnknownRequest):
            requesting.cancel(row.uuid, by=stage.bank, at=stage.now)
        line = overview.request_by(row.uuid, institution="BANK", at=stage.now)
        assert (line.state, line.decline_reason) == ("declined", "不需要")

    def test_lapses(self, stage: Stage) -> None:
        row = stage.asked()
        later = stage.now + timedelta(days=31)
        assert overview.request_by(row.uuid, institution="BANK", at=later).state == "lapsed"
        with pytest.raises(requesting.UnknownRequest):
            preparing.from_request(row.uuid, by=stage.owner, node=stage.node, at=later)

    def test_requests_of_a_sandbox_reach_nobody(self, stage: Stage) -> None:
        stage.bank = replace(stage.bank, sandbox=True)
        stage.asked()
        assert overview.asked_of(SUBJECT, at=stage.now) == ()


class TestNarrowing:
    """The enterprise gives less than was asked for, never more."""

    def test_gives_less(self, stage: Stage) -> None:
        choice = replace(CHOICE, items=("SOC-01",), life_days=10, max_queries=2, per_day=1)
        terms = queries.stands(stage.signed(choice=choice)).terms  # type: ignore[union-attr]
        assert (terms.items, terms.max_queries, terms.per_day) == (("SOC-01",), 2, 1)
        assert (terms.valid_to - terms.valid_from).days == 9

    @pytest.mark.parametrize(
        "change",
        [
            {"items": ("TAX-02", "EST-01")},
            {"items": ()},
            {"data_months": 25},
            {"life_days": 61},
            {"life_days": 0},
            {"max_queries": 11},
            {"per_day": 4},
            {"max_queries": 1, "per_day": 2},
        ],
        ids=str,
    )
    def test_never_gives_more(self, stage: Stage, change: dict[str, Any]) -> None:
        with pytest.raises(BeyondBounds):
            stage.draft(choice=replace(CHOICE, **change))

    def test_begins_soon_or_today(self, stage: Stage) -> None:
        for days in (-2, 70):
            starts = stage.now.date() + timedelta(days=days)
            with pytest.raises(BeyondBounds):
                stage.draft(choice=replace(CHOICE, starts_on=starts))

    def test_raw_detail_needs_both_sides(self, stage: Stage) -> None:
        wish = replace(WISH, modes=(Mode.AUTH, Mode.RAW), raw_detail=True)
        without = document.readable(bytes(stage.draft(wish=wish).body))
        with_it = document.readable(
            bytes(stage.draft(wish=wish, choice=replace(CHOICE, raw_detail=True)).body)
        )
        assert without is not None
        assert with_it is not None
        assert (without.modes, without.raw_detail_explicit) == ((Mode.AUTH,), False)
        assert (with_it.modes, with_it.raw_detail_explicit) == ((Mode.AUTH, Mode.RAW), True)

    def test_gives_unasked(self, stage: Stage) -> None:
        offer = preparing.unasked("BANK", purpose="pre-loan", reference="", node=stage.node, at=stage.now)
        choice = Choice(
            items=("TAX-02",), data_months=6, life_days=7, max_queries=1, per_day=1, clause_confirmed=True
        )
        made = preparing.prepare(offer, choice=choice, by=stage.owner, node=stage.node, at=stage.now)
        signed = stage.sign(made)
        assert (
            decide(queries.standing(signed.uuid), stage.ask(data_from=stage.now.date()), at=stage.now) is None
        )

    def test_binds_the_notice_that_was_shown(self, stage: Stage) -> None:
        row = stage.draft()
        terms = document.readable(bytes(row.body))
        assert terms is not None
        assert terms.notice_text_hash == sha256(row.notice.encode())
        assert "青禾农村商业银行" in row.notice
        assert "税款缴纳信息" in row.notice
        assert terms.conspicuous_clause_confirmed
        assert "192.0.2.1" not in bytes(row.body).decode()


class TestSecondFactor:
    """A code of the authenticator app: right, fresh, once."""

    def test_signs_with_the_nodes_key(self, stage: Stage) -> None:
        row = stage.signed()
        assert (row.state, row.method, row.kid) == (State.SIGNED, "platform", stage.node.signer.key_id)
        assert queries.standing(row.uuid) is not None
        assert Request.objects.get().state == "signed"

    def test_takes_a_code_only_once(self, stage: Stage) -> None:
        code = stage.code()
        first, second = stage.draft(), None
        kwargs: dict[str, Any] = {"by": stage.owner, "node": stage.node, "at": stage.now}
        signing.sign_here(first.uuid, code=code, place=signing.Place(), **kwargs)
        second = stage.draft()
        with pytest.raises(second_factor.WrongSecondFactor):
            signing.sign_here(second.uuid, code=code, place=signing.Place(), **kwargs)
        second.refresh_from_db()
        assert second.state == State.DRAFT

    def test_locks_after_five_wrong_ones_and_writes_each_down(self, stage: Stage) -> None:
        row = stage.draft()

        def attempt(code: str) -> None:
            signing.sign_here(
                row.uuid, code=code, by=stage.owner, node=stage.node, at=stage.now, place=signing.Place()
            )

        for _ in range(second_factor.MOST_WRONG):
            with pytest.raises(second_factor.WrongSecondFactor):
                attempt("abcdef")
        with pytest.raises(second_factor.SecondFactorLocked):
            attempt(stage.code())
        assert Entry.objects.filter(act="authorisation.second-factor", outcome="refused").count() == 5
        later = replace_now(stage, minutes=16)
        later.sign(row)

    def test_needs_an_authenticator_app(self, stage: Stage) -> None:
        row = stage.draft()
        other = replace(stage.owner, user_id=stage.stranger.user_id)
        with pytest.raises(second_factor.NoSecondFactor):
            signing.sign_here(
                row.uuid, code="000000", by=other, node=stage.node, at=stage.now, place=signing.Place()
            )

    def test_only_owners_sign(self, stage: Stage) -> None:
        row = stage.draft()
        with pytest.raises(NotPermitted):
            signing.sign_here(
                row.uuid,
                code=stage.code(),
                by=stage.clerk,
                node=stage.node,
                at=stage.now,
                place=signing.Place(),
            )
        with pytest.raises(UnknownAuthorisation):
            signing.sign_here(
                row.uuid, code="1", by=stage.stranger, node=stage.node, at=stage.now, place=signing.Place()
            )

    def test_signs_once_and_only_what_was_confirmed_lately(self, stage: Stage) -> None:
        row = stage.signed()
        with pytest.raises(WrongMove):
            stage.sign(row)
        with pytest.raises(signing.ClauseNotConfirmed):
            stage.sign(stage.draft(choice=replace(CHOICE, clause_confirmed=False)))
        old = stage.draft()
        with pytest.raises(signing.DraftTooOld):
            replace_now(stage, days=8).sign(old)


class TestOwnKey:
    """Signed outside the platform, with the enterprise's own key."""

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_takes_a_signature_of_a_registered_key(self, stage: Stage, algorithm: Algorithm) -> None:
        key = own_key(stage, algorithm)
        draft = stage.draft()
        row = outside(stage, draft, sign_detached(bytes(draft.body), key=key, kid=key.public.thumbprint()))
        assert (row.method, row.algorithm) == ("key", algorithm)
        assert queries.standing(row.uuid) is not None

    @pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
    def test_takes_what_the_commands_of_the_page_make(self, stage: Stage, tmp_path: Path) -> None:
        page = Path(__file__).parents[4] / "docs" / "how-authorisations-work.md"
        (commands,) = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)

        def shell(line: str) -> str:
            told = subprocess.run(
                ["bash", "-euc", line],
                cwd=tmp_path, check=True, capture_output=True, text=True,
            )  # fmt: skip
            return told.stdout

        pem = shell(commands)
        row = registering.offer_key(name="自有密钥", pem=pem, by=stage.owner, at=stage.now)
        (tmp_path / "commands").write_text(commands.partition("-pubout\n")[2], "utf-8")
        (tmp_path / "challenge.txt").write_text(row.challenge, "utf-8")
        proof = shell(f". ./commands; sign challenge.txt {row.kid}")
        registering.prove_key(row.uuid, jws=proof, code=stage.code(), by=stage.owner, at=stage.now)
        draft = stage.draft()
        (tmp_path / "authorisation.json").write_bytes(bytes(draft.body))
        signed = outside(stage, draft, shell(f". ./commands; sign authorisation.json {row.kid}"))
        assert (signed.method, queries.standing(signed.uuid) is not None) == ("key", True)

    def test_refuses_every_other_signature(self, stage: Stage) -> None:
        key, draft = own_key(stage), stage.draft()
        body, kid = bytes(draft.body), key.public.thumbprint()
        stranger = PrivateKey.generate(Algorithm.ED25519)
        good = sign_detached(body, key=key, kid=kid)
        other = sign_detached(body.replace(b"SOC-01", b"SOC-02"), key=key, kid=kid)
        wrong = sign_detached(body, key=stranger, kid=kid)
        unknown = sign_detached(body, key=stranger, kid=stranger.public.thumbprint())
        node = sign_detached(body, key=stage.node.signer.key, kid=stage.node.signer.key_id)
        for jws in (other, wrong, unknown, node, good[:-4], good.replace("..", "."), "", "x..y"):
            with pytest.raises(signing.SignatureNotAccepted):
                outside(stage, draft, jws)
        assert Entry.objects.filter(act="authorisation.sign", outcome="refused").count() == 8
        outside(stage, draft, good)

    def test_a_signature_fits_one_document_only(self, stage: Stage) -> None:
        key, first = own_key(stage), stage.draft()
        jws = sign_detached(bytes(first.body), key=key, kid=key.public.thumbprint())
        outside(stage, first, jws)
        with pytest.raises(signing.SignatureNotAccepted):
            outside(stage, stage.draft(), jws)

    def test_keys_of_another_enterprise_or_revoked_ones_do_not_count(self, stage: Stage) -> None:
        key, draft = own_key(stage), stage.draft()
        jws = sign_detached(bytes(draft.body), key=key, kid=key.public.thumbprint())
        row = overview.keys(SUBJECT)[0]
        row.subject = OTHER
        row.save()
        with pytest.raises(signing.SignatureNotAccepted):
            outside(stage, draft, jws)
        row.subject = SUBJECT
        row.save()
        with pytest.raises(registering.UnknownEnterpriseKey):
            registering.revoke_key(row.uuid, by=stage.stranger, at=stage.now)
        registering.revoke_key(row.uuid, by=stage.owner, at=stage.now)
        with pytest.raises(signing.SignatureNotAccepted):
            outside(stage, draft, jws)

    def test_a_key_must_be_proved_with_a_second_factor(self, stage: Stage) -> None:
        key, other = PrivateKey.generate(Algorithm.ES256), PrivateKey.generate(Algorithm.ES256)
        row = registering.offer_key(name="k", pem=key.public.to_pem(), by=stage.owner, at=stage.now)
        forged = sign_detached(row.challenge.encode(), key=other, kid=row.kid)
        right = sign_detached(row.challenge.encode(), key=key, kid=row.kid)
        with pytest.raises(registering.KeyRefused):
            registering.prove_key(row.uuid, jws=forged, code=stage.code(), by=stage.owner, at=stage.now)
        with pytest.raises(second_factor.WrongSecondFactor):
            registering.prove_key(row.uuid, jws=right, code="000", by=stage.owner, at=stage.now)
        draft = stage.draft()
        with pytest.raises(signing.SignatureNotAccepted):
            outside(stage, draft, sign_detached(bytes(draft.body), key=key, kid=row.kid))
        registering.prove_key(row.uuid, jws=right, code=stage.code(), by=stage.owner, at=stage.now)
        with pytest.raises(registering.KeyRefused, match="already"):
            registering.offer_key(name="k", pem=key.public.to_pem(), by=stage.owner, at=stage.now)


def replace_now(stage: Stage, **later: float) -> Stage:
    """The same stage, later."""
    return replace(stage, now=stage.now + timedelta(**later))
