"""The card of the model behind a provider: by its own account, and by its answers."""

from ops_model.domain.detection_served import CanaryQuestions, ProviderIdentity
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, fact, frame, line, picture, quiet, sentences, table
from ops_model.site.trends import sparkline_svg
from ops_model.site.words import Look

_CHANGED = Look("✖", "changed", words.RED, "bad")
_AGREED = Look("✓", "as agreed", words.GREEN, "good")
_BY_WORD = Look("?", "as agreed by its word alone", words.RED, "bad")
_MOST = 8


def provider(record: ProviderIdentity, people: People) -> Html:
    """What answered, how many fixed questions were answered otherwise, and since when."""
    del people
    return frame(
        f"Model behind provider {record.dependency}", provider_look(record), record,
        line(_meant(record)),
        table(("", "value", "rests on"), _rows(record)),
        _course(record),
        *sentences("Questions that say less", _apart(record.questions)),
        line(quiet(_how(record))),
        simulated=record.simulated,
    )  # fmt: skip


def provider_look(record: ProviderIdentity) -> Look:
    """Changed, as agreed, or as agreed by its word alone."""
    if record.changed:
        return _CHANGED
    return _AGREED if record.alarm_above is not None and record.seen else _BY_WORD


def _meant(record: ProviderIdentity) -> str:
    """What it means, and what to do, in one line."""
    others = [one for one in record.seen if one.model != record.pinned]
    if others:
        return (
            f"Another model than {record.pinned} answers, by its own account. Ask the provider, "
            "and have it compared as a change before it counts as agreed."
        )
    if record.since is not None:
        return (
            f"The name is the agreed one, the answers are not: more differ than by chance since "
            f"{words.day(record.since)}. Ask the provider what it serves since then; until it is "
            "compared as a change, the fallback is the way on."
        )
    if record.alarm_above is None:
        return (
            "By its own account it is the agreed one. Whether its answers are cannot be told: "
            "too few questions were answered, that day or in the span that pins them."
        )
    return "The agreed model answers, by its own account and by its answers. Nothing to do."


def _rows(record: ProviderIdentity) -> list[Row]:
    whole = sum(one.requests for one in record.seen)
    rows: list[Row] = [
        (
            "answered, by its own account" if place == 0 else "",
            tag("strong", one.model),
            quiet(f"{one.requests:,} of {whole:,} requests of the last seven days"),
        )
        for place, one in enumerate(record.seen[:_MOST])
    ]
    if not record.seen:
        rows.append(("answered, by its own account", tag("strong", "nobody"), quiet("no request")))
    if record.unsaid_requests:
        unsaid = tag("strong", f"{record.unsaid_requests:,}")
        rows.append(("requests that do not say", unsaid, quiet("counted")))
    return [*rows, *_answers(record)]


def _answers(record: ProviderIdentity) -> list[Row]:
    if record.canary is None:
        return [("fixed questions", tag("strong", "no answer was ever agreed"), "")]
    on = f" on {words.day(record.canary_day)}" if record.canary_day else ""
    rows = [
        fact(f"answered otherwise{on}", record.canary),
        fact("answered otherwise by chance", record.noise_floor),
    ]
    if record.alarm_above is not None:
        limit = f"more than {record.alarm_above} of {record.canary.n}"
        rows.append(("too many are", tag("strong", limit), quiet(_chance(record))))
    return rows


def _chance(record: ProviderIdentity) -> str:
    """How often the limit is passed by chance, and how often another model passes it."""
    false, power = record.false_alarm, record.power
    if false is None or power is None or false.value is None or power.value is None:
        return "not known"
    return (
        f"by chance on {words.number(false.value * 1000)} of 1,000 days, exactly binomial at the "
        f"upper end of chance; a model that answers a tenth otherwise on "
        f"{words.number(power.value * 100)} of 100"
    )


def _course(record: ProviderIdentity) -> Html:
    """The share that differed, day by day."""
    shares = [d.differ / d.answered if d.answered else None for d in record.days]
    label = "share of fixed questions that were answered otherwise, day by day"
    return picture(sparkline_svg(shares, label), label)


def _apart(questions: CanaryQuestions | None) -> list[str]:
    if questions is None:
        return []
    told = {
        f"not asked that day, of {words.plural(questions.pinned, 'question')} with an agreed "
        "answer": questions.missing,
        "asked that have no agreed answer": questions.new,
        "asked and not answered": questions.unanswered,
        "asked again that day, of which the last answer counts": questions.repeated,
        "rows that do not say which question they are about": questions.unnamed,
    }
    return [f"{count:,} {what}" for what, count in told.items() if count]


def _how(record: ProviderIdentity) -> str:
    noisy = (
        f" On {words.plural(record.noisy_days, 'day')} of the span that pins the answers too many "
        "differed, too."
        if record.noisy_days
        else ""
    )
    return (
        f"Agreed is {record.pinned}. An agreed answer is the most frequent one of its span; how "
        f"many differ by chance is measured there, each answer against the others.{noisy}"
    )
