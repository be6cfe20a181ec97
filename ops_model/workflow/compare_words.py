"""A comparison in plain words: who is better, how sure that is, what changes, what it costs."""

from collections.abc import Iterator

from ops_model.domain.trials import ChallengerVerdict
from ops_model.workflow.any_log_compare import CompareAnswer

VERDICTS: dict[ChallengerVerdict, str] = {
    "better": "Better", "non_inferior": "No worse", "worse": "Worse", "undecided": "Undecided",
}  # fmt: skip


def compare_in_words(answer: CompareAnswer) -> list[str]:
    """A sentence each: the verdict and what it rests on, then what stands beside it."""
    return [
        _headline(answer),
        *_faults(answer),
        *_needed(answer),
        _each(answer),
        *_flips(answer),
        *_beside(answer),
        *_slices(answer),
        *_sure(answer),
        *answer.found.notes,
        *answer.notes,
    ]


def _headline(answer: CompareAnswer) -> str:
    """`Better: new is 2.0 points better than old on 7,000 cases (95 % interval ...)`."""
    from ops_model.site import words

    found, difference = answer.found, answer.found.difference
    value, unit = difference.value or 0.0, words.points(difference.unit)
    way = "better" if value > 0 else "worse"
    by = f"{words.amount(abs(value), unit)} {way} than" if value else "as good as"
    times = f", each asked {found.repeats} times" if found.repeats > 1 else ""
    return (
        f"{VERDICTS[found.verdict]}: {answer.challenger} is {by} {answer.champion} on "
        f"{words.plural(found.cases, 'case')}{times} ({words.interval(difference, unit=unit)})"
        f"{_margin(answer)}."
    )


def _margin(answer: CompareAnswer) -> str:
    """The bound that the margin is held against."""
    from ops_model.site import words

    found, margin = answer.found, answer.asked.margin
    if margin is None or found.no_worse_than is None:
        return ""
    unit = words.points(found.difference.unit)
    if found.no_worse_than >= 0:
        return "; it is surely no worse"
    may = words.amount(-found.no_worse_than, unit)
    return f"; it may be up to {may} worse, and {words.amount(margin, unit)} are allowed"


def _faults(answer: CompareAnswer) -> Iterator[str]:
    for fault in answer.found.faults:
        yield f"The results cannot decide: {fault}."


def _needed(answer: CompareAnswer) -> Iterator[str]:
    found = answer.found
    if found.verdict == "undecided" and not found.faults:
        if found.cases_needed is None:
            yield (
                "No number of cases would decide it as it stands: no difference was seen, or one "
                "of just the margin."
            )
        else:
            yield (
                f"It takes {found.cases_needed:,} cases in all, {found.cases_more:,} more, to "
                "decide in four of five trials, if they go on as they did."
            )
    if answer.asked.margin is None:
        yield (
            "No margin was set, so nothing counts as no worse: say before the trial how much "
            "worse is still good enough (--margin)."
        )


def _each(answer: CompareAnswer) -> str:
    from ops_model.site import words

    found = answer.found
    turned = "; less is better" if answer.asked.lower_is_better else ""
    first, second = words.value(found.champion), words.value(found.challenger)
    if found.champion.unit == "share":
        told = f"is right in {first} of its answers, {answer.challenger} in {second}"
    else:
        told = f"scores {first} on average, {answer.challenger} {second}"
    return f"{answer.champion} {told}{turned}."


def _flips(answer: CompareAnswer) -> Iterator[str]:
    from ops_model.site import words

    beside = answer.found.beside
    if beside.to_right is not None and beside.to_wrong is not None:
        yield (
            f"{words.value(beside.flips)} of the cases flip: {beside.to_right:,} turn right, "
            f"{beside.to_wrong:,} turn wrong."
        )


def _beside(answer: CompareAnswer) -> Iterator[str]:
    """Cost and seconds, which no verdict on quality holds."""
    from ops_model.site import words

    beside = answer.found.beside
    if beside.cost_multiplier is not None and beside.cost_multiplier.value is not None:
        times = beside.cost_multiplier
        yield (
            f"A case of {answer.challenger} costs {words.value(times)} as much as one of "
            f"{answer.champion} ({words.interval(times)})."
        )
    if beside.champion_seconds is not None and beside.challenger_seconds is not None:
        yield (
            f"The median case takes {words.value(beside.challenger_seconds)}, with "
            f"{answer.champion} {words.value(beside.champion_seconds)}."
        )
    if beside.cost is not None and beside.cost.value is not None:
        yield f"Trying {answer.challenger} cost {words.value(beside.cost)}."


def _slices(answer: CompareAnswer) -> Iterator[str]:
    """How many slices came out which way, and those that cannot be right."""
    from ops_model.site import words

    slices = answer.found.slices
    if not slices:
        return
    counts = [
        f"{count} {word.lower()}"
        for verdict, word in VERDICTS.items()
        if (count := sum(one.verdict == verdict and not one.fault for one in slices))
    ]
    odd = [one.name for one in slices if one.fault]
    told = f"; not believed: {', '.join(odd)}" if odd else ""
    how = "Holm" if answer.asked.correction == "holm" else "Benjamini and Hochberg"
    yield (
        f"Of {words.plural(len(slices), 'slice')}, corrected for their number after {how}: "
        f"{', '.join(counts) or 'none decided'}{told}."
    )


def _sure(answer: CompareAnswer) -> Iterator[str]:
    found, every = answer.found, answer.asked.look_every
    if every is not None:
        yield (
            f"Looked at every {every:,} cases ({found.looks:,} looks so far): the interval holds "
            "at all of them, so that stopping early is no mistake."
        )
    yield f"How: {found.method}."
