"""A server on loopback that answers late, as the far end of a call does.

`python -m bench.slow_server LEDGER` prints its port. `POST /<milliseconds>/…` waits for so long, and as many
requests as come wait side by side. Each with an idempotency key is one line in the ledger.
Addresses of Stripe's API (`/v1/…`) answer with an object, after the milliseconds that its id ends with.
"""

import asyncio
import contextlib
import json
import re
import sys

from bench import ledger

_LATENCY = re.compile(r"^/(?:(\d+)/|v1/.*_(\d+)$)")


async def serve(path: str) -> None:
    """Serve until the process is ended. Prints the port on the first line."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _answer_one(reader, writer, path)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


async def _answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    address = head[0].split(" ")[1]
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in head[1:])}
    await reader.readexactly(int(headers.get("content-length", 0)))
    # Without a key it is no call of a step: the worker asks Stripe for missed events now and then.
    if key := headers.get("idempotency-key"):
        ledger.note(path, f"{key} {headers.get('x-event', '-')}")
    found = _LATENCY.match(address)
    await asyncio.sleep(int((found and (found[1] or found[2])) or 0) / 1000)
    body = json.dumps({"id": address.rpartition("/")[2], "object": "customer", "status": "ok"}).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    await writer.drain()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1]))
