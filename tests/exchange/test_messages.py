"""Signed messages: what is covered, and why a message is refused."""

import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.exchange import messages
from creditmesh.exchange.fields import content_digest
from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey
from creditmesh.exchange.messages import Request, Response, SignatureRefused, Why

NOW = 1_800_000_000
KEYS = {algorithm: PrivateKey.generate(algorithm) for algorithm in Algorithm}
KEY = KEYS[Algorithm.ED25519]
NODE = PrivateKey.generate(Algorithm.ES256)
POST = Request(
    "POST",
    "https://node.example/api/v1/inquiries?trace=%E8%B4%B7",
    {"Authorization": "Bearer abc", "Content-Type": "application/json"},
    b'{"subject":"91110000100006273X"}',
)
GET = Request("GET", "https://node.example/api/v1/authorisations", {"Authorization": "Bearer abc"})


def resolve(keyid: str) -> PublicKey | None:
    if keyid == "node":
        return NODE.public
    return KEYS[Algorithm(keyid)].public if keyid in list(Algorithm) else None


def signed(request: Request = POST, *, key: PrivateKey = KEY, keyid: str = "Ed25519", **when: int) -> Request:
    times = {"created": NOW, "expires": NOW + 300, **when}
    added = messages.sign_request(request, key=key, keyid=keyid, nonce="n-0123456789abcdef", **times)
    return replace(request, headers={**request.headers, **added})


def edited(request: Request, name: str, old: str, new: str) -> Request:
    assert old in request.headers[name]
    return replace(request, headers={**request.headers, name: request.headers[name].replace(old, new)})


def signed_over(covered: str, request: Request = POST, more: str = "") -> Request:
    """Sign whatever is told to be covered, as a program with another profile would."""
    text = f'({covered});created={NOW};expires={NOW + 300};nonce="n";keyid="Ed25519"' + (
        more or ';tag="creditmesh"'
    )
    return stated(text, request)


def stated(text: str, request: Request = POST) -> Request:
    """Sign with any text of Signature-Input that our own reader understands, else with no good signature."""
    headers = {**request.headers, "Content-Digest": content_digest(request.body)}
    message = messages.Message(
        {name.lower(): value for name, value in headers.items()}, request.body, request
    )
    try:
        one = messages.fields.stated(f"x={text}", "x=:AAAA:")
        signature = KEY.sign(messages.fields.base(one.components, one.text, message))
    except (ValueError, KeyError):
        signature = bytes(64)
    field = messages.fields.byte_sequence(signature)
    return replace(request, headers={**headers, "Signature-Input": f"x={text}", "Signature": f"x={field}"})


def reason(request: Request, **when: Any) -> Why:
    with pytest.raises(SignatureRefused) as refused:
        messages.verify_request(request, resolve=resolve, **{"now": NOW, **when})
    assert refused.value.code == f"signature-{refused.value.reason}"
    return refused.value.reason


FULL = '"@method" "@authority" "@path" "@query" "content-digest" "authorization"'


