from ops_model.domain.detection import (
    CauseBranch,
    ChangeDecomposition,
    ColumnRest,
    RowsApart,
    SegmentEffect,
)
from ops_model.domain.evidence import Measured
from ops_model.site.cards import card
from ops_model.site.figures import caption, figure
from ops_model.site.quality_chart import control_chart
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people, share


def limited(record, low=0.7, high=0.9):
    days = tuple(d.model_copy(update={"low_limit": low, "high_limit": high}) for d in record.days)
    return record.model_copy(update={"days": days})


def with_floor(value, floor):
    record = samples.quality(alarm=False)
    first = record.segments[0].model_copy(update={"quality": share(value, 900, 0.02),
                                                  "floor": floor})  # fmt: skip
    return record.model_copy(update={"segments": (first, *record.segments[1:])})


def text_of(record):
    return Reader(card(record, people())).text


def test_the_critical_segment_stands_before_the_headline_and_gives_the_card_its_state():
    text = text_of(with_floor(0.61, 0.7))

    assert text.startswith("✖ below its floor Quality")
    assert text.index("The critical segment origin = EWR") < text.index("baseline")
    assert "floor 70.0 %" in text


def test_a_critical_segment_whose_interval_reaches_below_its_floor_is_not_sure():
    assert text_of(with_floor(0.71, 0.7)).startswith("? may lie below its floor")
    assert text_of(with_floor(0.8, 0.7)).startswith("✓ no alarm")


def test_it_says_how_soon_a_fall_is_seen_and_how_many_were_served_since():
    record = samples.quality().model_copy(update={
        "drop": 0.02,
        "days_to_see": Measured(value=7, unit="days", n=900, low=3, high=13, level=0.8),
        "exposed_since_onset": Measured(value=1200, unit="decisions", n=1200,
                                        no_interval="exact"),
    })  # fmt: skip

    text = text_of(record)

    assert "days of labels until a fall of 2.0 points is seen 7 days 80 % interval 3 to 13" in text
    assert "decisions served since the onset 1,200 decisions" in text


def test_what_was_counted_apart_is_said_and_silent_where_nothing_was():
    odd = samples.quality().model_copy(update={"apart": RowsApart(labels_early=3)})

    assert "Counted apart: 3 labels from before the row to be judged" in text_of(odd)
    assert "Counted apart" not in text_of(samples.quality())


def test_the_figure_shows_the_limits_and_how_many_rows_each_day_has():
    drawn = figure(limited(samples.quality()))
    names = {trace["name"]: trace for trace in drawn["data"]}

    assert names["control limits (3 days in 1,000 beyond)"]["y"][0] == 0.9
    assert names["rows with a label"]["y"][0] == 880
    # Days of 66 to 74 % at the end of the slide lie below 70 %.
    assert "beyond the control limits" in caption(limited(samples.quality()))


def test_the_plain_chart_has_a_dot_a_day_and_is_inert():
    drawn = control_chart(limited(samples.quality(metric=HOSTILE[0])))

    assert drawn.count("<circle") == 60
    assert "<script" not in drawn
    assert control_chart(samples.quality().model_copy(update={"days": ()})) == ""


def effect(value, mix, quality):
    def points(number):
        return Measured(value=number, unit="share", n=900, low=number - 0.01, high=number + 0.01)

    return SegmentEffect(column="origin", value=value, mix=points(mix), quality=points(quality))


def a_change(**changes):
    rest = Measured(value=-0.005, unit="share", n=40, low=-0.01, high=0.0)
    values = {
        "system": "flight-delay", "as_of": AS_OF, "monitor": "daily-quality",
        "metric": "accuracy", "rest": rest, "rests": (ColumnRest(column="origin", rest=rest),),
        "change": Measured(value=-0.08, unit="share", n=900, low=-0.1, high=-0.06),
        "segments": (effect("LGA", 0.0, -0.005), effect("JFK", -0.02, -0.05)),
        "causes": (CauseBranch(branch="prompt", changed=None, why="no version is logged"),),
    }  # fmt: skip
    return ChangeDecomposition(**{**values, **changes})


def test_a_change_is_shown_by_segment_the_one_that_adds_most_first_with_its_causes():
    text = text_of(a_change())

    assert text.index("JFK") < text.index("LGA")
    assert "values of too few rows add \u22120.5 points" in text
    assert "? not known prompt no version is logged" in text


def test_a_change_is_drawn_by_size_and_by_quality():
    drawn = figure(a_change())

    size, quality = drawn["data"]
    assert size["y"][-1] == "origin = JFK"
    assert (size["x"][-1], quality["x"][-1]) == (-2.0, -5.0)


def test_a_hostile_segment_stays_text():
    html = card(a_change(segments=(effect(HOSTILE[0], -0.02, -0.05),)), people())

    assert HOSTILE[0] not in html


def test_a_change_of_less_than_a_tenth_of_a_point_has_no_side():
    said = text_of(a_change(segments=(effect("EWR", -0.0002, -0.05),)))

    assert "\u22120.0" not in said
    assert "+0.0" not in said


def test_onset_and_alarm_are_named_where_no_bar_stands():
    drawn = figure(samples.quality())["layout"]
    bars, days = drawn["yaxis2"]["domain"][1], drawn["yaxis"]["domain"][0]

    assert all(bars < name["y"] < days for name in drawn["annotations"])


def test_the_plain_chart_names_onset_and_alarm_and_a_share_ends_at_one():
    drawn = control_chart(limited(samples.quality(), high=1.0))

    assert "onset 12 Jun 2013" in drawn
    assert "alarm 25 Jun 2013" in drawn
    assert drawn.split("</text>")[1].endswith("100 %")
