import json

import plotly.graph_objects as go
import pytest

from ops_model.domain.evidence import Measured
from ops_model.site.figures import caption, figure
from tests.site import kinds, samples
from tests.site.samples import HOSTILE

DRAWN = [samples.quality(), samples.drift(), samples.spend(), samples.rollback_drill(),
         samples.fallback_drill()]  # fmt: skip


@pytest.mark.parametrize("record", DRAWN, ids=lambda r: r.kind)
def test_a_figure_is_plain_json_on_a_transparent_ground(record):
    drawn = figure(record)

    assert set(drawn) == {"data", "layout"}
    assert json.loads(json.dumps(drawn)) == drawn
    assert drawn["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"


@pytest.mark.parametrize("record", kinds.every_kind().values(), ids=lambda r: r.kind)
def test_plotly_takes_every_figure_as_it_is(record):
    drawn = figure(record)

    checked = go.Figure(drawn).to_plotly_json() if drawn else None
    assert json.loads(json.dumps(checked)) == json.loads(json.dumps(drawn))


@pytest.mark.parametrize("record", DRAWN, ids=lambda r: r.kind)
def test_each_figure_has_a_titled_axis_and_a_caption(record):
    assert figure(record)["layout"]["xaxis"]["title"]["text"]
    assert caption(record).endswith(".")


@pytest.mark.parametrize(
    "record",
    [samples.assessment(), samples.attestation(), samples.verification(), samples.coverage()],
    ids=lambda r: r.kind,
)
def test_a_record_that_a_picture_adds_nothing_to_has_none(record):
    assert figure(record) is None


@pytest.mark.parametrize(
    ("record", "field"),
    [(samples.quality(), "days"), (samples.drift(), "columns"), (samples.spend(), "days"),
     (samples.rollback_drill(), "steps")],
)  # fmt: skip
def test_an_empty_record_has_no_figure(record, field):
    assert figure(record.model_copy(update={field: ()})) is None


def test_quality_draws_every_day_and_its_interval():
    band, daily, *_ = figure(samples.quality())["data"]

    assert len(daily["x"]) == 60
    assert len(band["x"]) == 120  # there along the upper bound, back along the lower
    assert "n = 880" in daily["text"][0]


def test_quality_marks_onset_and_alarm():
    layout = figure(samples.quality())["layout"]
    texts = [a["text"].strip() for a in layout["annotations"]]

    assert texts == ["onset 12 Jun", "alarm 25 Jun"]
    assert [shape["x0"] for shape in layout["shapes"]] == ["2013-06-12", "2013-06-25"]


def test_baseline_and_current_window_are_levels_with_their_value_in_the_legend():
    levels = figure(samples.quality())["data"][3:5]

    assert [trace["name"] for trace in levels] == ["baseline 82.3 %", "current window 74.1 %"]
    assert [trace["y"] for trace in levels] == [[0.823, 0.823], [0.741, 0.741]]


def test_a_provisional_day_is_drawn_open_and_says_why():
    _, daily, *_, legend = figure(samples.quality())["data"]

    assert daily["marker"]["symbol"][-2:] == ["circle-open", "circle-open"]
    assert "late labels" in daily["text"][-1]
    assert legend["name"] == "provisional"


def test_quality_without_provisional_days_has_no_such_legend():
    settled = tuple(d for d in samples.quality().days if not d.provisional)

    drawn = figure(samples.quality().model_copy(update={"days": settled}))

    assert [trace["name"] for trace in drawn["data"]] == [
        "95 % interval", "accuracy per day", "mean of 7 days", "baseline 82.3 %",
        "current window 74.1 %", "rows with a label",
    ]  # fmt: skip


def test_drift_is_drawn_in_multiples_of_each_limit_farthest_on_top():
    (bars,) = figure(samples.drift())["data"]

    # temperature: effect 2.61 against a limit of 0.42.
    assert bars["y"][-1] == "✖ temperature"
    assert bars["x"][-1] == pytest.approx(6.214, abs=0.001)
    assert bars["y"].count("✓ carrier") == 1


def test_a_limit_of_zero_can_be_drawn():
    free = samples.column("flag", 0.4, 0.0, drifted=True)
    record = samples.drift().model_copy(update={"columns": (free,)})

    assert figure(record)["data"][0]["x"] == [0.4]


def test_spend_is_stacked_by_service_the_dearest_first_with_the_ceiling():
    drawn = figure(samples.spend())

    assert [bar["name"] for bar in drawn["data"]] == ["training", "serving"]
    assert drawn["layout"]["barmode"] == "stack"
    assert drawn["layout"]["shapes"][0]["y0"] == 60.0


def test_spend_without_a_ceiling_draws_no_line():
    drawn = figure(samples.spend().model_copy(update={"ceiling_per_day": None}))

    assert "shapes" not in drawn["layout"]


def test_more_services_than_colours_are_summed_into_one():
    names = tuple(f"service-{i}" for i in range(9))

    bars = figure(samples.spend(services=names))["data"]

    # The first day: 12.4 + 4 * place; the four cheapest are places 0 to 3.
    assert len(bars) == 6
    assert bars[-1]["name"] == "4 more services"
    assert bars[-1]["y"][0] == pytest.approx(12.4 + 16.4 + 20.4 + 24.4)


def test_a_drill_is_drawn_step_after_step():
    (bars,) = figure(samples.rollback_drill())["data"]

    assert bars["base"][:3] == pytest.approx([0, 1.91, 1.93])
    assert bars["y"][0] == "✓ start the server"


def test_steps_of_one_name_are_told_apart_by_their_place():
    drill = samples.rollback_drill()
    first, second, *others = drill.steps
    twins = (first, second.model_copy(update={"name": first.name, "ok": first.ok}), *others)

    (bars,) = figure(drill.model_copy(update={"steps": twins}))["data"]

    assert bars["y"][:2] == ["✓ start the server (1)", "✓ start the server (2)"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_figure_is_no_markup(text):
    for graded in samples.hostile_system(text).statements:
        drawn = figure(graded.statement.record) or {}

        assert "<script" not in json.dumps(drawn)
        assert "<img" not in json.dumps(drawn)


def with_long_names():
    wide = samples.column(samples.LONG, 1.0, 0.5, drifted=True)
    yield samples.drift().model_copy(update={"columns": (wide,)})
    drill = samples.rollback_drill()
    named = drill.steps[0].model_copy(update={"name": samples.LONG})
    yield drill.model_copy(update={"steps": (named, named)})


@pytest.mark.parametrize("record", [*with_long_names()], ids=lambda r: r.kind)
def test_the_title_of_an_axis_below_long_names_is_whole_on_a_phone(record):
    layout = figure(record)["layout"]
    left, right = layout["margin"]["l"], layout["margin"]["r"]

    # A figure is 326 px wide on a phone of 390; a title stands in the middle of what the names
    # leave of that, and a letter of 13 px is up to 7.5 px wide.
    room = (326 - left - right) / 2 + right
    assert 7.5 * len(layout["xaxis"]["title"]["text"]) / 2 <= room


def test_a_long_name_is_cut_so_that_the_bars_keep_their_room():
    wide = samples.column(samples.LONG, 1.0, 0.5, drifted=True)
    record = samples.drift().model_copy(update={"columns": (wide,)})

    (label,) = figure(record)["data"][0]["y"]

    assert len(label) == 22
    assert label.endswith("…")


def test_a_value_that_is_unknown_leaves_a_gap():
    days = samples.quality().days
    unknown = Measured(value=None, unit="share", n=0, no_interval="no rows")
    gap = (*days[:5], days[5].model_copy(update={"quality": unknown}), *days[6:])

    band, daily, *_ = figure(samples.quality().model_copy(update={"days": gap}))["data"]

    assert daily["y"][5] is None
    assert len(band["x"]) == 118