class TestASignedRequest:
    @pytest.mark.parametrize("algorithm", list(Algorithm))
    @pytest.mark.parametrize("request_", [POST, GET, Request("DELETE", "http://127.0.0.1:8000/x")])
    def test_is_accepted_with_what_it_states(self, algorithm, request_):
        found = messages.verify_request(
            signed(request_, key=KEYS[algorithm], keyid=algorithm.value), resolve=resolve, now=NOW + 60
        )
        assert dataclasses.astuple(found) == (algorithm, "n-0123456789abcdef", NOW, NOW + 300)

    @pytest.mark.parametrize(
        "changed",
        [
            {"method": "PUT"}, {"url": POST.url + "x"}, {"url": POST.url.replace("inquiries", "other")},
            {"url": POST.url.replace("node.example", "evil.example")},
            {"headers": {"Authorization": "Bearer other"}},
        ],
    )  # fmt: skip
    def test_cannot_be_changed(self, changed):
        good = signed()
        changed["headers"] = {**good.headers, **changed.get("headers", {})}
        assert reason(replace(good, **changed)) is Why.BAD_SIGNATURE

    def test_cannot_be_given_another_body(self):
        assert reason(replace(signed(), body=b"{}")) is Why.BAD_DIGEST
        swapped = replace(signed(), body=b"{}")
        swapped = replace(swapped, headers={**swapped.headers, "Content-Digest": content_digest(b"{}")})
        assert reason(swapped) is Why.BAD_SIGNATURE

    def test_may_name_its_algorithm_if_it_is_the_keys(self):
        more = ';tag="creditmesh";alg="{}"'
        good = signed_over(FULL, more=more.format("ed25519"))
        assert messages.verify_request(good, resolve=resolve, now=NOW).keyid == "Ed25519"
        for other in ("none", "ecdsa-p256-sha256", "hmac-sha256", "Ed25519", ""):
            assert reason(signed_over(FULL, more=more.format(other))) is Why.ALGORITHM

    def test_is_checked_with_the_key_named_and_no_other(self):
        assert reason(signed(key=PrivateKey.generate(), keyid="Ed25519")) is Why.BAD_SIGNATURE
        assert reason(signed(keyid="ES256")) is Why.BAD_SIGNATURE
        assert reason(signed(keyid="someone")) is Why.UNKNOWN_KEY

    def test_may_cover_the_whole_address_and_more(self):
        whole = '"@method" "@target-uri" "content-digest" "authorization" "content-type"'
        assert messages.verify_request(signed_over(whole), resolve=resolve, now=NOW).nonce == "n"

    @pytest.mark.parametrize("digest", ["sha-512", "both", "other too"])
    def test_may_carry_other_digests(self, digest):
        import base64
        import hashlib

        long = f"sha-512=:{base64.b64encode(hashlib.sha512(POST.body).digest()).decode()}:"
        short = content_digest(POST.body)
        field = {"sha-512": long, "both": f"{short}, {long}", "other too": f"md5=:AAAA:,{short}"}[digest]
        request = replace(POST, headers={**POST.headers, "content-digest": field})
        message = messages.Message(
            {name.lower(): one for name, one in request.headers.items()}, POST.body, request
        )
        good = signed_over(FULL)
        one = messages.fields.stated(good.headers["Signature-Input"], "x=:AAAA:")
        signature = messages.fields.byte_sequence(
            KEY.sign(messages.fields.base(one.components, one.text, message))
        )
        good = replace(good, headers={**good.headers, "Content-Digest": field, "Signature": f"x={signature}"})
        assert messages.verify_request(good, resolve=resolve, now=NOW)


class TestTheClock:
    @pytest.mark.parametrize(
        ("created", "expires", "why"),
        [
            (NOW - 901, NOW + 300, Why.TOO_OLD), (NOW + 901, NOW + 2000, Why.FROM_THE_FUTURE),
            (NOW - 300, NOW - 1, Why.EXPIRED),
        ],
    )  # fmt: skip
    def test_may_be_wrong_by_a_quarter_of_an_hour_and_no_more(self, created, expires, why):
        assert reason(signed(created=created, expires=expires)) is why

    def test_may_be_wrong_by_a_quarter_of_an_hour(self):
        for created in (NOW - 900, NOW + 900):
            assert messages.verify_request(
                signed(created=created, expires=NOW + 1000), resolve=resolve, now=NOW
            )
        assert reason(signed(created=NOW - 11, expires=NOW + 9), window=10) is Why.TOO_OLD


