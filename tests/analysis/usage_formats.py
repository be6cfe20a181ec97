"""The same requests as each writer of usage logs would have written them.

A request is told once, with its input tokens apart: `fresh`, `read` from a cache and `written` to
one. Each writer here adds them up, or leaves them apart, as the claim `input_includes_cache` says.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """One request, and what it used."""

    fresh: int
    read: int
    written: int
    out: int
    reasoning: int = 0
    provider: str = "anthropic"
    model: str = "claude-haiku-4-5"
    failed: bool = False

    def input(self, includes):
        return self.fresh + (self.read + self.written if includes else 0)


ASKED = (
    Asked(fresh=1000, read=0, written=0, out=50),
    Asked(fresh=20, read=4000, written=0, out=60, reasoning=40),
    Asked(fresh=300, read=0, written=2048, out=10),
    Asked(fresh=7, read=1024, written=512, out=0),
    Asked(fresh=0, read=5000, written=0, out=5, failed=True),
)


def contract(n, one, includes):
    return {
        "timestamp": at(n), "service": "assistant", "gen_ai_provider_name": one.provider,
        "gen_ai_request_model": one.model, "gen_ai_usage_input_tokens": one.input(includes),
        "gen_ai_usage_cache_read_input_tokens": one.read,
        "gen_ai_usage_cache_creation_input_tokens": one.written,
        "gen_ai_usage_output_tokens": one.out, "status": "error" if one.failed else "ok",
    }  # fmt: skip


def otel(n, one, includes):
    attributes = {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": one.provider,
        "gen_ai.request.model": one.model, "gen_ai.usage.input_tokens": one.input(includes),
        "gen_ai.usage.cache_read.input_tokens": one.read,
        "gen_ai.usage.cache_creation.input_tokens": one.written,
        "gen_ai.usage.output_tokens": one.out,
    }  # fmt: skip
    status = "STATUS_CODE_ERROR" if one.failed else "STATUS_CODE_UNSET"
    return {
        "start_time": at(n), "name": f"chat {one.model}", "status_code": status,
        "resource": {"service.name": "assistant"}, "attributes": attributes,
    }  # fmt: skip


def litellm(n, one, includes):
    usage = {
        "prompt_tokens": one.input(includes), "completion_tokens": one.out,
        "prompt_tokens_details": {"cached_tokens": one.read},
        "cache_creation_input_tokens": one.written,
    }  # fmt: skip
    return {
        "request_id": f"r-{n}", "startTime": at(n).rstrip("Z"), "model": one.model,
        "model_group": "fast", "custom_llm_provider": one.provider, "cache_hit": "False",
        "prompt_tokens": one.input(includes), "completion_tokens": one.out, "spend": 0.01,
        "status": "failure" if one.failed else "success", "request_tags": ["web"],
        "metadata": {"user_api_key_alias": "assistant", "usage_object": usage},
    }  # fmt: skip


def langfuse(n, one, includes):
    usage = {"input": one.input(includes), "output": one.out - one.reasoning}
    if includes:
        usage["output"] = one.out
    elif one.reasoning:
        usage["output_reasoning_tokens"] = one.reasoning
    usage |= {"input_cached_tokens": one.read} if n % 2 else {"cache_read_input_tokens": one.read}
    return {
        "id": f"o-{n}", "type": "GENERATION", "startTime": at(n), "model": one.model,
        "level": "ERROR" if one.failed else "DEFAULT",
        "metadata": {"service": "assistant", "provider": one.provider},
        "usageDetails": usage | {"cache_creation_input_tokens": one.written},
    }  # fmt: skip


def openinference(n, one, includes):
    attributes = {
        "openinference.span.kind": "LLM", "llm.provider": one.provider,
        "llm.model_name": one.model, "llm.token_count.prompt": one.input(includes),
        "llm.token_count.completion": one.out,
        "llm.token_count.prompt_details.cache_read": one.read,
        "llm.token_count.prompt_details.cache_write": one.written,
    }  # fmt: skip
    return {
        "start_time": at(n), "status_code": "ERROR" if one.failed else "OK",
        "span_id": f"s-{n}", "resource": {"service.name": "assistant"}, "attributes": attributes,
    }  # fmt: skip


def openai(n, one, includes):
    usage = {
        "prompt_tokens": one.input(includes), "completion_tokens": one.out,
        "prompt_tokens_details": {
            "cached_tokens": one.read, "cache_write_tokens": one.written,
        },
    }  # fmt: skip
    if n % 2:  # the shape of the other of its interfaces
        usage = {
            "input_tokens": one.input(includes), "output_tokens": one.out,
            "input_tokens_details": {
                "cached_tokens": one.read, "cache_write_tokens": one.written,
            },
        }  # fmt: skip
    return {
        "id": f"c-{n}", "created": int((NOON + timedelta(minutes=n)).timestamp()),
        "model": one.model, "usage": usage, "status": "failed" if one.failed else "completed",
        "metadata": {"service": "assistant"},
    }  # fmt: skip


def anthropic(n, one, includes):
    return {
        "id": f"m-{n}", "type": "error" if one.failed else "message", "timestamp": at(n),
        "model": one.model, "service": "assistant",
        "usage": {
            "input_tokens": one.input(includes), "output_tokens": one.out,
            "cache_read_input_tokens": one.read, "cache_creation_input_tokens": one.written,
        },
    }  # fmt: skip


WRITERS = {
    "contract": contract, "otel": otel, "litellm": litellm, "langfuse": langfuse,
    "openinference": openinference, "openai": openai, "anthropic": anthropic,
}  # fmt: skip


def at(n):
    """An instant of the n-th request, as text."""
    return (NOON + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ")


def lines(name, asked, includes):
    """The rows of a log, one object a line."""
    rows = (WRITERS[name](n, one, includes) for n, one in enumerate(asked))
    return "".join(json.dumps(row) + "\n" for row in rows)


def otlp(asked, includes, at_once=2):
    """The same spans as a collector's file exporter nests them, so many a line."""
    spans = [_nested(n, one, includes) for n, one in enumerate(asked)]
    lines = (_nested_line(spans[n : n + at_once]) for n in range(0, len(spans), at_once))
    return "".join(json.dumps(line) + "\n" for line in lines)


def _nested(n, one, includes):
    span = otel(n, one, includes)
    begun = int((NOON + timedelta(minutes=n)).timestamp()) * 10**9
    return {
        "traceId": f"{n:032x}", "spanId": f"{n:016x}", "parentSpanId": "", "name": span["name"],
        "kind": 3, "startTimeUnixNano": str(begun), "endTimeUnixNano": str(begun + 1),
        "attributes": _pairs(span["attributes"]), "status": {"code": 2 if one.failed else 0},
        "events": [], "flags": 257,
    }  # fmt: skip


def _nested_line(spans):
    resource = {"attributes": _pairs({"service.name": "assistant"})}
    scopes = [{"scope": {"name": "an instrumentation"}, "spans": [span]} for span in spans]
    return {"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}


def _pairs(attributes):
    """Attributes as OTLP writes them: whole numbers are texts."""
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int)
         else {"stringValue": value}}
        for key, value in attributes.items()
    ]  # fmt: skip
