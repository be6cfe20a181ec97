"""Serving against training on the page of a run, beside a drift of the same numbers."""

from ops_model.domain.detection import SkewMeasurement
from ops_model.site.pages import render
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, drift, flight_system, run, site_input, stated

NOTEBOOK = "05_drift_quality"


def a_skew(columns):
    return SkewMeasurement(
        system="flight-delay", as_of=AS_OF, log="predictions", training_log="training",
        version="v2", rows_training=50_911, rows_serving=6_260, columns=columns,
    )  # fmt: skip


def page_of(*records):
    stated_ones = tuple(stated(n, one, "r-1", NOTEBOOK) for n, one in enumerate(records, start=7))
    system = flight_system(runs=(run("r-1", NOTEBOOK),), statements=stated_ones)
    page = render(site_input(systems=(system,)))[f"runs/flight-delay/{NOTEBOOK}/r-1.html"]
    return page, page.partition('id="entry-8"')[2].partition("</section>")[0]


def test_the_numbers_of_the_drift_above_stand_once_but_for_what_moved():
    page, skew = page_of(drift(), a_skew(drift().columns))

    assert "#entry-7" in Reader(skew).values("href")
    assert "temperature" in skew
    assert "humidity" in skew
    assert "wind_speed" not in skew
    assert "wind_speed" in page


def test_other_numbers_than_those_of_the_drift_are_shown_whole():
    columns = drift().columns
    other = columns[-1].model_copy(update={"limit": 0.2})

    _, skew = page_of(drift(), a_skew((*columns[:-1], other)))

    assert "#entry-7" not in Reader(skew).values("href")
    assert "wind_speed" in skew


def test_without_a_drift_beside_it_every_column_is_shown():
    _, skew = page_of(a_skew(drift().columns), a_skew(drift().columns))

    assert "wind_speed" in skew
    assert "carrier" in skew