class TestRefused:
    def test_is_a_request_without_signature(self):
        assert reason(POST) is Why.MISSING

    @pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
    def test_is_half_a_signature(self, name):
        good = signed()
        assert (
            reason(replace(good, headers={k: v for k, v in good.headers.items() if k != name}))
            is Why.MALFORMED
        )

    @pytest.mark.parametrize("left_out", FULL.split())
    def test_is_a_signature_over_less(self, left_out):
        less = " ".join(one for one in FULL.split() if one != left_out)
        assert reason(signed_over(less)) is Why.INCOMPLETE

    def test_is_a_signature_over_a_body_without_digest(self):
        request = signed_over('"@method" "@authority" "@path" "@query" "authorization"')
        headers = {name: value for name, value in request.headers.items() if name != "Content-Digest"}
        assert reason(replace(request, headers=headers)) is Why.INCOMPLETE
        full = signed_over(FULL)
        headers = {name: value for name, value in full.headers.items() if name != "Content-Digest"}
        assert reason(replace(full, headers=headers)) is Why.INCOMPLETE

    @pytest.mark.parametrize(
        "text",
        [
            f';created={NOW};nonce="n";keyid="Ed25519";tag="creditmesh"',
            f';expires={NOW};nonce="n";keyid="Ed25519";tag="creditmesh"',
            f';created={NOW};expires={NOW};keyid="Ed25519";tag="creditmesh"',
            f';created={NOW};expires={NOW};nonce="";keyid="Ed25519";tag="creditmesh"',
            f';created={NOW};expires={NOW};nonce="n";tag="creditmesh"',
            f';created={NOW};expires={NOW};nonce="n";keyid="Ed25519"',
            f';created={NOW};expires={NOW};nonce="n";keyid="Ed25519";tag="other"',
        ],
    )  # fmt: skip
    def test_is_a_signature_that_states_less(self, text):
        assert reason(stated(f"({FULL}){text}")) is Why.INCOMPLETE

    @pytest.mark.parametrize(
        "covered",
        [
            FULL + ' "@method"', FULL + ' "x-other"', FULL + ' "@query-param";name="a"', FULL + ' "@status"',
            FULL + ' "content-digest";sf', FULL + ' "content-digest";key="sha-256"', FULL + ' "@method";req',
            FULL + ' "@scheme"', FULL.replace(" ", "  "), FULL + ' "date";bs', FULL + ' "x";req;req', "x",
        ],
    )  # fmt: skip
    def test_is_a_cover_that_is_not_understood(self, covered):
        assert reason(signed_over(covered)) in {Why.MALFORMED, Why.INCOMPLETE}

    @pytest.mark.parametrize(
        "more",
        [
            ';created=1', ';keyid="Ed25519"', ';other="x"', ';nonce=5', ';expires="x"', ";tag", ';created=01',
            ';created=-1', ';created=1.5', ';expires=9999999999999999',
        ],
    )  # fmt: skip
    def test_is_a_parameter_twice_unknown_or_of_the_wrong_kind(self, more):
        assert reason(stated(f'({FULL});created={NOW};keyid="Ed25519"{more}')) is Why.MALFORMED

    def test_are_names_that_are_too_long(self):
        assert reason(
            stated(f'({FULL});created={NOW};expires={NOW};nonce="{"n" * 129}";keyid="k";tag="creditmesh"')
        )
        assert reason(signed(keyid="k" * 257)) is Why.MALFORMED

    def test_are_two_signatures_and_labels_that_do_not_agree(self):
        good = signed()
        one, two = good.headers["Signature-Input"], good.headers["Signature"]
        for inputs, signatures in (
            (f"{one}, {one}", f"{two}, {two}"),
            (
                f"{one}, {one.replace('creditmesh=', 'b=', 1)}",
                f"{two}, {two.replace('creditmesh=', 'b=', 1)}",
            ),
            (one, two.replace("creditmesh=", "other=")),
            (one, f"{two}, b=:AAAA:"),
            (f"{one}, b=()", two),
            ("", ""),
            (one * 40, two),
            (one, two.replace("=:", "=:A")),
            (one, "creditmesh=:QR==:"),
        ):
            headers = {**good.headers, "Signature-Input": inputs, "Signature": signatures}
            assert reason(replace(good, headers=headers)) is Why.MALFORMED

    @pytest.mark.parametrize(
        "value", ["Bearer abc\r\nX: y", "Bearer\nabc", "Bearer \x00", "Bearer é", "Bearer\x7f"]
    )
    def test_are_headers_of_several_lines_or_odd_characters(self, value):
        assert reason(edited(signed(), "Authorization", "Bearer abc", value)) is Why.MALFORMED

    def test_are_headers_that_differ_only_by_case(self):
        good = signed()
        twice = {**good.headers, "authorization": "Bearer abc"}
        assert reason(replace(good, headers=twice)) is Why.MALFORMED

    @pytest.mark.parametrize(
        "url",
        [
            "/api/v1", "ftp://node.example/", "https://user@node.example/", "https:///x", "https://node.example/ x",
            "https://node.example/#x", "https://node.example/贷", "https://node.example/?" + "x" * 5000,
        ],
    )  # fmt: skip
    def test_are_addresses_that_are_none(self, url):
        assert reason(replace(signed(), url=url)) is Why.MALFORMED

    @pytest.mark.parametrize("method", ["post", "", "PO ST", "GET\n", "G" * 30])
    def test_are_methods_that_are_none(self, method):
        assert reason(replace(signed(), method=method)) is Why.MALFORMED

    @pytest.mark.parametrize(
        "digest",
        [
            "",
            "sha-256",
            "sha-256=:AAAA:",
            "md5=:AAAA:",
            "sha-256=:AAAA:,",
            "x" * 5000,
            "{0}, {0}",
            "{0},",
            ", {0}",
        ],
    )
    def test_are_digests_that_do_not_fit(self, digest):
        field = digest.format(content_digest(POST.body))
        good = signed()
        assert reason(replace(good, headers={**good.headers, "Content-Digest": field})) is Why.BAD_DIGEST

    def test_are_names_that_cannot_be_written(self):
        with pytest.raises(ValueError, match="ASCII"):
            signed(keyid="键")
        with pytest.raises(ValueError, match="ASCII"):
            signed(keyid="a\tb")

    def test_quotes_in_names_come_back(self):
        with pytest.raises(SignatureRefused):
            messages.verify_request(
                signed(keyid='a"\\b'), resolve=lambda keyid: {'a"\\b': None}[keyid], now=NOW
            )

    @given(
        st.dictionaries(
            st.sampled_from(
                ["Signature", "Signature-Input", "Content-Digest", "Authorization", "Host", "signature"]
            ),
            st.text(max_size=60)
            | st.from_regex(
                r'[a-z]=\(("@?[a-z-]+"(;[a-z]+)? ?)*\)(;[a-z]+=("[a-z]*"|[0-9]+))*', fullmatch=True
            )
            | st.from_regex(r"[a-z]=:[A-Za-z0-9+/=]*:", fullmatch=True),
        ),
        st.text(max_size=30) | st.just(POST.url),
        st.text(max_size=5) | st.just("POST"),
    )
    def test_is_anything_else_without_a_crash(self, headers, url, method):
        assert reason(Request(method, url, headers, b"x")) in Why

    @given(
        st.sampled_from(["Signature", "Signature-Input", "Content-Digest"]), st.integers(0), st.characters()
    )
    def test_is_a_good_one_with_one_character_changed(self, name, place, character):
        good = signed()
        value = good.headers[name]
        place %= len(value)
        changed = value[:place] + character + value[place + 1 :]
        if changed != value:
            assert reason(replace(good, headers={**good.headers, name: changed})) in Why


