"""The load: requests signed beforehand, sent over kept-alive connections, each answer timed."""

import asyncio
import json
import random
import secrets
import sys
import time
from itertools import accumulate

from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import PrivateKey


def signed(order: dict) -> list[bytes]:
    """Return whole requests as bytes, ready to be sent."""
    key, keyid = PrivateKey.from_pem(order["key"]), ""
    keyid = key.public.thumbprint()
    host, path = order["host"], order["path"]
    now = int(time.time())
    made = []
    for number in range(order["requests"]):
        subject, authorisation = order["pairs"][(order["first"] + number) % len(order["pairs"])]
        asked = json.loads(order["body"].replace("SUBJECT", subject).replace("AUTHORISATION", authorisation))
        for claim in asked.get("claims", []):
            claim["value"] = 1000
        body = json.dumps(asked).encode()
        headers = {"Authorization": f"Bearer {order['token']}"}
        headers |= messages.sign_request(
            Request("POST", f"http://{host}{path}", headers, body),
            key=key,
            keyid=keyid,
            created=now,
            expires=now + 800,
            nonce=secrets.token_urlsafe(18),
        )
        lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}"]
        made.append("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return made


async def _connection(host: str, work: list[tuple[bytes, float | None]], times: list[float]) -> int:
    """Send requests one after the other; those with a due time (s) not before it, and timed from it."""
    name, port = host.split(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    wrong = 0
    for request, due in work:
        if due is not None:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        begun = due or time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
        if not head.startswith(b"HTTP/1.1 200"):
            wrong += 1
            if wrong == 1:
                print(head[:80], body[:400], file=sys.stderr)
    writer.close()
    return wrong


def _due(order: dict, many: int, begun: float) -> list[float | None]:
    """Return when each request is due: at random moments of the order's rate, as many askers who know nothing of
    each other come; without a rate none is due at any time."""
    if not order.get("rate"):
        return [None] * many
    chance = random.Random(many)  # noqa: S311 - arrivals, no secret
    pauses = (chance.expovariate(order["rate"]) for _ in range(many))
    return [begun + 0.1 + at for at in accumulate(pauses)]


async def _all(order: dict, made: list[bytes]) -> dict:
    times: list[float] = []
    count = order["connections"]
    sys.stdin.readline()  # signed: wait for the word
    begun = time.perf_counter()
    work = list(zip(made, _due(order, len(made), begun), strict=True))
    wrong = await asyncio.gather(
        *(_connection(order["host"], work[one::count], times) for one in range(count))
    )
    return {"seconds": time.perf_counter() - begun, "times": times, "wrong": sum(wrong)}


def main() -> None:
    order = json.loads(sys.stdin.readline())
    made = signed(order)
    print("ready", flush=True)
    print(json.dumps(asyncio.run(_all(order, made))), flush=True)


if __name__ == "__main__":
    main()
