"""The verbs of a notebook that show what the logs hold, and what can be asked of them."""

from functools import partial

from ops_model.workflow.empty_logs import measured_or_empty
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown


def capture(book: Book) -> Shown:
    """How much of each field of the log policy is really written down."""
    if why := _unkept(book):
        return nothing(f"{why}, so nobody knows what is kept of each request.")
    from ops_model.workflow.measure_logs import capture_of

    return measured_or_empty(book, "What is kept of each request", lambda: capture_of(book))


def reconstruction(book: Book) -> Shown:
    """Decisions looked up again one by one, with the four questions asked of each."""
    why = _unkept(book)
    signals = book.system.signals
    served = signals.served if signals is not None else None
    if not why and served is not None and served.key is None:
        why = f"Log {served.id} names no key"
    if why:
        return nothing(f"{why}, so no decision can be looked up again.")
    from ops_model.workflow.measure_logs import reconstruction_of

    return measured_or_empty(
        book, "Whether a decision can be looked up again", lambda: reconstruction_of(book)
    )


def freshness(book: Book) -> Shown:
    """How old each feed is, and when somebody would know that it stopped on a Friday night."""
    signals = book.system.signals
    if signals is None or not signals.feeds:
        return nothing("signals.yaml declares no feed that could stop arriving.")
    from ops_model.domain.values import zone
    from ops_model.workflow.measure_logs import freshness_of

    local = zone(book.model.settings.zone)
    return Shown.of_many([
        measured_or_empty(book, f"Feed {feed.id}", partial(freshness_of, book, feed, zone=local))
        if feed.log is not None
        else nothing(
            f"Feed {feed.id} names no log in signals.yaml, so when its data last arrived is not "
            f"known; a break is noticed after {feed.worst_notice_hours:.3g} h at worst."
        )
        for feed in signals.feeds
    ])  # fmt: skip


def _unkept(book: Book) -> str:
    """Why nothing can be asked of the served log; empty when something can."""
    signals = book.system.signals
    if signals is None:
        return "There is no signals.yaml"
    if signals.served is None:
        return "signals.yaml declares no log of what was served"
    if signals.log_policy is None or not signals.log_policy.fields:
        return "signals.yaml names no fields under log_policy"
    return ""
