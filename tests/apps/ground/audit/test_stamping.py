"""Time stamps of an authority outside: beside the head and in the proof, and never in the way."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.apps.ground.audit.conftest import Ledger
from tests.apps.ground.audit.test_evidence import checked

from creditmesh.apps.ground.audit.evidence import heads, proofs, stamping
from creditmesh.apps.ground.audit.models import Entry, Stamp


class TestStamps:
    def test_stand_beside_the_head_and_in_the_proof(self, ledger: Ledger) -> None:
        (entry,) = ledger.ask(1)
        ledger.sign()
        stamp = ledger.stamp()
        ledger.ask(3)
        ledger.sign(minutes=1)

        assert (stamp.head_number, stamp.authority) == (1, "CN=测试时间戳机构")
        proof = proofs.proof_file(entry=UUID(entry), keys=[ledger.key.public.jwk()])
        assert len(proof["stamps"]) == len(proof["later"]) == 1  # type: ignore[arg-type]
        assert checked(proof)

    def test_are_asked_for_once_an_hour(self, ledger: Ledger) -> None:
        ledger.sign()
        ledger.stamp()
        asked = ledger.authority.asked
        authority = stamping.Authority("http://stamps.example", (ledger.authority.root_pem,))
        ledger.sign(minutes=59)
        assert stamping.stamp_if_due(authority=authority, at=ledger.at) is None
        assert ledger.stamp() is not None
        assert ledger.stamp() is not None, "a head is stamped once"
        assert ledger.authority.asked == asked + 1

    @pytest.mark.parametrize("trouble", ["away", "refuses", "stamps something else", "nonsense"])
    def test_that_do_not_come_stop_nothing_and_warn(self, ledger: Ledger, trouble: str) -> None:
        ledger.sign()

        def ask(_url: str, question: bytes) -> bytes:
            if trouble == "away":
                raise ConnectionRefusedError
            if trouble == "refuses":
                return ledger.authority.answer(question, status=2)
            return ledger.authority.response(b"x" * 32, at=ledger.at) if "else" in trouble else b"nonsense"

        assert ledger.stamp(ask) is None
        assert ledger.stamp(ask) is None
        assert not Stamp.objects.exists()
        assert Entry.objects.get(act="ledger.stamp").outcome == "failed", "told once an hour"
        assert heads.state().stamp_trouble
        assert heads.alerts(at=ledger.at, stamps_wanted=True) == (heads.Alert.NOT_STAMPED,)
        assert ledger.stamp() is not None
        assert heads.alerts(at=ledger.at, stamps_wanted=True) == ()

    @pytest.mark.parametrize("apart", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-900)])
    def test_of_another_time_than_it_is_are_none(self, ledger: Ledger, apart: timedelta) -> None:
        ledger.sign()
        said = ledger.at + apart

        assert ledger.stamp(lambda _url, question: ledger.authority.answer(question, at=said)) is None
        assert "clock" in heads.state().stamp_trouble
        assert heads.alerts(at=ledger.at, stamps_wanted=True) == (heads.Alert.NOT_STAMPED,)

        nearly = ledger.at - timedelta(minutes=15)
        assert ledger.stamp(lambda _url, question: ledger.authority.answer(question, at=nearly)) is not None

    def test_need_an_address_of_the_web(self) -> None:
        with pytest.raises(stamping.AuthorityAway):
            stamping.by_http("file:///etc/passwd", b"")
