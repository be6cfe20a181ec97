"""Who runs notebooks for others: a process that dies takes no run with it."""

import socket
from concurrent.futures import BrokenExecutor, Executor, Future

import pytest

from ops_model.errors import OpsModelError
from ops_model.notebook.apart import run_apart
from ops_model.notebook.cluster import cluster_crew
from ops_model.notebook.fleet import Alone, Side
from ops_model.notebook.spec import RunSpec
from tests.notebook.builders import a_snapshot


def a_spec(folder, run_id):
    """A run that fails before any kernel starts: its notebook is not there."""
    staging = folder / run_id
    staging.mkdir()
    return RunSpec(
        run_id=run_id, system="flight-delay", notebook="gone", parameters={},
        notebook_path=str(folder / "gone.ipynb"), notebook_digest="sha256:0",
        snapshot=a_snapshot(), staging=str(staging),
    )  # fmt: skip


class Mortal(Executor):
    """Runs at once what it is given, and breaks with what is deadly, as often as is said.

    A run called slow is still under way then; its second try is not.
    """

    def __init__(self, deadly, begun):
        self.deadly, self.begun = deadly, begun
        self.under_way = []
        self.broken = False

    def submit(self, work, spec, **more):
        if self.broken:
            raise BrokenExecutor
        future = Future()
        self.begun.append(spec.run_id)
        if self.deadly.get(spec.run_id):
            self.deadly[spec.run_id] -= 1
            self.broken = True
            for lost in [*self.under_way, future]:
                lost.set_exception(BrokenExecutor())
        elif spec.run_id.startswith("slow") and self.begun.count(spec.run_id) == 1:
            self.under_way.append(future)
        else:
            future.set_result(work(spec, **more))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        pass


def carried_out(folder, run_ids, deadly):
    """The failure of each run that was given, by id, and in which order they were begun."""
    begun = []
    crew = Side(2, lambda: Mortal(deadly, begun), lambda: None, warm=False)
    for run_id in run_ids:
        crew.submit(a_spec(folder, run_id))
    found = {}
    while len(found) < len(run_ids):
        for run_id, take in crew.done():
            assert run_id not in found
            found[run_id] = take().result.failure
    return found, begun


def test_a_run_whose_process_dies_is_given_to_another_one(tmp_path):
    found, begun = carried_out(tmp_path, ["one", "two"], {"one": 1})

    assert begun.count("one") == 2
    assert {f.error for f in found.values()} == {"FileNotFoundError"}


def test_a_run_that_ends_its_process_each_time_fails_alone_after_three(tmp_path):
    found, begun = carried_out(tmp_path, ["slow-1", "one", "two"], {"one": 99})

    assert found["one"].reason == "worker_died"
    assert "ended 3 times before it was done" in found["one"].message
    assert begun.count("one") == 3
    assert {found["slow-1"].error, found["two"].error} == {"FileNotFoundError"}


def test_what_was_under_way_beside_it_is_tried_alone_and_not_blamed(tmp_path):
    found, begun = carried_out(tmp_path, ["slow-1", "one"], {"one": 1})

    assert begun.count("slow-1") == 2
    assert found["slow-1"].error == "FileNotFoundError"


def test_each_try_has_a_folder_of_its_own(tmp_path):
    spec = a_spec(tmp_path, "one")

    first, second = run_apart(spec, warm=False), run_apart(spec, warm=False)

    assert first.folder != second.folder
    assert {first.folder, second.folder} == {str(p) for p in (tmp_path / "one").iterdir()}


def test_alone_a_run_is_not_begun_before_its_result_is_taken(tmp_path):
    crew = Alone()
    crew.submit(a_spec(tmp_path, "one"))

    ((run_id, take),) = crew.done()

    assert run_id == "one"
    assert list((tmp_path / "one").iterdir()) == []
    assert take().result.failure.error == "FileNotFoundError"


def test_a_cluster_that_nobody_answers_for_is_said_before_anything_begins(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"

        with (
            pytest.raises(OpsModelError, match="no cluster answers within"),
            cluster_crew(address, tmp_path, seconds=0.5),
        ):
            pass


@pytest.mark.parametrize("address", ["nowhere", "http://127.0.0.1:8786"])
def test_what_is_no_address_of_a_cluster_is_said_with_a_remedy(tmp_path, address):
    with (
        pytest.raises(OpsModelError, match="to fix") as told,
        cluster_crew(address, tmp_path, seconds=0.5),
    ):
        pass

    assert told.value.exit_code == 3
