"""Who wrote a usage log: under which names it keeps what the usage contract asks for.

One table for each format. A place is the name of a column, or a column and keys inside it with a
slash between them; it is found as well where somebody flattened it (`usage/input_tokens` as
`usage.input_tokens` or `usage_input_tokens`). A column with the contract's own name goes before
the places of a format, but for tokens, which each format counts its own way.

Input tokens are counted in two ways: with those that a cache read or wrote, as the contract has
it, or without. Taking one for the other is the commonest mistake in the cost of language models,
so each format says which it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ops_model.analysis.usage_rows import (
    CACHE_READ,
    CACHE_WRITE,
    COLUMN_OF,
    INPUT,
    MODEL,
    OUTPUT,
    REQUEST,
    STATUS,
)
from ops_model.domain.cost import UsageFormat

Places = tuple[str, ...]
EpochUnit = Literal["s", "ms", "us", "ns"]

RESPONSE_MODEL, REPORTED, PREFIX = "gen_ai_response_model", "x_reported_cost_usd", "prompt_prefix"
PARENT = "parent_request_id"
PROVIDER, TIER = COLUMN_OF["provider"], COLUMN_OF["service_tier"]
TOKENS = (INPUT, CACHE_READ, CACHE_WRITE, OUTPUT)
LABELS = (
    "service", PROVIDER, MODEL, RESPONSE_MODEL, STATUS, "purpose", TIER, "user_group", "run_id",
    REQUEST, PARENT,
)  # fmt: skip
"""Columns of the contract that are texts."""


@dataclass(frozen=True)
class UsageAdapter:
    """One format.

    Attributes:
        wrote: who writes it, and by which version of it these names were taken down.
        input_includes_cache: whether its input tokens hold those that a cache read or wrote.
        columns: places of each column of the contract; the first that holds something counts.
        instants: names of the time of a row, and the unit where it is a number since 1970.
        input_too, output_too: parts of input and output that it counts beside them.
        no_calls: where it says what a row is, and the words for what is no call of a model: such a
            row holds the sums of the calls below it, or nothing.
        error: places that hold something only when the call failed.
        reused: a place that says true where the answer was kept and nobody was called.
        kept_long: tokens written to a cache that keeps them for an hour, at a higher price.
        tags: a place with a list of tags, one of which may be a purpose.
        provider: who serves all of it.
        naive_is_utc: it writes UTC without saying so.
    """

    wrote: str
    input_includes_cache: bool
    columns: Mapping[str, Places]
    instants: Mapping[str, EpochUnit | None] = field(default_factory=dict)
    input_too: Places = ()
    output_too: Places = ()
    no_calls: tuple[Places, tuple[str, ...]] | None = None
    error: Places = ()
    reused: Places = ()
    kept_long: Places = ()
    tags: Places = ()
    provider: str = ""
    naive_is_utc: bool = False


def _of_span(*names: str) -> Places:
    """An attribute of a span: a column of its own, or a key of those that exporters write."""
    kept = ("", "attributes/", "span_attributes/", "SpanAttributes/")
    return tuple(f"{column}{name}" for name in names for column in kept)


def _own(folder: str) -> dict[str, Places]:
    """What a caller may have written about a call himself, under the contract's names."""
    names = ("purpose", "user_group", "run_id", PARENT)
    return {name: (f"{folder}/{name}",) for name in names}


_SPANS: Mapping[str, EpochUnit | None] = {"start_time": None, "startTime": None, "Timestamp": None,
          "start_time_unix_nano": "ns", "startTimeUnixNano": "ns"}  # fmt: skip
_SPAN_STATUS = ("status_code", "StatusCode", "status/code", "status/status_code")

