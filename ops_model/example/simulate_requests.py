"""The simulated assistant, request by request: how each answer went, and what came of it.

Drawn beside the usage of `simulate`, with seeds of its own, so that no other log moves with it.

| what | distribution |
|---|---|
| requests | every request to `answers`, with its status |
| model by its own account | `example-large-1-2013-01-15` in every answer; none where none came |
| intent | the topic of a judged answer; of any other drawn as the topics of judged ones are |
| latency | 600 ms and 7 ms an output token, times a log-normal factor with sigma 0.35; 30 s for a request that failed |
| settled | known a day later, of every answer: 0.02 for an answer that was bad; for a good one 0.19 in March, then growing by 0.0005 a day |
| bad | as judged; an answer that nobody judged is drawn as judged ones are |
"""  # noqa: E501 - a table row cannot be broken

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.example.simulate import PINNED, SEED, START, good_share, topics

if TYPE_CHECKING:
    import pandas as pd

KNOWN_AFTER = timedelta(days=1)
_FAILED_MS = 30_000
_SETTLED, _SETTLED_BADLY, _GROWS_A_DAY = 0.19, 0.02, 0.0005
_MARCH_DAYS = 31


def requests_log(usage: "pd.DataFrame", judged: "pd.DataFrame") -> "pd.DataFrame":
    """One row per request to `answers`: when, of which version, what for, and how it went."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(SEED + 1)
    rows = usage[usage["service"] == "answers"].reset_index(drop=True)
    count, failed = len(rows), (rows["status"] == "error").to_numpy()
    drawn = pd.Series(topics(random, rows["timestamp"]))
    intent = rows["request_id"].map(judged.set_index("request_id")["topic"]).fillna(drawn)
    written = rows["gen_ai_usage_output_tokens"].to_numpy()
    latency = (600 + 7.0 * written) * random.lognormal(0, 0.35, count)
    return pd.DataFrame(
        {
            "request_id": rows["request_id"],
            "timestamp": rows["timestamp"],
            "version": "prompt-7",
            "intent": intent,
            "status": rows["status"],
            "latency_ms": np.where(failed, _FAILED_MS, latency).astype("int64"),
            "gen_ai_response_model": pd.Series(PINNED, index=rows.index).where(~failed),
        }
    )


def outcome_log(
    requests: "pd.DataFrame", judged: "pd.DataFrame", *, until: datetime
) -> "pd.DataFrame":
    """One row per answer whose outcome is known at `until`: was it settled without a person?"""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(SEED + 2)
    rows = requests[requests["status"] == "ok"].reset_index(drop=True)
    days = (rows["timestamp"] - START).dt.total_seconds().to_numpy() / 86400
    drawn = pd.Series(random.random(len(rows)) < good_share(rows["intent"].to_numpy(), days))
    seen = rows["request_id"].map(judged.set_index("request_id")["judge_ok"])
    good = seen.where(seen.notna(), drawn).astype(bool).to_numpy()
    chance = _SETTLED + _GROWS_A_DAY * np.maximum(days - _MARCH_DAYS, 0)
    settled = random.random(len(rows)) < np.where(good, chance, _SETTLED_BADLY)
    outcomes = rows[["request_id", "timestamp"]].assign(settled=settled)
    return outcomes[outcomes["timestamp"] + KNOWN_AFTER < until].reset_index(drop=True)
