"""The simulated system of the demo: the usage and the judged answers of a support assistant.

No such assistant exists. Everything is drawn from the distributions below with a fixed seed, and
whatever shows it says `simulated`.

| what | distribution |
|---|---|
| requests a day | 1,200 on 1 March, growing by 0.35 % a day; times 1.15 on Monday to 0.60 on Sunday; times a gamma factor with mean 1 and sd 0.05 |
| hour of a request | two humps, around 10:00 and 15:00 in Berlin, on a low floor |
| service and model | `answers` on `example-large-1` for 72 % of requests, `triage` on `example-small-1` for the rest; by their own account `example-large-1-2013-01-15` and `example-small-1-2012-11-20` |
| input tokens | log-normal; median 1,500 (answers) and 420 (triage), sigma 0.55; answers grow by 0.15 % a day, as prompts do |
| cached input | beta(4, 6) of the input for answers, none for triage |
| output tokens | log-normal; median 260 and 12, sigma 0.6 |
| status | `error` for 1.2 %, which give no output |
| judged | 12 % of the good answers, drawn by chance |
| topic | delivery 0.38, refund 0.24, account 0.20, product 0.18; from 1 June on refunds gain 0.08 from delivery |
| judged good | 0.94 for delivery, account and product, falling by 0.0002 a day; 0.90 for refunds, falling by 0.0008 a day |
| confidence | beta with mean 0.82, lower by 0.15 for answers that are judged bad |
"""  # noqa: E501 - a table row cannot be broken

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SEED = 20130722
START = datetime(2013, 3, 1, tzinfo=UTC)
PROVIDER = "example-ai"
PINNED = "example-large-1-2013-01-15"
"""The model that answers, by its own account."""
_PINNED_SMALL = "example-small-1-2012-11-20"
TOPICS = ("delivery", "refund", "account", "product")
_SHARES = (0.38, 0.24, 0.20, 0.18)
_MORE_REFUNDS_FROM = datetime(2013, 6, 1, tzinfo=UTC)
_WEEK = (1.15, 1.12, 1.10, 1.08, 1.05, 0.72, 0.60)
_JUDGED_SHARE = 0.12
_ERROR_SHARE = 0.012


def simulate(*, until: datetime) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """The usage log (columns of the usage contract) and the log of judged answers.

    Both are ordered by time and end before `until`. The same `until` gives the same rows.
    """
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(SEED)
    days = pd.date_range(START, until, freq="D", inclusive="left", unit="us")
    usage = pd.concat([_day(random, number, day) for number, day in enumerate(days)])
    usage = usage.sort_values("timestamp", kind="stable", ignore_index=True)
    usage.insert(0, "request_id", [f"sa-{number:07d}" for number in range(len(usage))])
    judged = _judged(random, usage)
    return usage[usage["timestamp"] < until], judged[judged["timestamp"] < until]


def _day(random: "np.random.Generator", number: int, day: "pd.Timestamp") -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    expected = 1200 * 1.0035**number * _WEEK[day.day_of_week]
    count = int(random.poisson(expected * random.gamma(400, 1 / 400)))
    answers = random.random(count) < 0.72
    prompt = np.where(answers, 1500 * 1.0015**number, 420.0)
    tokens = np.maximum(1, prompt * random.lognormal(0, 0.55, count)).astype("int64")
    cached = np.where(answers, tokens * random.beta(4, 6, count), 0).astype("int64")
    failed = random.random(count) < _ERROR_SHARE
    written = np.where(answers, 260.0, 12.0) * random.lognormal(0, 0.6, count)
    model = np.where(answers, "example-large-1", "example-small-1")
    return pd.DataFrame(
        {
            "timestamp": day + pd.to_timedelta(_seconds(random, count), unit="s").as_unit("us"),
            "service": np.where(answers, "answers", "triage"),
            "gen_ai_provider_name": PROVIDER,
            "gen_ai_request_model": model,
            "gen_ai_response_model": np.where(answers, PINNED, _PINNED_SMALL),
            "gen_ai_usage_input_tokens": tokens,
            "gen_ai_usage_cache_read_input_tokens": cached,
            "gen_ai_usage_output_tokens": np.where(failed, 0, written).astype("int64"),
            "status": np.where(failed, "error", "ok"),
        }
    )


def _seconds(random: "np.random.Generator", count: int) -> "np.ndarray[Any, Any]":
    """Seconds of the UTC day: office hours in Berlin, with a fifth of the requests at any time."""
    import numpy as np

    humps = random.normal(np.where(random.random(count) < 0.5, 8.5, 13.5), 1.8)
    hours = np.where(random.random(count) < 0.2, random.uniform(0, 24, count), humps)
    return np.asarray(np.mod(hours * 3600, 86400), dtype="int64")


def _judged(random: "np.random.Generator", usage: "pd.DataFrame") -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    answered = usage[(usage["service"] == "answers") & (usage["status"] == "ok")]
    rows = answered[random.random(len(answered)) < _JUDGED_SHARE].reset_index(drop=True)
    days = (rows["timestamp"] - START).dt.total_seconds().to_numpy() / 86400
    topic = topics(random, rows["timestamp"])
    judge_ok = random.random(len(rows)) < good_share(topic, days)
    confidence = random.beta(np.where(judge_ok, 16.4, 13.4), np.where(judge_ok, 3.6, 6.6))
    return pd.DataFrame(
        {
            "request_id": rows["request_id"],
            "timestamp": rows["timestamp"],
            "version": "prompt-7",
            "topic": topic,
            "input_tokens": rows["gen_ai_usage_input_tokens"],
            "confidence": confidence,
            "judge_ok": judge_ok,
        }
    )


def topics(
    random: "np.random.Generator", times: "pd.Series[pd.Timestamp]"
) -> "np.ndarray[Any, Any]":
    """What each question is about."""
    import numpy as np

    later = (times >= _MORE_REFUNDS_FROM).to_numpy()
    early = random.choice(TOPICS, size=len(later), p=_SHARES)
    moved = later & (early == "delivery") & (random.random(len(later)) < 0.08 / _SHARES[0])
    return np.where(moved, "refund", early)


def good_share(topic: "np.ndarray[Any, Any]", days: "np.ndarray[Any, Any]") -> Any:  # noqa: ANN401 - an array of numbers
    """How likely each answer is good, so many days after the start."""
    import numpy as np

    return np.where(topic == "refund", 0.90 - 0.0008 * days, 0.94 - 0.0002 * days)
