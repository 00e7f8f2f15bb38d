"""The load: requests signed beforehand, sent over kept-alive connections, each answer timed."""

import asyncio
import json
import secrets
import sys
import time

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


async def _connection(host: str, work: list[bytes], times: list[float], pace: float) -> int:
    name, port = host.split(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    wrong, due = 0, time.perf_counter()
    for request in work:
        if pace:
            due += pace
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        begun = time.perf_counter()
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


async def _all(order: dict, made: list[bytes]) -> dict:
    times: list[float] = []
    count = order["connections"]
    pace = count / order["rate"] if order.get("rate") else 0.0
    sys.stdin.readline()  # signed: wait for the word
    begun = time.perf_counter()
    wrong = await asyncio.gather(
        *(_connection(order["host"], made[one::count], times, pace) for one in range(count))
    )
    return {"seconds": time.perf_counter() - begun, "times": times, "wrong": sum(wrong)}


def main() -> None:
    order = json.loads(sys.stdin.readline())
    made = signed(order)
    print("ready", flush=True)
    print(json.dumps(asyncio.run(_all(order, made))), flush=True)


if __name__ == "__main__":
    main()
