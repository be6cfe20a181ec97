"""Who serves a model: the many names of one provider, and the provider in a model's name.

The ids are those that `genai-prices` knows, so that what a log calls `bedrock` finds the prices
of `aws`. The names are those of OpenTelemetry's conventions, of LiteLLM and of OpenInference.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis

_NAMES: Mapping[str, tuple[str, ...]] = {
    "anthropic": (),
    "aws": ("aws.bedrock", "bedrock", "bedrock_converse", "amazon_bedrock", "amazon-bedrock"),
    "azure": (
        "azure.ai.openai", "az.ai.openai", "azure.ai.inference", "az.ai.inference", "azure_ai",
        "azure_openai", "azure_text",
    ),
    "cerebras": (),
    "cohere": ("cohere_chat",),
    "databricks": (),
    "deepseek": (),
    "fireworks": ("fireworks_ai", "fireworks-ai"),
    "github-copilot": ("github_copilot",),
    "google": (
        "gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai", "gemini", "vertex_ai", "vertex_ai_beta",
        "vertexai", "vertex", "google_genai", "google_vertexai",
    ),
    "groq": (),
    "mistral": ("mistral_ai", "mistralai", "codestral"),
    "moonshotai": ("moonshot",),
    "openai": ("text-completion-openai",),
    "openrouter": (),
    "perplexity": (),
    "together": ("together_ai", "togetherai"),
    "voyageai": ("voyage",),
    "x-ai": ("x_ai", "xai"),
}  # fmt: skip
_ID_OF: Mapping[str, str] = {
    name: provider for provider, names in _NAMES.items() for name in (provider, *names)
}
_WHOEVER = ("", "litellm")
"""What stands where a provider belongs, and names none."""
_SAID, _PREFIX = "_ops_model_provider", "_ops_model_prefix"


def provider_key(name: str) -> str:
    """A provider's name as it is compared: `Example_AI ` and `example-ai` are one."""
    return "-".join(name.casefold().replace("_", " ").replace("-", " ").split())


def with_known_provider(rows: "ibis.Table", provider: str, model: str) -> "ibis.Table":
    """Rows whose provider and model have the names that prices have.

    A model such as `azure/gpt-4o` names its provider before the slash. That part is taken off
    where it says the same provider as the log does, or the log says none: what a router calls
    `openai/gpt-4o` is another product than OpenAI's own.

    Args:
        rows: whatever columns, and these two of text.
        provider: the column that says who served a row.
        model: the column that says which model did.
    """
    import ibis

    # Each step a query of its own, so that a step is not written out wherever it is used.
    slash = rows[model].find("/")
    prefix = (slash > 0).ifelse(rows[model].substr(0, slash), ibis.literal(""))
    said = rows[provider].fill_null("").lower().strip()
    split = rows.mutate(**{_SAID: said, _PREFIX: prefix.lower()}).view()
    of_log = split[_SAID].cases(*_ID_OF.items(), else_=split[_SAID])
    of_model = split[_PREFIX].cases(*_ID_OF.items(), else_="")
    both = split.mutate(**{_SAID: of_log, _PREFIX: of_model}).view()
    unsaid = both[_SAID].isin(_WHOEVER)
    names_it = (both[_PREFIX] != "") & (unsaid | (both[_SAID] == both[_PREFIX]))
    rest = both[model].substr(both[model].find("/") + 1)
    return both.mutate(
        **{
            provider: ibis.cases(
                (names_it, both[_PREFIX]), (unsaid, ibis.literal("")), else_=both[_SAID]
            ),
            model: names_it.ifelse(rest, both[model]),
        }
    ).drop(_SAID, _PREFIX)
