from datetime import timedelta

import pytest

from ops_model.domain.trials import DifferenceSeen
from tests.builders import AREAS, AS_OF, PEOPLE, people_but
from tests.checks.judged import but, judged, lacking
from tests.shown_running import an_environment

REQUEST = AREAS["change"]["requests"][0]
ROLLOUT = AREAS["change"]["rollouts"][0]
# A change that led to what serves, as it is written when it took the usual way.
TO_V2 = {
    **REQUEST,
    "from_version": "v1",
    "to_version": "v2",
    "requested_at": "2013-02-15T08:00:00Z",
    "pull_request": "models/7",
}
STARTED = {**ROLLOUT, "starts_at": "2013-03-01T08:00:00Z", "ci_run": "build/12"}


def led_to_v2(request=None, rollout=None):
    return {
        "requests": [{**TO_V2, **(request or {})}],
        "rollouts": [{**STARTED, **(rollout or {})}],
    }


def built(**changes):
    return but(an_environment, **changes)


OTHERS_DIGEST = "sha256:" + "9" * 64


def test_env_01_passes_when_the_build_of_what_serves_was_tested():
    assert judged("ENV-01").message == "v2: build/12 passed, 240 tests"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ci_run": None}, "no automatic build of it is known"),
        ({"ci_passed": False}, "build/12 did not pass"),
        ({"tests": 0}, "no test ran"),
        ({"tests": None}, "no test ran"),
        ({"commit": "abcdef0"}, "what was tested is commit abcdef0; what serves is 582320c"),
    ],
)
def test_env_01_fails_when_what_serves_was_not_tested(change, said):
    finding = judged("ENV-01", records=built(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_env_01_passes_when_a_commit_is_written_long_in_one_place_and_short_in_another():
    assert judged("ENV-01", records=built(commit="582320c" + "0" * 33)).status == "passed"


@pytest.mark.parametrize("commit", [None, "", "5", "582320"])
def test_env_01_is_unknown_when_nothing_says_which_commit_was_tested(commit):
    finding = judged("ENV-01", records=built(commit=commit))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "which commit build/12 tested is not on record" in finding.message


def test_env_01_is_unknown_when_the_version_names_no_commit():
    version = {**AREAS["identity"]["version"], "code_commit": None}

    finding = judged("ENV-01", identity={"version": version}, records=built(commit="582320c"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "`version.code_commit` in system.yaml" in finding.remedy


def test_env_01_is_unknown_when_the_outcome_of_the_build_is_not_on_record():
    assert judged("ENV-01", records=built(ci_passed=None)).reason == "missing"


@pytest.mark.parametrize("check_id", ["ENV-01", "ENV-05", "ENV-06"])
def test_how_another_version_was_built_says_nothing_of_the_one_that_serves(check_id):
    never = judged(check_id, records=lacking("environment"))
    other = judged(check_id, records=built(version="v1", version_digest=OTHERS_DIGEST))

    assert (never.status, never.reason) == ("unknown", "missing")
    assert "ops-model observe env flight-delay" in never.remedy
    assert (other.status, other.reason) == ("unknown", "expired")
    assert "how v1 of 2013-07-15 was built; v2 is made of something else now" in other.message


def both(first, second):
    """Two looks at the build of what serves, the second one a day later."""

    def records(system):
        kept = lacking("environment")(system)
        later = {**second, "as_of": AS_OF - timedelta(days=1)}
        return (*kept, an_environment(system, **first), an_environment(system, **later))

    return records


NO_RUN = {"ci_run": None, "ci_passed": None, "tests": None, "commit": None, "pull_request": None,
          "reviewed_by": ()}  # fmt: skip
NO_REBUILD = {"build_digest": None, "rebuild_digest": None}


def test_a_second_build_takes_nothing_away_from_what_the_first_one_has_shown():
    assert judged("ENV-01", records=both({}, NO_RUN)).status == "passed"
    assert judged("ENV-06", records=both({}, NO_RUN)).status == "passed"
    assert judged("ENV-05", records=both({}, NO_REBUILD)).status == "passed"


@pytest.mark.parametrize(
    ("check_id", "what"),
    [("ENV-01", "no automatic build"), ("ENV-06", "no pull request")],
)
def test_a_second_build_alone_shows_nothing_of_how_the_first_was_tested_and_read(check_id, what):
    finding = judged(check_id, records=built(**NO_RUN))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message == f"v2: {what} is on record"


def test_the_last_build_that_was_tested_counts_and_no_earlier_one():
    assert judged("ENV-01", records=both({}, {"ci_passed": False})).status == "failed"
    assert judged("ENV-01", records=both({"ci_passed": False}, {})).status == "passed"


def test_env_05_fails_when_a_second_build_left_nothing_and_says_why():
    hung = {"rebuild_digest": None, "rebuild_problem": "the build: took over 600 s"}

    finding = judged("ENV-05", records=both({}, hung))

    assert finding.status == "failed"
    assert finding.message.endswith("it left nothing to compare: the build: took over 600 s")
    assert "`build` in change.yaml" in finding.remedy


def test_env_05_says_what_is_to_be_declared_before_anything_can_be_built_again():
    build = {"run": ["make", "{out}"], "artefact": "model.bin"}
    version = {**AREAS["identity"]["version"], "model_digest": OTHERS_DIGEST}

    bare = judged("ENV-05", records=lacking("environment")).remedy
    ready = judged(
        "ENV-05", change={"build": build}, identity={"version": version},
        records=lacking("environment"),
    ).remedy  # fmt: skip

    assert "`build` in change.yaml" in bare
    assert ready == "the platform runs `ops-model observe env flight-delay --rebuild`"


def test_env_06_says_of_a_reader_whom_only_the_recorder_names_that_it_is_said():
    said = {"reviewed_by": (), "reviewers_said": ("bo-li",)}

    finding = judged("ENV-06", records=built(**said))

    assert finding.message == (
        "v2 came by models/7, read by bo-li, as whoever recorded it says"
    )  # fmt: skip


def compared(member="packages", **changes):
    prod = next(e for e in AREAS["change"]["environments"] if e["environment"] == "prod")
    seen = DifferenceSeen(member=member, here="sha256:aaaa", in_production="sha256:bbbb")
    return built(compared_with=prod["id"], differences=(seen,), **changes)


def test_env_04_fails_when_a_difference_was_seen_that_nobody_wrote_down():
    finding = judged("ENV-04", records=compared())

    assert finding.status == "failed"
    assert "seen on 2013-07-15 and listed nowhere: packages was sha256:aaaa" in finding.message


def test_env_04_asks_nothing_of_a_difference_that_is_listed_or_seen_before_production_was_taken():
    assert judged("ENV-04", records=compared("hardware")).status == "passed"
    old = compared(as_of=AS_OF - timedelta(days=400))
    assert judged("ENV-04", records=old).status == "passed"


def test_env_05_passes_when_a_second_build_comes_out_the_same():
    assert judged("ENV-05").message == (
        "v2: built again on 2013-07-15, it came out as eeeeeeeeeeee both times"
    )


def test_env_05_fails_when_a_second_build_comes_out_otherwise():
    finding = judged("ENV-05", records=built(rebuild_digest="sha256:" + "f" * 64))

    assert finding.status == "failed"
    assert finding.message == ("v2: built again it is ffffffffffff; what serves is eeeeeeeeeeee")


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ({"rebuild_digest": None}, "missing", "no second build is on record"),
        ({"build_digest": None}, "missing", "no digest of its build is on record"),
        ({"as_of": AS_OF - timedelta(days=181)}, "expired", "181 days ago; expected at most 180"),
    ],
)
def test_env_05_is_unknown_when_nobody_built_it_again_lately(change, reason, said):
    finding = judged("ENV-05", records=built(**change))

    assert (finding.status, finding.reason) == ("unknown", reason)
    assert said in finding.message


def test_env_06_passes_when_somebody_else_read_the_pull_request():
    assert judged("ENV-06").message == "v2 came by models/7, read by bo-li"


def test_env_06_passes_when_the_change_is_the_one_that_change_yaml_names():
    assert judged("ENV-06", change=led_to_v2()).status == "passed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pull_request": None}, "no pull request of it is on record"),
        ({"reviewed_by": ()}, "nobody read models/7"),
        ({"reviewed_by": ("cy-data",)}, "models/7 was read by cy-data alone, who built it"),
        ({"reviewed_by": ("gone",)}, "or did not work here then"),
    ],
)
def test_env_06_fails_when_nobody_else_has_read_it(change, said):
    finding = judged("ENV-06", records=built(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("works_here", "status"),
    [
        ({"active_from": "2001-01-01", "active_to": "2002-01-01"}, "failed"),
        ({"active_from": "2013-07-20"}, "failed"),
        # v2 was asked for on 15 February: whoever read it may have left since
        ({"active_to": "2013-03-31"}, "passed"),
    ],
)
def test_env_06_fails_when_the_reader_did_not_work_here_then(works_here, status):
    finding = judged("ENV-06", change=led_to_v2(), people=people_but("bo-li", **works_here))

    assert finding.status == status


def test_env_06_passes_when_somebody_else_of_the_build_team_read_it():
    colleague = {"id": "gus-build", "name": "Gus", "function": "data_science", "zone": "UTC",
                 "active_from": "2012-01-01", "team": "model-team"}  # fmt: skip
    people = {**PEOPLE, "people": [*PEOPLE["people"], colleague]}

    finding = judged("ENV-06", people=people, records=built(reviewed_by=("gus-build",)))

    assert finding.status == "passed"


def test_env_06_fails_when_whoever_asked_for_it_read_it_themselves():
    asked = led_to_v2(request={"requested_by": "bo-li"})

    assert judged("ENV-06", change=asked).status == "failed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (led_to_v2(request={"pull_request": None}), "to-v3: no pull request is named"),
        (led_to_v2(rollout={"ci_run": None}), "rollout first-week names no build (ci_run)"),
        (led_to_v2(request={"rollout": None}), "no rollout is named, so no build of it is"),
    ],
)
def test_env_06_fails_when_change_yaml_does_not_name_the_way_of_a_change(change, said):
    finding = judged("ENV-06", change=change)

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pull_request": "models/8"}, "its pull request is models/8; to-v3 says models/7"),
        ({"ci_run": "build/13"}, "its build is build/13; to-v3 says build/12"),
    ],
)
def test_env_06_fails_when_the_build_on_record_is_another_than_was_written(change, said):
    finding = judged("ENV-06", change=led_to_v2(), records=built(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_env_06_asks_nothing_yet_of_a_change_that_has_not_begun():
    planned = {"requests": [{**REQUEST, "pull_request": None}], "rollouts": [ROLLOUT]}

    assert judged("ENV-06", change=planned).status == "passed"


def test_env_06_is_unknown_without_the_file_of_changes():
    assert judged("ENV-06", change=None).reason == "missing"
