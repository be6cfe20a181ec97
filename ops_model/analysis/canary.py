"""Fixed questions, asked each day: whether more answers differ than do by chance.

The agreed answer of a question is the most frequent one of the span in which the agreed model
answered. How many answers differ from it by chance is measured on that span, each answer against
the others alone: an answer that helped to choose the agreed one would always agree a little.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ops_model.analysis.blocks import share_by_blocks
from ops_model.analysis.capture import present
from ops_model.analysis.profile import day_number
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import wilson
from ops_model.domain.detection_served import CanaryDay, CanaryQuestions
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis

FALSE_ALARM = 0.001
"""The chance, at most, that a day of unchanged answers is taken for another model."""
ANOTHER_MODEL = 0.1
"""The share of answers that another model is taken to give otherwise, where power is stated."""
SHOWN_DAYS = 91
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Answer:
    """What came back last to one question on one day; None where nothing did.

    `asked` counts how often it was asked that day.
    """

    day: date
    question: str
    answer: str | None
    asked: int = 1


@dataclass(frozen=True)
class Asked:
    """Every answer of a log, and the rows that do not say which question they are about."""

    answers: tuple[Answer, ...]
    unnamed: Mapping[date, int]


@dataclass(frozen=True)
class CanaryResult:
    """The numbers of a `ProviderIdentity` that rest on fixed questions."""

    canary: Measured
    noise_floor: Measured
    canary_day: date
    alarm_above: int | None
    false_alarm: Measured | None
    power: Measured | None
    since: date | None
    noisy_days: int
    questions: CanaryQuestions
    days: tuple[CanaryDay, ...]


def answers_of(table: "ibis.Table", *, timestamp: str, prompt: str, answer: str) -> Asked:
    """The last answer to each question on each UTC day.

    Args:
        table: one row per question and day, or more; bounded by its timestamp.
        timestamp: when it was asked.
        prompt: the column that says which question.
        answer: the column with the answer, or a digest of it; nothing, NaN and a text without a
            letter are no answer.
    """
    import ibis

    given = present(table[answer])
    rows = table.select(
        day=day_number(table, timestamp),
        at=table[timestamp],
        question=table[prompt].cast("string"),
        named=present(table[prompt]),
        answer=given.ifelse(table[answer].cast("string"), ibis.null("string")),
    )
    unnamed = rows.filter(~rows.named).group_by("day").aggregate(rows=lambda t: t.count())
    named = rows.filter(rows.named)
    # Equal times would leave the choice to the engine; the largest answer of an instant wins.
    told = named.group_by("day", "question", "at").aggregate(
        answer=named.answer.max(), asked=named.count()
    )
    last = told.group_by("day", "question").aggregate(
        answer=told.answer.argmax(told.at, where=told.answer.notnull()), asked=told.asked.sum()
    )
    found = last.order_by("day", "question").to_pyarrow().to_pylist()
    return Asked(
        tuple(Answer(_day(r["day"]), r["question"], r["answer"], int(r["asked"])) for r in found),
        {_day(r["day"]): int(r["rows"]) for r in unnamed.to_pyarrow().to_pylist()},
    )


def models_of(table: "ibis.Table", model: str) -> tuple[Counter[str], int]:
    """In how many requests each model answered by its own account, and how many gave none."""
    said = present(table[model])
    rows = table.select(model=table[model].cast("string"), said=said)
    found = rows.group_by("said", "model").aggregate(requests=rows.count())
    named: Counter[str] = Counter()
    unsaid = 0
    for row in found.to_pyarrow().to_pylist():
        if row["said"]:
            named[row["model"]] += int(row["requests"])
        else:
            unsaid += int(row["requests"])
    return named, unsaid


def compare_answers(
    asked: Asked, *, baseline: tuple[date, date], today: date
) -> CanaryResult | None:
    """The answers of one day against the agreed ones; None when no answer was ever agreed.

    Args:
        asked: of `answers_of`.
        baseline: first day of the span in which the agreed model answered, and the day after it.
        today: the latest whole day.
    """
    before = [a for a in asked.answers if baseline[0] <= a.day < baseline[1]]
    given = _by_question(before)
    if not given:
        return None
    agreed = {question: _most_frequent(counts) for question, counts in given.items()}
    noise = _noise(before, given)
    days = _days(asked.answers, agreed)
    now = days.get(today, CanaryDay(day=today, answered=0, differ=0))
    limit = _limit(now.answered, noise)
    return CanaryResult(
        canary=_share(now),
        noise_floor=noise,
        canary_day=today,
        alarm_above=limit,
        false_alarm=_chance(now.answered, limit, noise.high),
        power=_chance(now.answered, limit, ANOTHER_MODEL),
        since=_since(days, noise, today),
        noisy_days=sum(
            _too_many(d, noise) for d in days.values() if baseline[0] <= d.day < baseline[1]
        ),
        questions=_questions(asked, agreed, today),
        days=tuple(d for d in days.values() if today - timedelta(SHOWN_DAYS) < d.day <= today),
    )


def alarm_limit(answered: int, noise: float, *, false_alarm: float = FALSE_ALARM) -> int:
    """How many may differ: more than so many do by chance with at most `false_alarm`.

    Exactly binomial: where questions differ in how noisy they are, it is even rarer (Hoeffding).
    """
    from scipy.stats import binom

    return int(binom.isf(false_alarm, answered, noise))


def chance_above(answered: int, limit: int, share: float) -> float:
    """How likely more than `limit` of the answers differ when each does with chance `share`."""
    from scipy.stats import binom

    return float(binom.sf(limit, answered, share))


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=int(number))


def _by_question(answers: Iterable[Answer]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in answers:
        if one.answer is not None:
            found[one.question][one.answer] += 1
    return dict(found)


def _most_frequent(counts: Counter[str]) -> str:
    """The answer that came most often; of several, the first by letter."""
    return min(counts, key=lambda answer: (-counts[answer], answer))


def _noise(before: Sequence[Answer], given: Mapping[str, Counter[str]]) -> Measured:
    """The share of answers that differ from the most frequent one of the others.

    Where two others are as frequent, it differs. A question with one answer tells nothing.
    """
    first = min(a.day for a in before)
    size = (max(a.day for a in before) - first).days + 1
    differ, known = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for one in before:
        counts = given.get(one.question)
        if one.answer is None or counts is None or counts.total() < 2:
            continue
        place = (one.day - first).days
        known[place] += 1
        differ[place] += _differs_from_others(one.answer, counts)
    return share_by_blocks(differ, known)


def _differs_from_others(answer: str, counts: Counter[str]) -> bool:
    own = counts[answer] - 1
    return own <= max((n for other, n in counts.items() if other != answer), default=0)


def _days(answers: Sequence[Answer], agreed: Mapping[str, str]) -> dict[date, CanaryDay]:
    """Each day that asked one of the agreed questions, in order."""
    known = [a for a in answers if a.question in agreed]
    given, differ, silent = (Counter[date]() for _ in range(3))
    for one in known:
        if one.answer is None:
            silent[one.day] += 1
        else:
            given[one.day] += 1
            differ[one.day] += one.answer != agreed[one.question]
    return {
        day: CanaryDay(
            day=day, answered=given[day], differ=differ[day], unanswered=silent[day]
        )
        for day in sorted({a.day for a in known})
    }  # fmt: skip


def _share(day: CanaryDay) -> Measured:
    if day.answered == 0:
        return Measured(value=None, unit="share", n=0, no_interval="too few")
    low, high = wilson(day.differ, day.answered)
    return Measured(
        value=repeatable(day.differ / day.answered), unit="share", n=day.answered,
        low=repeatable(low), high=repeatable(high),
    )  # fmt: skip


def _limit(answered: int, noise: Measured) -> int | None:
    """The alarm's limit, the noise taken at the upper end of its interval; None: no alarm."""
    if answered == 0 or noise.high is None:
        return None
    limit = alarm_limit(answered, noise.high)
    return limit if limit < answered else None


