"""The spec that runs a tiny notebook."""

import pytest

from tests.notebook.builders import make_spec


@pytest.fixture
def spec_of(tmp_path):
    """Build the spec of a run of a notebook that consists of these cells."""

    def build(*cells, tags=None, **changes):
        return make_spec(tmp_path, *cells, tags=tags, **changes)

    return build
