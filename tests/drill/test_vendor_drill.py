"""The whole drill against a vendor that fails: clients as they should be, and as they are."""

import json
import shutil
import socket
import subprocess
import threading
import time

import pytest

from ops_model.domain.fallback import FAULTS, FallbackDrill
from ops_model.domain.values import digest_of
from ops_model.drill import vendor_drill
from ops_model.drill.record import read_journal
from ops_model.drill.scene import BrokenOffError, Interruption
from ops_model.errors import DrillError
from tests.drill.rehearsal import processes_in
from tests.drill.vendor_plans import (
    MODEL,
    NOTICE,
    ROOT,
    a_bad_client,
    a_module,
    a_scene,
    a_vendor_plan,
    rehearsed,
)

pytestmark = pytest.mark.alone  # requests under a stopwatch

QUICK_CHAIN = "from fallback_client import Chain\nask = Chain(again_seconds=0.2, stream={}).ask\n"
NO_ANSWER = "no answer in time"
EVERY_ONE = 5
"""Requests under each fault."""


@pytest.fixture
def book(tmp_path):
    """A workbook's folder; whatever was started in it must be gone afterwards."""
    yield tmp_path

    deadline = time.monotonic() + 10
    while (left := processes_in(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def by_fault(facts, key):
    """One number of each fault's line."""
    values = {line["fault"]: line[key] for line in facts["faults"]}
    return {fault: v["value"] if isinstance(v, dict) and "unit" in v else v
            for fault, v in values.items()}  # fmt: skip


def the_documented_client(book, *, stream, **vendor):
    shutil.copy(ROOT / "docs" / "examples" / "fallback_client.py", book)
    client = a_module(book, QUICK_CHAIN.format(stream))
    return a_vendor_plan(client=client, patience_seconds=5, **vendor)


def test_the_documented_client_passes_when_answers_are_streamed(book):
    plan = the_documented_client(
        book, stream=True, faults=["empty", "broken_stream", "model_swap"]
    )

    facts = rehearsed(book, plan)

    assert facts["problems"] == []
    assert (facts["served_share"]["value"], facts["swap_noticed"]) == (1.0, True)


@pytest.mark.slow
def test_the_documented_client_passes_all_ten_faults(book):
    facts = rehearsed(book, the_documented_client(book, stream=False))

    assert facts["problems"] == []
    assert list(by_fault(facts, "lost")) == list(FAULTS)
    assert set(by_fault(facts, "served_share").values()) == {1.0}
    assert set(by_fault(facts, "notice_share").values()) == {1.0}
    assert (facts["swap_noticed"], facts["returned"], facts["lost"]) == (True, True, 0)
    assert facts["notice_digest"] == digest_of(NOTICE.encode())
    # It waits a second and a half for the vendor, and then asks the backup.
    assert max(by_fault(facts, "p95_seconds").values()) <= 1.7


def test_the_examples_own_client_passes_too(book):
    wrapper = (
        "import time\n"
        "from ops_model.example.assistant_client import Breaker, ask as chain\n"
        "breaker = Breaker(time.monotonic, again_seconds=0.2)\n"
        "def ask(question, **given):\n    return chain(question, breaker=breaker, **given)\n"
    )

    faults = ["slow_drip", "html", "empty", "error_body", "reset", "broken_stream", "model_swap"]
    client = a_module(book, wrapper)

    facts = rehearsed(book, a_vendor_plan(client=client, patience_seconds=5, faults=faults))

    assert facts["problems"] == []
    assert (facts["served_share"]["value"], facts["swap_noticed"]) == (1.0, True)


@pytest.mark.parametrize(
    ("mode", "errors", "hits"),
    [
        (
            "no-timeout",
            {"hang": NO_ANSWER, "slow_drip": NO_ANSWER, "empty": "empty answer"},
            dict.fromkeys(FAULTS, EVERY_ONE),
        ),
        (
            # Three tries of a fifth of a second each; an answer of any kind ends them.
            "retries",
            {"empty": "empty answer"},
            dict.fromkeys(FAULTS, 3 * EVERY_ONE) | {"empty": EVERY_ONE, "model_swap": EVERY_ONE},
        ),
        (
            "passes-all",
            {"slow_drip": NO_ANSWER, "empty": "empty answer"}
            | dict.fromkeys(
                ("unavailable", "rate_limited", "html", "error_body", "broken_stream"),
                "fault passed on as an answer",
            ),
            dict.fromkeys(FAULTS, EVERY_ONE),
        ),
    ],
)
def test_a_client_without_a_way_on_loses_all_but_the_swap_which_it_serves_in_silence(
    book, mode, errors, hits
):
    facts = rehearsed(book, a_bad_client(mode, patience_seconds=0.8))

    lost = dict.fromkeys(FAULTS, EVERY_ONE) | {"model_swap": 0}
    expected = {f: {errors.get(f, "status 502"): EVERY_ONE} for f in FAULTS} | {"model_swap": {}}
    assert not facts["passed"]
    assert by_fault(facts, "lost") == lost
    assert by_fault(facts, "errors") == expected
    assert by_fault(facts, "hits_primary") == hits
    assert set(by_fault(facts, "hits_backup").values()) == {0}
    assert by_fault(facts, "served_share") == dict.fromkeys(FAULTS, 0.0) | {"model_swap": 1.0}
    assert by_fault(facts, "silent_swaps")["model_swap"] == EVERY_ONE
    assert (facts["swap_noticed"], facts["notice_seen"], facts["lost"]) == (False, False, 45)
    assert facts["seconds"]["value"] is None


def test_nothing_that_a_client_says_of_its_errors_reaches_record_or_journal(book):
    facts = rehearsed(book, a_bad_client("no-timeout", faults=["html"]))

    assert "sk-1" not in json.dumps(facts)


def test_a_server_that_hangs_for_good_is_started_anew_so_that_the_next_fault_counts_for_itself(
    book,
):
    facts = rehearsed(book, a_bad_client("one-at-a-time", faults=["hang", "unavailable"]))

    assert by_fault(facts, "return_seconds")["hang"] is None
    assert by_fault(facts, "hits_primary") == {"hang": 1, "unavailable": EVERY_ONE}
    assert not facts["returned"]
    assert (
        "hang: the vendor's own answers did not return within 2 s after the fault"
        in (facts["problems"])
    )


def test_a_client_that_heeds_the_vendors_wait_is_given_that_long(book):
    heeds = (
        "import time\n"
        "from ops_model.example.assistant_client import NOTICE, NoAnswerError, _completion\n"
        "not_before = 0.0\n"
        "def ask(question, *, primary, backup, model):\n"
        "    global not_before\n"
        "    if time.monotonic() >= not_before:\n"
        "        try:\n"
        "            return _completion(primary, model, question, time.monotonic() + 1)\n"
        "        except NoAnswerError:\n"
        "            not_before = time.monotonic() + 1.5\n"
        "    return {'answer': 'A colleague will write.', 'notice': NOTICE}\n"
    )
    client = a_module(book, heeds)

    plan = a_vendor_plan(client=client, faults=["rate_limited"], return_within_seconds=1,
                         path={"kind": "human_queue"})  # fmt: skip
    facts = rehearsed(book, plan)

    # Beyond the second of the plan, within the twenty that the vendor asked for.
    assert by_fault(facts, "return_seconds")["rate_limited"] > 1
    assert facts["problems"] == []


def test_a_notice_that_is_always_there_tells_nobody_anything(book):
    always = (
        "import time\n"
        "from ops_model.example.assistant_client import NOTICE, Breaker, ask as chain\n"
        "breaker = Breaker(time.monotonic, again_seconds=0.2)\n"
        "def ask(question, **given):\n"
        "    return {**chain(question, breaker=breaker, **given), 'notice': NOTICE}\n"
    )

    facts = rehearsed(book, a_vendor_plan(client=a_module(book, always), faults=["html"]))

    assert facts["problems"] == ["the notice is also shown while nothing is wrong"]


CALL = (
    "import time\n"
    "from ops_model.example.assistant_client import NOTICE, NoAnswerError, _completion\n"
    "last = {}\n"
    "def ask(question, *, primary, backup, model):\n"
    "    try:\n"
    "        last[0] = _completion(primary, model, question, time.monotonic() + 0.4)\n"
    "        return {'answer': last[0], 'model': model}\n"
    "    except NoAnswerError as error:\n"
)


@pytest.mark.parametrize(
    "answer", ["'-'", "'\\u200b'", "'Error: ' + type(error).__name__", "'Please try again.'"]
)
def test_canned_words_with_the_notice_are_not_the_second_provider(book, answer):
    canned = f"        return {{'answer': {answer}, 'notice': NOTICE}}\n"

    facts = rehearsed(
        book, a_vendor_plan(client=a_module(book, CALL + canned), faults=["unavailable"])
    )

    assert (
        "nobody was answered by the second provider, which was not asked" in (facts["problems"][0])
    )
    assert (facts["served_share"]["value"], facts["lost"]) == (0.0, 0)


@pytest.mark.parametrize("noticed", [True, False])
def test_an_old_answer_in_silence_is_no_answer_to_this_request(book, noticed):
    stale = "        return {'answer': last[0], 'model': model}\n"
    client = a_module(book, CALL + stale)
    path = {} if noticed else {"user_notice": None}

    facts = rehearsed(book, a_vendor_plan(client=client, faults=["unavailable"], path=path))

    assert by_fault(facts, "errors") == {"unavailable": {"answer to another request": EVERY_ONE}}
    assert by_fault(facts, "lost") == {"unavailable": EVERY_ONE}
    assert not facts["passed"]


def test_an_answer_that_forges_the_vendors_mark_is_found_out(book):
    forged = (
        "        mark = last[0].split('[')[1].split()[1]\n"
        "        nonce = question.split('reference ')[1][:8]\n"
        "        return {'answer': last[0].replace(mark, nonce), 'model': model}\n"
    )

    facts = rehearsed(
        book, a_vendor_plan(client=a_module(book, CALL + forged), faults=["unavailable"])
    )

    assert (
        "unavailable: 5 answers bear the vendor's mark, though it gave none like them"
        in facts["problems"]
    )
    assert facts["served_share"]["value"] == 0.0


def test_rules_that_answer_in_the_words_of_the_plan_pass(book):
    rules = "        return {'answer': 'Look under your order number.', 'notice': NOTICE}\n"
    plan = a_vendor_plan(client=a_module(book, CALL + rules), faults=["unavailable"],
                         own_words="order number", path={"kind": "rules"})  # fmt: skip

    facts = rehearsed(book, plan)

    assert (facts["problems"], facts["served_share"]["value"]) == ([], 1.0)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("    return 'Hello.'\n", "answers did not come from the vendor's stand-in"),
        ("    raise ValueError('sk-1')\n", "requests fail: ValueError"),
        ("    return chain('Hello', primary=primary, backup=backup, model=model)\n",
         "answers came to a question without its reference"),
        ("    return chain(question, primary=backup, backup=backup, model=model)\n",
         "answers came from the backup, by model example-large-1"),
        ("    return chain(question, primary=primary, backup=backup, model='older')\n",
         "answers came from the primary, by model older"),
    ],
)  # fmt: skip
def test_a_client_that_does_not_ask_the_vendor_is_not_rehearsed(book, lines, told):
    head = (
        "from ops_model.example.assistant_client import ask as chain\n"
        "def ask(question, *, primary, backup, model):\n"
    )
    (path,) = a_vendor_plan(client=a_module(book, head + lines)).paths

    def quick():
        return time.monotonic() * 60  # thirty seconds of patience last half a one

    with a_scene(book, clock=quick) as scene, pytest.raises(DrillError) as refused:
        vendor_drill.rehearse(path, scene)

    assert f"before the drill {told}" in str(refused.value)
    assert "; nothing was let fail" in str(refused.value)
    assert "sk-1" not in str(refused.value)


