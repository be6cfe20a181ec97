"""The example's model server: what it stores, how it switches, what it does without its feed."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ops_model.domain.values import digest_of
from ops_model.errors import UsageError
from ops_model.example.answer import answer
from ops_model.example.model import FlightModel
from ops_model.example.record_store import RecordStore
from ops_model.example.serve import NOTICE
from ops_model.example.serve_faults import Faults
from ops_model.example.weather_feed import LastGoodHour, newest_hours
from tests.drill.rehearsal import SCHEDULE, WEATHER, a_served_workbook

pytestmark = pytest.mark.slow  # servers, each a process of its own

ROOT = Path(__file__).resolve().parents[2]
FULL = SCHEDULE | WEATHER


class Serving:
    """A server process in a folder, and what it answers."""

    def __init__(self, folder, *arguments):
        command = [sys.executable, "-m", "ops_model.example.serve", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.line = self.process.stdout.readline()
        self.port = int(json.loads(self.line)["url"].rsplit(":", 1)[1]) if self.line else None

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        content = body if isinstance(body, bytes | None) else json.dumps(body)
        connection.request(method, path, content)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def get(self, path):
        return json.loads(self.ask("GET", path)[1])

    def post(self, path, body):
        return json.loads(self.ask("POST", path, body)[1])

    def predict(self, request_id, features):
        return self.post("/predict", {"request_id": request_id, "features": features})

    def records(self):
        return [json.loads(line) for line in self.ask("GET", "/admin/records")[1].splitlines()]

    def until(self, met):
        deadline = time.monotonic() + 10
        while not met(answer := self.predict("again", SCHEDULE)):
            assert time.monotonic() < deadline, answer
            time.sleep(0.02)
        return answer

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=10)
        return complaints.decode()


@pytest.fixture
def serve(tmp_path):
    """Starts servers in one folder with two versions and a feed, and ends them."""
    a_served_workbook(tmp_path)
    started = []

    def start(*arguments):
        started.append(Serving(tmp_path, *arguments))
        return started[-1]

    yield start

    for server in started:
        server.end()


def test_an_answer_is_that_of_the_version_in_the_alias(serve):
    server = serve("--no-weather-feed")

    got = server.predict("a", FULL)

    # v2: -1.0 + 17/10 + 0.3 = 1, and 1 / (1 + e^-1) = 0.7310585786.
    assert got["probability"] == pytest.approx(0.7310585786)
    assert (got["request_id"], got["version"], got["degraded"]) == ("a", "v2", False)
    assert got["digest"] == server.get("/version")["digest"]
    assert "notice" not in got


def test_the_digest_of_a_version_is_that_of_its_file(serve, tmp_path):
    path = tmp_path / "data/flight-delay/models/v2.json"

    assert serve("--no-weather-feed").get("/version")["digest"] == digest_of(path.read_bytes())


def test_every_acknowledged_prediction_is_one_line_on_the_disk(serve, tmp_path):
    server = serve("--no-weather-feed", "--records", "kept/r.jsonl")

    server.predict("a", FULL)
    server.predict("b", FULL)

    lines = (tmp_path / "kept/r.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["request_id"] for line in lines] == ["a", "b"]
    assert server.records() == [
        {"id": json.loads(line)["request_id"], "version": "v2", "digest": digest_of(line)}
        for line in lines
    ]


def test_a_prediction_that_was_acknowledged_outlives_a_kill(serve):
    server = serve("--no-weather-feed")
    server.predict("a", FULL)

    server.end(signal.SIGKILL)

    assert [r["id"] for r in serve("--no-weather-feed").records()] == ["a"]


def test_a_switch_changes_what_answers_and_outlives_a_restart(serve):
    server = serve("--no-weather-feed")

    switched = server.post("/admin/alias", {"version": "v1"})
    server.end(signal.SIGKILL)
    again = serve("--no-weather-feed")

    assert switched["version"] == "v1"
    assert again.get("/version")["version"] == "v1"
    assert again.predict("a", FULL)["probability"] == pytest.approx(0.5)


def test_under_switches_each_answer_is_wholly_of_one_version(serve):
    server = serve("--no-weather-feed")
    probability = {"v1": 0.5, "v2": 0.7310585786}
    answers = []

    def ask():
        answers.extend(server.predict(f"{threading.get_ident()}-{n}", FULL) for n in range(40))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(40):
        server.post("/admin/alias", {"version": ("v1", "v2")[number % 2]})
    for asker in askers:
        asker.join()

    assert len(server.records()) == len(answers) == 120
    assert all(a["probability"] == pytest.approx(probability[a["version"]]) for a in answers)


def test_weather_that_a_request_does_not_bring_comes_from_the_feed(serve):
    got = serve().predict("a", SCHEDULE)

    assert (got["degraded"], got["probability"]) == (False, pytest.approx(0.7310585786))


def test_with_the_feed_gone_the_last_good_hour_serves_and_says_so(serve):
    server = serve("--weather-every", "0.05")
    server.predict("a", SCHEDULE)

    gone = server.post("/admin/outage", {"on": True})
    got = server.until(lambda answer: answer["degraded"])

    assert gone == {"on": True, "feed_pid": None}
    assert got["notice"] == NOTICE
    assert got["probability"] == pytest.approx(0.7310585786)


def test_the_feed_is_a_process_that_is_really_dead_in_an_outage(serve):
    server = serve("--weather-every", "0.05")
    alive = server.post("/admin/outage", {"on": False})["feed_pid"]
    os.kill(alive, 0)

    server.post("/admin/outage", {"on": True})

    with pytest.raises(ProcessLookupError):
        os.kill(alive, 0)


def test_a_feed_that_died_by_itself_is_noticed_all_the_same(serve):
    server = serve("--weather-every", "0.05")
    feed = server.post("/admin/outage", {"on": False})["feed_pid"]

    os.kill(feed, signal.SIGKILL)

    assert server.until(lambda answer: answer["degraded"])["notice"] == NOTICE


def test_when_the_feed_is_back_answers_are_normal_again(serve):
    server = serve("--weather-every", "0.05")
    server.post("/admin/outage", {"on": True})
    server.until(lambda answer: answer["degraded"])

    server.post("/admin/outage", {"on": False})

    assert "notice" not in server.until(lambda answer: not answer["degraded"])


def test_the_feed_ends_with_a_killed_server(serve):
    server = serve()
    feed = server.post("/admin/outage", {"on": False})["feed_pid"]

    server.end(signal.SIGKILL)

    deadline = time.monotonic() + 10
    while Path(f"/proc/{feed}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{feed}").exists()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("POST", "/nowhere", {}, 404),
        ("POST", "/predict", b"{", 400),
        ("POST", "/predict", [], 400),
        ("POST", "/predict", {"features": FULL}, 400),
        ("POST", "/predict", {"request_id": "a", "features": {"hour": "late"}}, 422),
        ("POST", "/predict", b'{"request_id": "a", "features": {"hour": NaN}}', 400),
        ("POST", "/predict", {"request_id": "a", "features": {**FULL, "x": 2**53}}, 400),
        ("POST", "/predict", {"request_id": "a", "features": {**FULL, "x": [1]}}, 400),
        ("POST", "/predict", b" " * 70_000, 413),
        ("POST", "/admin/alias", {"version": "v9"}, 404),
        ("POST", "/admin/alias", {"version": ["v1"]}, 404),
        ("POST", "/admin/outage", {"on": "yes"}, 400),
    ],
)
def test_a_wrong_request_is_refused_and_stores_nothing(serve, method, path, body, status):
    server = serve("--no-weather-feed")

    assert server.ask(method, path, body)[0] == status
    assert server.records() == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--models", "nowhere"], "no version 'v2' there; it has: none"),
        (["--active", "v7"], "no version 'v7' there; it has: v1, v2"),
        (["--fault", "sulks"], "there is no fault 'sulks'"),
        (["--weather-feed", "no.json"], "the weather cannot be read"),
        (["--port", "99999"], "cannot listen on port 99999"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_message(serve, arguments, told):
    server = serve(*arguments)

    complaints = server.end()

    assert server.line == b""
    assert told in complaints
    assert "Traceback" not in complaints
    assert server.process.returncode == 3


def test_two_servers_never_hold_the_same_records(serve):
    serve("--no-weather-feed")
    second = serve("--no-weather-feed")

    assert "another server holds these records" in second.end()


def test_sigterm_ends_it_without_a_word(serve):
    server = serve()

    assert server.end() == ""
    assert server.process.returncode == 0


def test_a_line_that_a_kill_tore_in_two_is_dropped(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"request_id":"a","version":"v2"}\n{"request_id":"b","ver')

    store = RecordStore(path)
    store.append({"request_id": "c", "version": "v2"})

    assert [r["id"] for r in store.contents()] == ["a", "c"]
    store.close()


def test_planted_faults_do_exactly_what_they_say(tmp_path):
    store = RecordStore(tmp_path / "r.jsonl")
    for request_id in "abcde":
        store.append({"request_id": request_id, "version": "v2", "probability": 0.25})
    before = {r["id"]: r["digest"] for r in store.contents()}

    Faults.parse(["loses-on-switch=1", "changes-on-switch=2", "duplicates-on-switch=1"]).spoil(
        store
    )

    after = list(store.contents())
    assert [r["id"] for r in after] == ["b", "c", "d", "e", "b"]
    assert [r["id"] for r in after if r["digest"] != before[r["id"]]] == ["b", "c", "b"]
    store.close()


def test_the_last_good_hour_serves_for_so_long_and_no_longer():
    now = [0.0]
    feed = {"JFK": {"temp": 1.0}}

    class FromMemory(LastGoodHour):
        def _ask(self, origin):
            return feed.get(origin)

    weather = FromMemory(
        lambda: None, ("JFK",), every_seconds=1, timeout_seconds=1, keep_seconds=6,
        stopwatch=lambda: now[0],
    )  # fmt: skip
    weather.look()
    assert weather.newest("JFK").fresh
    feed.clear()
    now[0] = 6.0
    weather.look()

    assert weather.newest("JFK").hour == {"temp": 1.0}
    assert not weather.newest("JFK").fresh
    now[0] = 6.1
    assert weather.newest("JFK") is None
    assert weather.newest("LGA") is None


def test_the_newest_hour_of_each_airport_is_served_whatever_their_order(tmp_path):
    path = tmp_path / "w.json"
    hours = [{"origin": "JFK", "known_at": f"2013-07-22T0{n}:00:00Z"} for n in (2, 1)]
    path.write_text(json.dumps({"hours": hours}), encoding="utf-8")

    assert newest_hours(path)["JFK"]["known_at"] == "2013-07-22T02:00:00Z"


@pytest.mark.parametrize("text", ["", "[]", '{"hours": [1]}', '{"hours": [{"origin": "JFK"}]}'])
def test_a_file_that_is_no_weather_is_refused(tmp_path, text):
    path = tmp_path / "w.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match="is no weather"):
        newest_hours(path)


def test_the_answer_of_a_file_needs_no_server(tmp_path):
    models = a_served_workbook(tmp_path) / "data/flight-delay/models"

    got = answer(models / "v1.json", FULL)

    digest = FlightModel.load(models / "v1.json").digest
    assert got == {"version": "v1", "digest": digest, "probability": pytest.approx(0.5)}


def test_features_that_are_no_object_have_no_answer(tmp_path):
    models = a_served_workbook(tmp_path) / "data/flight-delay/models"

    with pytest.raises(UsageError, match="no JSON object"):
        answer(models / "v1.json", [1])


def test_a_planted_loss_takes_no_record_that_was_stored_meanwhile(tmp_path):
    store = RecordStore(tmp_path / "r.jsonl")
    faults = Faults.parse(["loses-on-switch=3"])
    for number in range(100):
        store.append({"request_id": f"before-{number}", "version": "v2"})

    def append():
        for number in range(300):
            store.append({"request_id": f"meanwhile-{number}", "version": "v2"})

    appending = threading.Thread(target=append)
    appending.start()
    for _ in range(20):
        faults.spoil(store)
    appending.join()

    # Twenty times three of a hundred are lost, the oldest; of the 300 not one.
    assert len(list(store.contents())) == 100 - 60 + 300
    store.close()