_CONTRACT = UsageAdapter(
    wrote="the usage contract: OpenTelemetry's names with underscores",
    input_includes_cache=True,
    columns={name: (name,) for name in TOKENS},
)
_OTEL = UsageAdapter(
    wrote="spans by OpenTelemetry's conventions for generative AI, as of semantic-conventions "
    "1.37 and semantic-conventions-genai of 2026",
    # "The value SHOULD be included in gen_ai.usage.input_tokens", of both kinds of cached tokens.
    input_includes_cache=True,
    columns={
        "service": (
            "service.name", "ServiceName", "resource/service.name",
            "resource_attributes/service.name", "ResourceAttributes/service.name",
            "resource/attributes/service.name", "attributes/service.name",
        ),
        PROVIDER: _of_span("gen_ai.provider.name", "gen_ai.system"),
        MODEL: _of_span("gen_ai.request.model"),
        RESPONSE_MODEL: _of_span("gen_ai.response.model"),
        INPUT: _of_span("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
        CACHE_READ: _of_span(
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"
        ),
        CACHE_WRITE: _of_span(
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
        ),
        OUTPUT: _of_span("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
        STATUS: _SPAN_STATUS,
        TIER: _of_span(
            "gen_ai.openai.request.service_tier", "openai.request.service_tier",
            "gen_ai.openai.response.service_tier", "openai.response.service_tier",
        ),
        "purpose": _of_span("purpose"),
        "user_group": _of_span("user_group"),
        "run_id": _of_span("run_id"),
        REQUEST: _of_span("gen_ai.response.id"),
        PARENT: _of_span(PARENT),
    },
    instants=_SPANS,
    # A span of an agent or a tool may hold the sums of the calls below it.
    no_calls=(
        _of_span("gen_ai.operation.name"),
        ("create_agent", "invoke_agent", "invoke_workflow", "execute_tool"),
    ),
    error=_of_span("error.type"),
)  # fmt: skip
_LITELLM = UsageAdapter(
    wrote="LiteLLM 1.x: the table LiteLLM_SpendLogs, and its StandardLoggingPayload",
    # It adds Anthropic's cached tokens to prompt_tokens, so that all providers count alike.
    input_includes_cache=True,
    columns={
        "service": (
            "metadata/spend_logs_metadata/service", "metadata/user_api_key_alias",
            "metadata/user_api_key_team_alias",
        ),
        PROVIDER: ("custom_llm_provider",),
        MODEL: ("model",),
        INPUT: ("prompt_tokens", "metadata/usage_object/prompt_tokens"),
        CACHE_READ: (
            "metadata/usage_object/cache_read_input_tokens",
            "metadata/usage_object/prompt_tokens_details/cached_tokens",
            "metadata/additional_usage_values/cache_read_input_tokens",
            "metadata/additional_usage_values/prompt_tokens_details/cached_tokens",
        ),
        CACHE_WRITE: (
            "metadata/usage_object/cache_creation_input_tokens",
            "metadata/usage_object/prompt_tokens_details/cache_creation_tokens",
            "metadata/additional_usage_values/cache_creation_input_tokens",
        ),
        OUTPUT: ("completion_tokens", "metadata/usage_object/completion_tokens"),
        STATUS: ("status", "metadata/status"),
        TIER: ("service_tier", "metadata/usage_object/service_tier"),
        REQUEST: ("request_id", "id"),
        REPORTED: ("spend", "response_cost"),
    } | _own("metadata/spend_logs_metadata"),
    instants={"startTime": "s", "start_time": "s"},
    # Its own cache answered: the tokens are logged again, and nobody is billed for them.
    reused=("cache_hit",),
    kept_long=(
        "metadata/usage_object/prompt_tokens_details/cache_creation_token_details/"
        "ephemeral_1h_input_tokens",
    ),
    tags=("request_tags",),
    naive_is_utc=True,
)  # fmt: skip
_LANGFUSE = UsageAdapter(
    wrote="observations of Langfuse 3: its API (usageDetails) and its exports (usage_details)",
    input_includes_cache=False,
    columns={
        "service": ("metadata/service",),
        PROVIDER: ("metadata/provider", "metadata/ls_provider"),
        MODEL: ("model", "provided_model_name", "providedModelName"),
        INPUT: ("usage_details/input", "usageDetails/input"),
        CACHE_READ: tuple(
            f"{details}/{name}"
            for details in ("usage_details", "usageDetails")
            for name in ("input_cached_tokens", "cache_read_input_tokens", "input_cache_read")
        ),
        CACHE_WRITE: tuple(
            f"{details}/{name}"
            for details in ("usage_details", "usageDetails")
            for name in ("cache_creation_input_tokens", "input_cache_creation")
        ),
        OUTPUT: ("usage_details/output", "usageDetails/output"),
        STATUS: ("level",),
        REQUEST: ("id",),
        REPORTED: (
            "cost_details/total", "costDetails/total", "total_cost", "totalCost",
            "calculatedTotalCost",
        ),
    } | _own("metadata"),
    instants={"start_time": None, "startTime": None},
    # What a provider lists under input or output, it takes out of them and keeps beside them.
    input_too=tuple(
        f"{details}/input_{kind}"
        for details in ("usage_details", "usageDetails")
        for kind in ("audio_tokens", "image_tokens", "text_tokens")
    ),
    output_too=tuple(
        f"{details}/output_{kind}"
        for details in ("usage_details", "usageDetails")
        for kind in ("reasoning_tokens", "reasoning", "audio_tokens", "text_tokens",
                     "accepted_prediction_tokens", "rejected_prediction_tokens")
    ),
    no_calls=(
        ("type",),
        ("span", "event", "agent", "tool", "chain", "retriever", "evaluator", "guardrail"),
    ),
    naive_is_utc=True,
)  # fmt: skip


def _of_openinference(*names: str) -> Places:
    """An attribute: as of any span, or nested by its dots, as Phoenix keeps it."""
    nested = (f"attributes/{name.replace('.', '/')}" for name in names)
    return (*_of_span(*names), *nested)


_OPENINFERENCE = UsageAdapter(
    wrote="spans by OpenInference's conventions 0.1, as Phoenix and Arize keep them",
    # Its instrumentation of Anthropic adds the cached tokens to llm.token_count.prompt.
    input_includes_cache=True,
    columns={
        "service": (*_OTEL.columns["service"], "attributes/metadata/service"),
        PROVIDER: _of_openinference("llm.provider", "llm.system"),
        MODEL: _of_openinference("llm.model_name", "embedding.model_name"),
        INPUT: _of_openinference("llm.token_count.prompt"),
        CACHE_READ: _of_openinference(
            "llm.token_count.prompt_details.cache_read",
            "llm.token_count.prompt_details.cache_input",
        ),
        CACHE_WRITE: _of_openinference("llm.token_count.prompt_details.cache_write"),
        OUTPUT: _of_openinference("llm.token_count.completion"),
        STATUS: _SPAN_STATUS,
        "purpose": _of_span("purpose"),
        "user_group": _of_span("user_group"),
        "run_id": _of_span("run_id"),
        REQUEST: ("context.span_id", "context/span_id", "span_id", "SpanId", "spanId"),
        REPORTED: _of_openinference("llm.cost.total"),
    },
    instants=_SPANS,
    no_calls=(
        (*_of_openinference("openinference.span.kind"), "span_kind"),
        ("agent", "chain", "tool", "retriever", "reranker", "guardrail", "evaluator", "prompt",
         "decision"),
    ),
)  # fmt: skip
_OPENAI = UsageAdapter(
    wrote="answers of OpenAI's API as they came: chat completions and responses, of 2026",
    input_includes_cache=True,
    columns={
        "service": ("metadata/service",),
        MODEL: ("model",),
        INPUT: ("usage/prompt_tokens", "usage/input_tokens"),
        CACHE_READ: (
            "usage/prompt_tokens_details/cached_tokens",
            "usage/input_tokens_details/cached_tokens",
        ),
        CACHE_WRITE: (
            "usage/prompt_tokens_details/cache_write_tokens",
            "usage/input_tokens_details/cache_write_tokens",
        ),
        OUTPUT: ("usage/completion_tokens", "usage/output_tokens"),
        STATUS: ("status",),
        TIER: ("service_tier",),
        REQUEST: ("id",),
    } | _own("metadata"),
    instants={"created": "s", "created_at": "s"},
    error=("error",),
    provider="openai",
)  # fmt: skip
_ANTHROPIC = UsageAdapter(
    wrote="answers of Anthropic's API as they came: messages, version 2023-06-01",
    input_includes_cache=False,
    columns={
        "service": ("metadata/service",),
        MODEL: ("model",),
        INPUT: ("usage/input_tokens",),
        CACHE_READ: ("usage/cache_read_input_tokens",),
        CACHE_WRITE: ("usage/cache_creation_input_tokens",),
        OUTPUT: ("usage/output_tokens",),
        STATUS: ("type",),
        TIER: ("usage/service_tier",),
        REQUEST: ("id",),
    } | _own("metadata"),
    instants={"created_at": "s"},
    kept_long=("usage/cache_creation/ephemeral_1h_input_tokens",),
    provider="anthropic",
)  # fmt: skip

FORMATS: Mapping[UsageFormat, UsageAdapter] = {
    "contract": _CONTRACT, "otel": _OTEL, "litellm": _LITELLM, "langfuse": _LANGFUSE,
    "openinference": _OPENINFERENCE, "openai": _OPENAI, "anthropic": _ANTHROPIC,
}  # fmt: skip