def test_a_server_that_runs_already_is_asked_at_its_address_and_left_running(book):
    ports = two_free_ports()
    server = subprocess.Popen(
        ["python3", str(ROOT / "tests" / "drill" / "bad_clients.py"), "no-timeout",
         f"http://127.0.0.1:{ports[0]}/v1", MODEL],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        url = json.loads(server.stdout.readline())["url"]

        facts = rehearsed(book, a_vendor_plan(url=url, ports=ports, faults=["reset"]))

        assert by_fault(facts, "lost") == {"reset": EVERY_ONE}
        assert server.poll() is None
    finally:
        server.kill()
        server.communicate()


def two_free_ports():
    with socket.socket() as one, socket.socket() as other:
        for sock in (one, other):
            sock.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def test_a_server_elsewhere_is_not_spoken_to(book):
    (path,) = a_vendor_plan(url="http://192.0.2.1:80", ports=two_free_ports()).paths

    with a_scene(book) as scene, pytest.raises(DrillError, match="this machine alone"):
        vendor_drill.rehearse(path, scene)


def test_a_drill_that_would_outlast_its_notebook_is_refused_before_it_begins(book):
    (path,) = a_vendor_plan(requests=500, requests_per_second=1).paths

    with a_scene(book) as scene, pytest.raises(DrillError, match="may take 5030 s") as refused:
        vendor_drill.rehearse(path, scene)

    assert "fewer `requests`" in refused.value.problems[0].remedy
    assert scene.steps == []


def test_a_drill_that_is_broken_off_ends_the_stand_in_and_the_client(book):
    word = Interruption()
    client = a_module(book, "from ops_model.example.assistant_client import ask\n")
    (path,) = a_vendor_plan(client=client, faults=["hang"], patience_seconds=5).paths
    threading.Timer(1.5, word.give, ["somebody ended it"]).start()

    with a_scene(book, word) as scene, pytest.raises(BrokenOffError, match="somebody ended it"):
        vendor_drill.rehearse(path, scene)

    assert [e["event"] for e in read_journal(book / "drill.jsonl")][-1] == "step"


def test_the_facts_make_a_record_that_says_what_each_number_rests_on(book):
    facts = rehearsed(book, a_bad_client("no-timeout", faults=["html", "model_swap"]))
    journal = facts.pop("journal")
    origin = {"system": "support-assistant", "as_of": "2013-07-22T08:00:00Z",
              "done_at": "2013-07-22T08:00:00Z"}  # fmt: skip

    record = FallbackDrill.model_validate(facts | origin)

    assert [name for name, number in record.measured() if not number.complete] == []
    assert [e["fault"] for e in journal if e["event"] == "scored"] == ["html", "model_swap"]
    assert not [e for e in journal if e["event"] in {"decided", "injected"}]
