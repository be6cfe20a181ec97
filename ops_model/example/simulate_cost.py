"""What the simulated assistant costs: each request as its provider counts it, and what was tried.

Drawn beside the usage of `simulate`, with seeds of its own, so that no other log moves with it.

| what | distribution |
|---|---|
| prompt | begins with a text that all share (instructions, and as much of the handbook as the question needs: the cached part of `simulate`), in whole blocks of 128 tokens; the rest is the question's own |
| chain of blocks | a number for each whole block; equal numbers stand for an equal beginning |
| cache | the shared beginning is read from the provider's cache when another answer came within five minutes, and is else written to it |
| cache lost | from 10 June on nothing is: a new version of the client no longer asks for it |
| retries | from 1 May on 4 % of the answered requests are sent a second time nine seconds later, since the client waits less long |
| shadow | from 8 July on 2 % of the questions also go to `prompt-8`, with 70 % of the prompt; nobody gets its answer |
| challenger | from 24 June on 5 % of the questions also go to `example-small-1`; nobody gets its answer |
| trial of the second provider | one made-up request an hour, 300 tokens read and 40 written, to see that it answers |
"""  # noqa: E501 - a table row cannot be broken

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops_model.example.simulate import SEED, START

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

BLOCK = 128
"""Tokens of a block of a prompt."""
CACHE_LOST = datetime(2013, 6, 10, tzinfo=UTC)
RETRIES_FROM = datetime(2013, 5, 1, tzinfo=UTC)
SHADOW_FROM = datetime(2013, 7, 8, tzinfo=UTC)
CHALLENGER_FROM = datetime(2013, 6, 24, tzinfo=UTC)
_HELD = timedelta(minutes=5)
_AGAIN_AFTER = timedelta(seconds=9)
_RETRIED, _SHADOWED, _CHALLENGED = 0.04, 0.02, 0.05
_SHADOW_PROMPT = 0.7
_OWN_BLOCKS_FROM = 1_000
"""Numbers below are blocks of the text that all prompts share."""
READ, WRITTEN = (
    "gen_ai_usage_cache_read_input_tokens", "gen_ai_usage_cache_creation_input_tokens",
)  # fmt: skip
INPUT, MODEL = "gen_ai_usage_input_tokens", "gen_ai_request_model"


def cost_log(usage: "pd.DataFrame", *, until: datetime) -> "pd.DataFrame":
    """Every request that costs money, in the columns of the usage contract, ordered by time."""
    import pandas as pd

    served = _with_cache(usage.reset_index(drop=True))
    nobody = pd.Series(None, index=served.index, dtype="str")
    served = served.assign(purpose="prod", parent_request_id=nobody)
    also = [_retries(served), _shadow(served), _challenger(served), _trials(until)]
    rows = pd.concat([served, *also], ignore_index=True)
    rows["timestamp"] = rows["timestamp"].dt.as_unit("us")
    rows = rows.sort_values("timestamp", kind="stable", ignore_index=True)
    return rows[rows["timestamp"] < until].reset_index(drop=True)


def _with_cache(rows: "pd.DataFrame") -> "pd.DataFrame":
    """The requests with their chain of blocks, and what a cache of their beginnings did."""
    import numpy as np

    answers = (rows["service"] == "answers").to_numpy()
    whole = rows[INPUT].to_numpy() // BLOCK
    shared = np.where(answers, np.minimum(rows[READ].to_numpy() // BLOCK, whole), 0)
    asked_for = answers & (rows["timestamp"] < CACHE_LOST).to_numpy()
    times = rows["timestamp"].where(answers)
    seen = (times - times.ffill().shift()).le(_HELD).to_numpy()
    tokens = shared * BLOCK
    held = {
        READ: np.where(asked_for & seen, tokens, 0),
        WRITTEN: np.where(asked_for & ~seen, tokens, 0),
    }
    return rows.assign(**held, prompt_prefix=_chains(shared, whole - shared))


def _chains(shared: "np.ndarray[Any, Any]", own: "np.ndarray[Any, Any]") -> "pd.Series[Any]":
    """A number for each block: the first ones of the text that all share, then never seen ones."""
    import numpy as np
    import pandas as pd

    common = np.arange(_OWN_BLOCKS_FROM)
    first = _OWN_BLOCKS_FROM + np.concatenate([[0], np.cumsum(own)[:-1]])
    chains = [
        np.concatenate([common[:k], np.arange(at, at + n)])
        for k, at, n in zip(shared, first, own, strict=True)
    ]
    return pd.Series(chains, dtype="object")


def _drawn(rows: "pd.DataFrame", seed: int, share: float, since: datetime) -> "pd.DataFrame":
    """The answered questions that something else is done with, by chance, from an instant on."""
    import numpy as np

    chance = np.random.default_rng(SEED + seed).random(len(rows)) < share
    fitting = (rows["service"] == "answers") & (rows["status"] == "ok")
    return rows[fitting & (rows["timestamp"] >= since) & chance]


def _beside(rows: "pd.DataFrame", letter: str, purpose: str) -> "pd.DataFrame":
    """The same requests once more, for another purpose."""
    return rows.assign(
        request_id=rows["request_id"] + f"-{letter}",
        parent_request_id=rows["request_id"],
        purpose=purpose,
    )


def _retries(rows: "pd.DataFrame") -> "pd.DataFrame":
    again = _beside(_drawn(rows, 5, _RETRIED, RETRIES_FROM), "r", "retry")
    return again.assign(timestamp=again["timestamp"] + _AGAIN_AFTER)


def _shadow(rows: "pd.DataFrame") -> "pd.DataFrame":
    beside = _beside(_drawn(rows, 6, _SHADOWED, SHADOW_FROM), "s", "shadow")
    tokens = (beside[INPUT] * _SHADOW_PROMPT).astype("int64")
    kept = [chain[: n // BLOCK] for chain, n in zip(beside["prompt_prefix"], tokens, strict=True)]
    return beside.assign(**{INPUT: tokens}, prompt_prefix=kept)


def _challenger(rows: "pd.DataFrame") -> "pd.DataFrame":
    beside = _beside(_drawn(rows, 7, _CHALLENGED, CHALLENGER_FROM), "c", "challenger")
    return beside.assign(
        **{MODEL: "example-small-1", "gen_ai_response_model": "example-small-1-2012-11-20"}
    )


def _trials(until: datetime) -> "pd.DataFrame":
    """The second provider, asked every hour whether it answers."""
    import pandas as pd

    hours = pd.date_range(START, until, freq="h", inclusive="left", unit="us")
    return pd.DataFrame(
        {
            "request_id": [f"sa-trial-{number:05d}" for number in range(len(hours))],
            "timestamp": hours,
            "service": "second-provider-trial",
            "gen_ai_provider_name": "other-ai",
            MODEL: "other-large-1",
            "gen_ai_response_model": "other-large-1",
            INPUT: 300,
            READ: 0,
            WRITTEN: 0,
            "gen_ai_usage_output_tokens": 40,
            "status": "ok",
            "purpose": "eval",
            "prompt_prefix": [[] for _ in hours],
        }
    )