def _chance(answered: int, limit: int | None, share: float | None) -> Measured | None:
    if limit is None or share is None:
        return None
    value = repeatable(chance_above(answered, limit, share))
    return Measured(value=value, unit="share", n=answered, no_interval="exact")


def _too_many(day: CanaryDay, noise: Measured) -> bool:
    limit = _limit(day.answered, noise)
    return limit is not None and day.differ > limit


def _since(days: Mapping[date, CanaryDay], noise: Measured, today: date) -> date | None:
    """The first of the days in a row, up to today, on which too many differed.

    A day that asked nothing tells nothing, and ends no row.
    """
    found = None
    for day in sorted((d for d in days if d <= today), reverse=True):
        if _too_many(days[day], noise):
            found = day
        elif days[day].answered or day == today:
            break
    return found if today in days else None


def _questions(asked: Asked, agreed: Mapping[str, str], today: date) -> CanaryQuestions:
    now = {a.question: a for a in asked.answers if a.day == today}
    return CanaryQuestions(
        pinned=len(agreed),
        missing=len(agreed.keys() - now.keys()),
        new=len(now.keys() - agreed.keys()),
        unanswered=sum(a.answer is None for a in now.values()),
        repeated=sum(a.asked - 1 for a in now.values()),
        unnamed=asked.unnamed.get(today, 0),
    )
