"""The calls of a bank's program, one method each.

    from creditmesh.client.calling import Client
    from creditmesh.client.questions import Question

    node = Client.from_folder("https://node.example.cn", "credentials")
    answer = node.inquire(Question(subject="91...", items=["ENT-01"], mode="OPEN"))

Every request is signed and every answer's signature checked and bound to its request before it is handed out.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from creditmesh.client import answers
from creditmesh.client.decoding import decoded, plain
from creditmesh.client.questions import (
    ListOfQuestions,
    Question,
    RawQuestion,
    ReportQuestion,
    Verification,
    Wish,
)
from creditmesh.client.refusals import Untrusted
from creditmesh.client.session import Session
from creditmesh.client.wire import Wire
from creditmesh.exchange import jws, proofs
from creditmesh.exchange.canonical import NotCanonical, canonical, sha256
from creditmesh.exchange.keys import PrivateKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

T = TypeVar("T")
API = "/api/v1"
TIMEOUT = 30.0  # seconds


@dataclass(frozen=True)
class Operation:
    """One operation of the API: what is sent, what comes back."""

    method: str
    path: str
    sends: type | None = None
    gives: Any = None


OPERATIONS = {
    "institution": Operation("GET", "/institution", gives=answers.Institution),
    "purposes": Operation("GET", "/purposes", gives=tuple[answers.Purpose, ...]),
    "ask": Operation("POST", "/authorisation-requests", Wish, answers.AuthorisationRequest),
    "requests": Operation("GET", "/authorisation-requests", gives=tuple[answers.AuthorisationRequest, ...]),
    "request": Operation("GET", "/authorisation-requests/{uuid}", gives=answers.AuthorisationRequest),
    "cancel": Operation("POST", "/authorisation-requests/{uuid}/cancel", gives=answers.AuthorisationRequest),
    "authorisations": Operation("GET", "/authorisations", gives=tuple[answers.Authorisation, ...]),
    "authorisation": Operation("GET", "/authorisations/{uuid}", gives=answers.SignedAuthorisation),
    "inquire": Operation("POST", "/inquiries", Question, answers.Answer),
    "raw": Operation("POST", "/raw", RawQuestion, answers.Answer),
    "verify": Operation("POST", "/verifications", Verification, answers.Answer),
    "hand_in": Operation("POST", "/batch-inquiries", ListOfQuestions, answers.Batch),
    "batch": Operation("GET", "/batch-inquiries/{uuid}", gives=answers.Batch),
    "result": Operation("GET", "/batch-inquiries/{uuid}/result", gives=answers.BatchResult),
    "inquiries": Operation("GET", "/inquiries", gives=answers.Inquiries),
    "inquiry": Operation("GET", "/inquiries/{uuid}", gives=answers.Inquiry),
    "proof": Operation("GET", "/inquiries/{uuid}/proof"),
    "issue": Operation("POST", "/reports", ReportQuestion, answers.Report),
    "reports": Operation("GET", "/reports", gives=tuple[answers.ReportLine, ...]),
    "report": Operation("GET", "/reports/{serial}", gives=answers.Report),
    "settle": Operation("POST", "/settlements", gives=answers.Settled),
    "declare": Operation("POST", "/inquiries/{uuid}/outcome", gives=answers.Outcome),
    "waiting": Operation("GET", "/outcomes/waiting", gives=answers.WaitingPage),
    "standing": Operation("GET", "/outcomes/standing", gives=answers.Standing),
    "notices": Operation("GET", "/notices", gives=answers.Notices),
    "acknowledge": Operation("POST", "/notices/{uuid}/acknowledge", gives=answers.Notice),
    "keys": Operation("GET", "/signing-keys", gives=tuple[answers.SigningKey, ...]),
    "register": Operation("POST", "/signing-keys", gives=answers.SigningKey),
    "prove": Operation("POST", "/signing-keys/{uuid}/proof", gives=answers.SigningKey),
    "revoke": Operation("DELETE", "/signing-keys/{uuid}"),
}


class Client:
    """A program of an institution, talking to one node. May be shared by threads."""

    def __init__(
        self,
        base_url: str,
        *,
        client_id: str,
        client_secret: str,
        key: PrivateKey,
        node_keys: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Keep who calls. `node_keys` pins the node's keys; without, those it publishes over https are taken."""
        self.session = Session(
            Wire(base_url, timeout=TIMEOUT),
            client_id=client_id,
            client_secret=client_secret,
            key=key,
            node_keys=node_keys,
        )

    @classmethod
    def from_folder(cls, base_url: str, folder: str | Path) -> "Client":
        """Return a client from the files client-id, client-secret, key.pem and, if there, node-keys.json."""
        place = Path(folder)
        pinned = place / "node-keys.json"
        return cls(
            base_url,
            client_id=(place / "client-id").read_text("ascii").strip(),
            client_secret=(place / "client-secret").read_text("ascii").strip(),
            key=PrivateKey.from_pem((place / "key.pem").read_text("ascii")),
            node_keys=json.loads(pinned.read_text("utf-8"))["keys"] if pinned.exists() else None,
        )

    def institution(self) -> answers.Institution:
        """Return who one is at the node, and how much of the limits is used."""
        return self._call("institution", answers.Institution)

    def purposes(self) -> tuple[answers.Purpose, ...]:
        """Return what an authorisation can be asked for today."""
        return self._list("purposes", answers.Purpose)

    def request_authorisation(self, wish: Wish) -> answers.AuthorisationRequest:
        """Ask an enterprise for an authorisation; hand its `link` to the enterprise."""
        return self._call("ask", answers.AuthorisationRequest, sent=wish)

    def authorisation_requests(self) -> tuple[answers.AuthorisationRequest, ...]:
        """Return the requests of one's institution, newest first."""
        return self._list("requests", answers.AuthorisationRequest)

    def authorisation_request(self, uuid: UUID) -> answers.AuthorisationRequest:
        """Return one request; once answered it names the authorisation."""
        return self._call("request", answers.AuthorisationRequest, of=uuid)

    def cancel_request(self, uuid: UUID) -> answers.AuthorisationRequest:
        """Take back an open request."""
        return self._call("cancel", answers.AuthorisationRequest, of=uuid)

    def authorisations(self, *, subject: str = "") -> tuple[answers.Authorisation, ...]:
        """Return what one's institution was given, newest first; of one enterprise if it is named."""
        return self._list("authorisations", answers.Authorisation, subject=subject)

    def authorisation(self, uuid: UUID) -> answers.SignedAuthorisation:
        """Return one authorisation with the text that was signed."""
        return self._call("authorisation", answers.SignedAuthorisation, of=uuid)

    def inquire(self, question: Question) -> answers.Answer:
        """Ask about an enterprise; the question must be covered by the authorisation, or by mode OPEN."""
        return self._answer("inquire", question)

    def raw(self, question: RawQuestion) -> answers.Answer:
        """Ask for raw detail the enterprise allowed explicitly."""
        return self._answer("raw", question)

    def verify(self, verification: Verification) -> answers.Answer:
        """Have claims compared: MATCH, MISMATCH, PARTIAL, NO_DATA or NOT_AUTHORISED for each."""
        return self._answer("verify", verification)

    def batch(self, questions: ListOfQuestions) -> answers.Batch:
        """Hand in a list of inquiries; ask `batch_state` how far it is."""
        return self._call("hand_in", answers.Batch, sent=questions)

    def batch_state(self, uuid: UUID) -> answers.Batch:
        """Return how far a list is."""
        return self._call("batch", answers.Batch, of=uuid)

    def batch_results(self, uuid: UUID) -> Iterator[Mapping[str, Any]]:
        """Yield every line of a list that is done, with its answer or refusal."""
        after: int | None = 0
        while after is not None:
            page = self._call("result", answers.BatchResult, of=uuid, after=after or None)
            yield from page.lines
            after = page.after

    def inquiries(self, *, before: int | None = None, subject: str = "") -> answers.Inquiries:
        """Return a page of the inquiries of one's institution, newest first."""
        return self._call("inquiries", answers.Inquiries, before=before, subject=subject)

    def inquiry(self, uuid: UUID) -> answers.Inquiry:
        """Return one inquiry of one's institution."""
        return self._call("inquiry", answers.Inquiry, of=uuid)

    def proof(self, inquiry: UUID) -> dict[str, Any]:
        """Return the proof file of an inquiry, checked; raise Untrusted when it does not hold.

        Keep it: it stays valid, and `verify_proof.py` checks it without this node.
        """
        found: dict[str, Any] = self._json("proof", of=inquiry)
        try:
            proofs.verify(found, resolve=self._resolve_any)
        except CreditmeshError as problem:
            raise Untrusted(f"The proof does not hold: {problem.sentence}") from None
        return found

    def issue_report(self, question: ReportQuestion) -> answers.Report:
        """Have a credit report issued on an authorisation; each counts as a use of it."""
        return self._proven(self._call("issue", answers.Report, sent=question))

    def reports(self, *, subject: str = "") -> tuple[answers.ReportLine, ...]:
        """Return the newest reports issued to one's institution; of one enterprise if it is named."""
        return self._list("reports", answers.ReportLine, subject=subject)

    def report(self, serial: str) -> answers.Report:
        """Return a report exactly as it was issued, while its authorisation and its records stand."""
        return self._proven(self._call("report", answers.Report, of=serial))

    def declare_outcome(self, inquiry: UUID, *, kind: str, reference: str = "") -> answers.Outcome:
        """Declare what followed an inquiry; the latest word counts."""
        return self._call("declare", answers.Outcome, of=inquiry, sent={"kind": kind, "reference": reference})

    def outcomes_waiting(self, *, offset: int = 0) -> answers.WaitingPage:
        """Return the inquiries that wait for an outcome, oldest first."""
        return self._call("waiting", answers.WaitingPage, offset=offset or None)

    def standing(self) -> answers.Standing:
        """Return the share of inquiries with nothing behind them, and what it leads to."""
        return self._call("standing", answers.Standing)

    def settle(self, reference: str, *, settled_on: date) -> answers.Settled:
        """Declare that a loan was settled: authorisations for its care end some days later."""
        return self._call("settle", answers.Settled, sent={"reference": reference, "settled_on": settled_on})

    def notices(self, *, before: int | None = None, unread: bool = False) -> answers.Notices:
        """Return a page of notices, newest first."""
        return self._call("notices", answers.Notices, before=before, unread="true" if unread else None)

    def acknowledge(self, notice: UUID) -> answers.Notice:
        """Note that a notice was read."""
        return self._call("acknowledge", answers.Notice, of=notice)

    def signing_keys(self) -> tuple[answers.SigningKey, ...]:
        """Return the signing keys of this program, newest first."""
        return self._list("keys", answers.SigningKey)

    def register_key(self, key: PrivateKey) -> answers.SigningKey:
        """Register the program's next key and bring it into force; the present one stays valid until revoked."""
        waiting = self._call("register", answers.SigningKey, sent={"material": key.public.to_pem()})
        signature = base64.b64encode(key.sign(waiting.challenge.encode())).decode()
        return self._call("prove", answers.SigningKey, of=waiting.uuid, sent={"signature": signature})

    def revoke_key(self, uuid: UUID) -> None:
        """Revoke a signing key of this program, at once."""
        operation = OPERATIONS["revoke"]
        self.session.call(operation.method, _path(operation, uuid))

    def close(self) -> None:
        """Close the connection of this thread."""
        self.session.wire.close()

    def _call(
        self, name: str, kind: type[T], *, of: UUID | str | None = None, sent: object = None, **query: Any
    ) -> T:
        return decoded(kind, self._json(name, of=of, sent=sent, **query))

    def _list(self, name: str, kind: type[T], **query: Any) -> tuple[T, ...]:
        found: Any = decoded(tuple[kind, ...], self._json(name, **query))  # type: ignore[valid-type]
        return tuple(found)

    def _json(self, name: str, *, of: UUID | str | None = None, sent: object = None, **query: Any) -> Any:
        operation = OPERATIONS[name]
        body = b"" if sent is None else canonical(plain(sent))
        path = _path(operation, of)
        received = self.session.call(operation.method, path, body=body, query=query)
        try:
            return json.loads(received.body)
        except (ValueError, RecursionError):
            raise Untrusted("The answer is not JSON.") from None

    def _answer(self, name: str, question: object) -> answers.Answer:
        """Ask, and check that the answer names the very question and its own content."""
        body = canonical(plain(question))
        found = self._call(name, answers.Answer, sent=question)
        try:
            digest = sha256(canonical(dict(found.answer)))
        except NotCanonical as problem:
            raise Untrusted(problem.sentence) from None
        if (found.request_digest, found.answer_digest) != (sha256(body), digest):
            raise Untrusted("The answer states another question or another content than it has.")
        return found

    def _proven(self, report: answers.Report) -> answers.Report:
        """Return a report whose digest and signature hold; raise Untrusted otherwise."""
        try:
            content = canonical(dict(report.report))
            jws.verify_detached(report.signature, content, resolve=self._resolve_any)
        except CreditmeshError as problem:
            raise Untrusted(f"The report does not hold: {problem.sentence}") from None
        if sha256(content) != report.content_digest:
            raise Untrusted("The report has another content than its digest says.")
        return report

    def _resolve_any(self, keyid: str) -> PublicKey | None:
        """Return a key of the node, retired ones too: heads of the ledger stay signed as they were."""
        for one in self.session.node_keys():
            if one.get("kid") == keyid:
                key = PublicKey.from_jwk(one)
                return key if key.thumbprint() == keyid else None
        return None


def _path(operation: Operation, of: UUID | str | None) -> str:
    named = quote(str(of), safe="")
    return API + operation.path.format(uuid=named, serial=named)
