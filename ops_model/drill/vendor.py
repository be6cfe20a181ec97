"""The stand-in of a model vendor: two servers that speak OpenAI's chat completions, and fail.

`python -m ops_model.drill.vendor [--ports PRIMARY BACKUP]` listens on this machine alone and
prints `{"url", "primary", "backup"}`. `primary` and `backup` are base URLs as clients take them;
`url` is the control address. Every good answer says who gave it and repeats the reference of its
question. A fault falls on the primary alone.

| request | answer |
|---|---|
| `POST .../chat/completions` | a completion; as server-sent events with `stream: true` |
| `GET .../models` | the models that were asked for until now |
| control `GET /` | `{"primary", "backup", "fault", "hits": {"primary", "backup"}}` |
| control `POST /fault {"fault"}` | the same, from now on with this fault; null ends it |

`retired` with a `model` is the fault of a vendor that no longer serves that model and all others.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

from ops_model.drill.vendor_faults import ANSWERS, HARMLESS_TO_LISTS, retired, well
from ops_model.drill.vendor_wire import Asked, Wire, read_request

HERE = "127.0.0.1"
PORT_IN_USE = 3
RETIRED = "retired"


class Vendor:
    """Both servers and what is wrong with the first."""

    def __init__(self) -> None:
        self.fault: str | None = None
        self.retired_model = ""
        self.hits: Counter[str] = Counter(primary=0, backup=0)
        self.models: dict[str, None] = {}
        self.addresses: dict[str, str] = {}

    async def serve(self, wire: Wire, asked: Asked, who: str) -> None:
        """Answer one request, or fail it."""
        if asked.refused:
            wire.break_off()
            await wire.answer(asked.refused, b'{"error": {"message": "cannot be read"}}')
        elif asked.method == "POST" and asked.path.endswith("/chat/completions"):
            self.hits[who] += 1
            self.models.setdefault(asked.model)
            await self._answer_of(who, asked)(wire, asked, who)
        elif asked.method == "GET" and asked.path.endswith("/models"):
            await self._list(wire, asked, who)
        else:
            await wire.answer(404, b'{"error": {"message": "there is no such path"}}')

    def _answer_of(self, who: str, asked: Asked) -> Callable[[Wire, Asked, str], Awaitable[None]]:
        if who != "primary" or self.fault is None:
            return well
        if self.fault == RETIRED:
            return retired if asked.model == self.retired_model else well
        return ANSWERS[self.fault]

    async def _list(self, wire: Wire, asked: Asked, who: str) -> None:
        failing = self.fault if who == "primary" else None
        if failing is not None and failing in ANSWERS.keys() - HARMLESS_TO_LISTS:
            await ANSWERS[failing](wire, asked, who)
            return
        gone = {self.retired_model} if failing == RETIRED else set()
        held = [{"id": model, "object": "model", "created": 0, "owned_by": who}
                for model in self.models if model not in gone]  # fmt: skip
        await wire.answer(200, json.dumps({"object": "list", "data": held}).encode())

    async def control(self, wire: Wire, asked: Asked, who: str) -> None:
        """Say what there is, or change the fault."""
        del who
        if asked.method == "POST" and asked.path == "/fault":
            fault = asked.body.get("fault")
            if fault is not None and str(fault) not in {*ANSWERS, RETIRED}:
                await wire.answer(400, b'{"error": "there is no such fault"}')
                return
            self.fault, self.retired_model = fault, str(asked.body.get("model", ""))
        state = {**self.addresses, "fault": self.fault, "hits": dict(self.hits)}
        await wire.answer(200, json.dumps(state).encode())

    async def listen(self, ports: tuple[int, int]) -> asyncio.Server:
        """Open all three; the addresses stand in `addresses` then.

        Raises:
            OSError: a port is in use.
        """
        for who, port in (("primary", ports[0]), ("backup", ports[1])):
            server = await _listening(self.serve, who, port)
            self.addresses[who] = f"http://{HERE}:{_port(server)}/v1"
        control = await _listening(self.control, "control", 0)
        self.addresses["url"] = f"http://{HERE}:{_port(control)}"
        return control


async def _listening(
    serve: Callable[[Wire, Asked, str], Awaitable[None]], who: str, port: int
) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(reader, writer)
        try:
            while wire.open and (asked := await read_request(reader)) is not None:
                await serve(wire, asked, who)
        except OSError:
            pass  # whoever asked has gone
        finally:
            await wire.close()

    return await asyncio.start_server(connected, HERE, port, backlog=512)


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _run(ports: tuple[int, int]) -> int:
    vendor = Vendor()
    try:
        control = await vendor.listen(ports)
    except OSError as error:
        taken = " or ".join(f"{HERE}:{port}" for port in ports if port)
        print(f"{taken} cannot be listened on: {error.strerror}", file=sys.stderr)  # noqa: T201 - a process of its own
        return PORT_IN_USE
    print(json.dumps(vendor.addresses), flush=True)  # noqa: T201 - a process of its own
    await control.serve_forever()
    return 0


def main() -> int:
    """Listen until ended."""
    parser = argparse.ArgumentParser(prog="python -m ops_model.drill.vendor")
    parser.add_argument(
        "--ports", type=int, nargs=2, default=(0, 0), metavar="PORT",
        help="where primary and backup listen; free ports when not given",
    )  # fmt: skip
    ports = parser.parse_args().ports
    try:
        return asyncio.run(_run((ports[0], ports[1])))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