def answered(request: Request, response: Response) -> Response:
    added = messages.sign_response(response, request, key=NODE, keyid="node", created=NOW)
    return replace(response, headers={**response.headers, **added})


def why_not(response: Response, request: Request, now: int = NOW) -> Why:
    with pytest.raises(SignatureRefused) as refused:
        messages.verify_response(response, request, resolve=resolve, now=now)
    return refused.value.reason


class TestAnAnswer:
    @pytest.mark.parametrize("request_", [POST, GET, signed(), signed(GET)])
    def test_is_bound_to_its_request(self, request_):
        answer = answered(request_, Response(200, {"Content-Type": "application/json"}, b"{}"))
        found = messages.verify_response(answer, request_, resolve=resolve, now=NOW)
        assert (found.keyid, found.nonce, found.expires) == ("node", "", 0)

    def test_cannot_be_moved_to_another_question_nor_changed(self):
        question = signed()
        answer = answered(question, Response(200, {}, b'{"result":"MATCH"}'))
        assert why_not(answer, signed(created=NOW + 1)) is Why.BAD_SIGNATURE
        assert why_not(answer, replace(question, method="PUT")) is Why.BAD_SIGNATURE
        assert why_not(replace(answer, status=500), question) is Why.BAD_SIGNATURE
        assert why_not(replace(answer, body=b"{}"), question) is Why.BAD_DIGEST
        assert why_not(Response(200, {}, b"x"), question) is Why.MISSING
        assert why_not(answer, question, now=NOW + 1000) is Why.TOO_OLD

    def test_must_cover_the_signature_of_the_request(self):
        unsigned = answered(POST, Response(200))
        assert why_not(unsigned, signed()) is Why.INCOMPLETE

    def test_has_neither_method_nor_address_of_its_own(self):
        question = signed()
        answer = answered(question, Response(200))
        for old, new in (
            ('"@method";req', '"@method"'),
            ('"@status"', '"@status";req'),
            ('"@path";req', '"@path"'),
        ):
            field = answer.headers["Signature-Input"].replace(old, new)
            bad = replace(answer, headers={**answer.headers, "Signature-Input": field})
            assert why_not(bad, question) is Why.INCOMPLETE
            more = answer.headers["Signature-Input"].replace(old, f"{old} {new}")
            bad = replace(answer, headers={**answer.headers, "Signature-Input": more})
            assert why_not(bad, question) is Why.MALFORMED

    def test_takes_members_of_the_signature_only(self):
        question = signed()
        answer = answered(question, Response(200))
        for more in (
            '"signature";req;key="other"',
            '"signature";req;key=""',
            '"content-digest";req;key="creditmesh"',
        ):
            field = answer.headers["Signature-Input"].replace("(", f"({more} ")
            bad = replace(answer, headers={**answer.headers, "Signature-Input": field})
            assert why_not(bad, question) in {Why.MALFORMED, Why.BAD_SIGNATURE}

    def test_to_a_request_with_a_broken_signature_is_refused(self):
        question = signed()
        answer = answered(question, Response(200))
        assert why_not(answer, edited(question, "Signature", "creditmesh=", "?")) is Why.MALFORMED
