"""Quality of a log as one HTML page that opens from disk and loads nothing from elsewhere."""

from ops_model.domain.detection import ChangeDecomposition, QualityMeasurement
from ops_model.workflow.any_log_quality import QualityAnswer
from ops_model.workflow.quality_words import quality_in_words

_NAME = "any-log"
"""Stands where a record has its system and its monitor; no page shows it."""


def quality_report(answer: QualityAnswer) -> str:
    """The page: the answer in words, the control chart, the numbers, and the change by segment."""
    from ops_model.site.parts import bare, line, picture, quiet
    from ops_model.site.quality_cards import SPLIT, change_body, quality_body, quality_look
    from ops_model.site.quality_chart import CAPTION, control_chart
    from ops_model.site.quality_figure import quality_caption
    from ops_model.site.report import report

    record = _record(answer)
    cards = [
        bare("Day by day", quality_look(record),
             picture(control_chart(record), quality_caption(record)), line(quiet(CAPTION))),
        bare("Window against baseline", quality_look(record), *quality_body(record)),
    ]  # fmt: skip
    if answer.split is not None:
        cards.append(bare("Where the change came from", SPLIT, *change_body(_split(answer))))
    facts = [
        f"Log: {answer.asked.log}",
        f"Baseline: {answer.baseline.start.date()} to {answer.baseline.end.date()} (end excluded)",
        f"Window: {answer.window.start.date()} to {answer.window.end.date()} (end excluded)",
        f"{answer.segments_left_out:,} segments hold too few rows and are left out",
    ]
    return report(f"Quality: {answer.asked.metric}", " ".join(quality_in_words(answer)), cards,
                  facts=facts)  # fmt: skip


def _record(answer: QualityAnswer) -> QualityMeasurement:
    """The numbers as a record, since cards and charts are made of records."""
    return QualityMeasurement(
        system=_NAME,
        as_of=answer.plan.as_of,
        window=answer.window,
        monitor=_NAME,
        metric=answer.asked.metric,
        segments_left_out=answer.segments_left_out,
        apart=answer.apart,
        **vars(answer.result),
    )


def _split(answer: QualityAnswer) -> ChangeDecomposition:
    return ChangeDecomposition(
        system=_NAME,
        as_of=answer.plan.as_of,
        window=answer.window,
        monitor=_NAME,
        metric=answer.asked.metric,
        **vars(answer.split),
    )
