"""The tests that the build of the demo's flight model runs, and their report as JUnit XML.

They look at what lies in the workbook: the two model files, and the logs that were written with
them. A build service would run them before a version serves.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml

from ops_model.errors import OpsModelError
from ops_model.example.flights import CATEGORICAL, FEATURES, NUMERIC
from ops_model.example.model import FlightModel

if TYPE_CHECKING:
    import pandas as pd

SUITE = "flight-delay"
SERVES, BEFORE = "v2", "v1"
_SAME = 1e-9
"""Two ways of adding up the same numbers differ by less."""
_ALONE = 200


class Built:
    """What was built: the models, a day that was served, and the rows that were trained on."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @cached_property
    def serves(self) -> FlightModel:
        """The version that serves."""
        return FlightModel.load(self.home / "models" / f"{SERVES}.json")

    @cached_property
    def before(self) -> FlightModel:
        """The version that one goes back to."""
        return FlightModel.load(self.home / "models" / f"{BEFORE}.json")

    @cached_property
    def served(self) -> "pd.DataFrame":
        """The first day in the log of predictions."""
        return _read(min((self.home / "predictions").glob("*.parquet")))

    @cached_property
    def trained(self) -> "pd.DataFrame":
        """The rows of training, each scored by a model that had not seen its day."""
        return _read(self.home / "training")


def both_versions_read_the_same_features(built: Built) -> str:
    """Going back is safe only while the features fit the version before."""
    here, there = built.serves.feature_spec_digest, built.before.feature_spec_digest
    return "" if here == there else f"{SERVES} reads {here}, {BEFORE} reads {there}"


def one_flight_alone_gets_what_it_gets_among_many(built: Built) -> str:
    """The server asks for one flight, the log is written for many; they have to agree."""
    rows = built.served.head(_ALONE)
    many = built.serves.predict_many(rows)
    alone = [built.serves.predict(flight) for flight in _flights(rows)]
    apart = max(abs(a - b) for a, b in zip(alone, many, strict=True))
    return "" if apart < _SAME else f"they differ by up to {apart:g}"


def the_log_holds_what_the_version_says(built: Built) -> str:
    """An estimate on record that the model does not give was given by something else."""
    apart = abs(built.serves.predict_many(built.served) - built.served["probability"]).max()
    return "" if apart < _SAME else f"an estimate on record is {apart:g} from the model's"


def weather_that_was_not_reported_still_gives_an_estimate(built: Built) -> str:
    """Stations fall silent; the flight leaves all the same."""
    row = {**dict.fromkeys(NUMERIC), **dict.fromkeys(CATEGORICAL, "")}
    return _no_chance(built.serves.predict(row))


def a_place_that_it_never_saw_gets_an_estimate(built: Built) -> str:
    """New destinations are opened each summer."""
    first = next(_flights(built.served.head(1)))
    return _no_chance(built.serves.predict({**first, "dest": "nowhere"}))


def it_is_right_more_often_than_saying_that_all_are_on_time(built: Built) -> str:
    """Most flights are on time, so that being right often is not enough."""
    late = built.trained["late"]
    right, silent = float((built.trained["prediction"] == late).mean()), float((~late).mean())
    return "" if right > silent else f"right {right:.4f} of the time; saying nothing, {silent:.4f}"


TESTS: tuple[Callable[[Built], str], ...] = (
    both_versions_read_the_same_features,
    one_flight_alone_gets_what_it_gets_among_many,
    the_log_holds_what_the_version_says,
    weather_that_was_not_reported_still_gives_an_estimate,
    a_place_that_it_never_saw_gets_an_estimate,
    it_is_right_more_often_than_saying_that_all_are_on_time,
)


def write_report(
    home: Path, into: Path, *, stopwatch: Callable[[], float] = time.monotonic
) -> Mapping[str, str]:
    """Run each test, and write what came of it as JUnit XML.

    Args:
        home: `data/flight-delay` of a workbook.
        into: the file that is written; its folder is made.
        stopwatch: seconds, monotonic.

    Returns:
        Each test by its name, with what is wrong; empty where nothing is.
    """
    built, suite = Built(home), Xml.Element("testsuite", name=SUITE, tests=str(len(TESTS)))
    found = {}
    for test in TESTS:
        began = stopwatch()
        wrong = found[test.__name__] = _wrong(test, built)
        case = Xml.SubElement(
            suite, "testcase", classname=SUITE, name=test.__name__,
            time=f"{stopwatch() - began:.3f}",
        )  # fmt: skip
        if wrong:
            Xml.SubElement(case, "failure", message=wrong)
    suite.set("failures", str(sum(bool(wrong) for wrong in found.values())))
    Xml.indent(suite)
    into.parent.mkdir(parents=True, exist_ok=True)
    Xml.ElementTree(suite).write(into, encoding="utf-8", xml_declaration=True)
    return found


def _wrong(test: Callable[[Built], str], built: Built) -> str:
    """What is wrong; a model that cannot be read, or refuses a flight, fails the test."""
    try:
        return test(built)
    except OpsModelError as error:
        return error.problems[0].message


def _no_chance(value: float) -> str:
    return "" if math.isfinite(value) and 0 < value < 1 else f"the estimate is {value}"


def _flights(rows: "pd.DataFrame") -> Iterator[dict[str, Any]]:
    """What the server is asked, a flight at a time."""
    for row in rows[[*FEATURES]].to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _read(path: Path) -> "pd.DataFrame":
    from pyarrow import parquet

    rows: pd.DataFrame = parquet.read_table(path).to_pandas()
    return rows
