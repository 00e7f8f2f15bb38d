"""SM2 in the script that anyone can run: plain arithmetic, against published vectors and OpenSSL's signatures."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange import vectors
from tests.exchange.test_sm2 import raw

from creditmesh.exchange import sm2
from creditmesh.exchange.keys import Algorithm, PrivateKey
from creditmesh.exchange.standalone import verify_proof
from creditmesh.exchange.standalone.verify_proof import SM2_N, SM2_P, sm2_holds, sm2_sum, sm2_times, sm3

G = (verify_proof.SM2_X, verify_proof.SM2_Y)
KEY = PrivateKey.generate(Algorithm.SM2)
# GB/T 32918.5 (GM/T 0003.5), annex A.2: the message is "message digest".
PUBLISHED = (
    bytes.fromhex("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"),
    bytes.fromhex("CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"),
    bytes.fromhex(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
        "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
    ),
    b"message digest",
)


def halves(point: bytes) -> tuple[bytes, bytes]:
    return point[1:33], point[33:]


class TestASignature:
    def test_of_the_standard_holds(self):
        assert sm2_holds(*PUBLISHED)

    @pytest.mark.parametrize("part", range(4))
    @pytest.mark.parametrize("at", [0, -1])
    def test_of_the_standard_with_one_bit_changed_does_not(self, part, at):
        changed = [bytearray(one) for one in PUBLISHED]
        changed[part][at] ^= 1
        assert not sm2_holds(*map(bytes, changed))

    def test_of_openssls_vectors_holds_for_their_digests(self, monkeypatch):
        # The vectors state the digest of a message, not the message.
        text = (vectors.folder("sm2") / "evppkey_sm2.txt").read_text("ascii")
        pem = re.search(r"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", text, re.DOTALL)
        assert pem
        point = halves(PrivateKey.from_pem(pem[0]).public.point)
        cases = re.findall(r"digest:SM3\nInput = (\S+)\nOutput = (\S+)", text)
        assert len(cases) == 2
        for digest, signature in cases:
            monkeypatch.setattr(verify_proof, "sm3", lambda _data, made=digest: bytes.fromhex(made))
            assert sm2_holds(*point, raw(bytes.fromhex(signature)), b"")
            monkeypatch.setattr(verify_proof, "sm3", lambda _data: bytes(32))
            assert not sm2_holds(*point, raw(bytes.fromhex(signature)), b"")

    @settings(max_examples=15, deadline=None)
    @given(message=st.binary(max_size=200), bit=st.integers(0, 511))
    def test_of_the_nodes_signer_holds_and_a_changed_one_does_not(self, message, bit):
        signature = KEY.sign(message)
        assert sm2_holds(*halves(KEY.public.point), signature, message)
        assert not sm2_holds(*halves(KEY.public.point), signature, message + b"x")
        changed = (int.from_bytes(signature, "big") ^ (1 << bit)).to_bytes(64, "big")
        assert not sm2_holds(*halves(KEY.public.point), changed, message)
        assert not sm2_holds(*halves(b"\x04" + sm2.G), signature, message)

    @pytest.mark.parametrize(
        ("r", "s"), [(0, 1), (1, 0), (SM2_N, 1), (1, SM2_N), (1, SM2_N - 1), (SM2_N - 1, 1)]
    )
    def test_out_of_range_does_not(self, r, s):
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert not sm2_holds(*halves(KEY.public.point), signature, b"x")

    @pytest.mark.parametrize("length", [0, 63, 65])
    def test_of_another_length_does_not(self, length):
        assert not sm2_holds(*halves(KEY.public.point), (KEY.sign(b"x") + b"x")[:length], b"x")

    def test_by_a_point_off_the_curve_or_written_otherwise_does_not(self):
        x, y = halves(KEY.public.point)
        signature = KEY.sign(b"x")
        for point in ((y, x), (bytes(32), bytes(32)), (b"\x00" + x, y), (x, (SM2_P + 1).to_bytes(32, "big"))):
            assert not sm2_holds(*point, signature, b"x")


class TestTheArithmetic:
    @pytest.mark.parametrize("times", [1, 2, 3, SM2_N - 1, SM2_N // 2, SM2_N + 1])
    def test_stays_on_the_curve_and_has_the_order_of_the_standard(self, times):
        point = sm2_times(times, G)
        assert point is not None
        assert sm2.is_point(b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big"))
        assert sm2_times(SM2_N, point) is None

    def test_knows_infinity(self):
        assert sm2_sum(None, G) == sm2_sum(G, None) == G
        assert sm2_sum(None, None) is None
        assert sm2_sum(G, (G[0], SM2_P - G[1])) is None

    def test_of_the_digest_agrees_with_the_standard(self):
        # GB/T 32905, annex A.1.
        assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
