"""How the stand-in of a vendor answers, well and in each of the ways in which vendors fail."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ops_model.drill.vendor_marks import FAULT_MARK, Mark, marked, reference_in
from ops_model.drill.vendor_wire import Asked, Wire

RETRY_AFTER_SECONDS = 20
DRIP_SECONDS = 0.25
LONGEST_SILENCE_SECONDS = 120
SWAPPED = "other-than-"
"""Begins the name of a model that was swapped, so that no check of a prefix lets it through."""
TEXT = "Your order is on its way."

Answer = Callable[[Wire, Asked, str], Awaitable[None]]


async def well(wire: Wire, asked: Asked, who: str) -> None:
    """The answer as it should be."""
    await _completion(wire, asked, who, model=asked.model)


async def _unavailable(wire: Wire, asked: Asked, who: str) -> None:
    del asked, who
    await wire.answer(503, _error("the service is overloaded", "server_error"))


async def _rate_limited(wire: Wire, asked: Asked, who: str) -> None:
    del asked, who
    wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    await wire.answer(429, _error("too many requests", "rate_limit_exceeded"), more=wait)


async def _hang(wire: Wire, asked: Asked, who: str) -> None:
    del asked, who
    await wire.until_gone(LONGEST_SILENCE_SECONDS)


async def _slow_drip(wire: Wire, asked: Asked, who: str) -> None:
    """A byte now and then: no limit on silence ever strikes, only one on the whole."""
    body = json.dumps(_body(asked, _text(asked, who, asked.model), asked.model)).encode()
    await wire.begin(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
    for place in range(len(body)):
        await wire.send(body[place : place + 1])
        await asyncio.sleep(DRIP_SECONDS)


async def _html(wire: Wire, asked: Asked, who: str) -> None:
    del asked, who
    page = f"<!doctype html><title>Sign in</title><p>Please sign in. {FAULT_MARK}</p>"
    await wire.answer(200, page.encode(), kind="text/html; charset=utf-8")


async def _empty(wire: Wire, asked: Asked, who: str) -> None:
    """Whole in its form, and without a word."""
    del who
    await _say(wire, asked, "", asked.model)


async def _error_body(wire: Wire, asked: Asked, who: str) -> None:
    del asked, who
    await wire.answer(200, _error("the model is loading", "server_error"))


async def _reset(wire: Wire, asked: Asked, who: str) -> None:
    del asked, who
    wire.reset()


async def _broken_stream(wire: Wire, asked: Asked, who: str) -> None:
    """The first half of an answer, and then nothing more."""
    del who
    text = f"Your order {FAULT_MARK} is on its way."
    if asked.streams:
        await wire.begin(200, _STREAM)
        await wire.chunk(_event(asked, {"role": "assistant", "content": text}, asked.model))
    else:
        body = json.dumps(_body(asked, text, asked.model)).encode()
        whole = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        await wire.begin(200, whole)
        await wire.send(body.partition(b" is on")[0])
    wire.break_off()


async def _model_swap(wire: Wire, asked: Asked, who: str) -> None:
    await _completion(wire, asked, who, model=SWAPPED + asked.model)


async def retired(wire: Wire, asked: Asked, who: str) -> None:
    """What a vendor says of a model that it no longer serves."""
    del who
    said = f"the model {asked.model} does not exist or was retired"
    await wire.answer(404, _error(said, "model_not_found"))


ANSWERS: Mapping[str, Answer] = {
    "unavailable": _unavailable,
    "rate_limited": _rate_limited,
    "hang": _hang,
    "slow_drip": _slow_drip,
    "html": _html,
    "empty": _empty,
    "error_body": _error_body,
    "reset": _reset,
    "broken_stream": _broken_stream,
    "model_swap": _model_swap,
}
"""What comes in place of a good answer, by the fault."""
HARMLESS_TO_LISTS = frozenset({"empty", "error_body", "broken_stream", "model_swap"})
"""Faults of one answer: the list of models still comes well, as it did at real vendors."""

_STREAM = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}


async def _completion(wire: Wire, asked: Asked, who: str, *, model: str) -> None:
    await _say(wire, asked, _text(asked, who, model), model)


def _text(asked: Asked, who: str, model: str) -> str:
    return marked(TEXT, Mark(who, reference_in(asked.text), model))


async def _say(wire: Wire, asked: Asked, text: str, model: str) -> None:
    if not asked.streams:
        await wire.answer(200, json.dumps(_body(asked, text, model)).encode())
        return
    await wire.begin(200, _STREAM)
    half = len(text) // 2
    for delta in ({"role": "assistant", "content": ""}, {"content": text[:half]},
                  {"content": text[half:]}):  # fmt: skip
        await wire.chunk(_event(asked, delta, model))
    await wire.chunk(_event(asked, {}, model, finish="stop"))
    await wire.chunk(b"data: [DONE]\n\n")
    await wire.chunk(b"")


def _body(asked: Asked, text: str, model: str) -> dict[str, Any]:
    """A chat completion in OpenAI's form; tokens are counted as words, nobody is billed."""
    prompt, said = len(asked.text.split()), len(text.split())
    return {
        "id": f"chatcmpl-{reference_in(asked.text)}",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": said,
                  "total_tokens": prompt + said},
    }  # fmt: skip


def _event(
    asked: Asked, delta: Mapping[str, str], model: str, *, finish: str | None = None
) -> bytes:
    event = {
        "id": f"chatcmpl-{reference_in(asked.text)}", "object": "chat.completion.chunk",
        "created": 0, "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }  # fmt: skip
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _error(message: str, code: str) -> bytes:
    error = {"message": f"{message} ({FAULT_MARK})", "type": code, "param": None, "code": code}
    return json.dumps({"error": error}).encode()
