"""A workbook read whole, or refused with every problem of every file, each with its line."""

import os
from decimal import Decimal

import pytest

from ops_model.domain.values import Where, digest_of
from ops_model.errors import WorkbookError
from ops_model.store.workbook import read_sound_part, read_workbook
from ops_model.workflow.start import start_workbook

OWNERSHIP = "systems/scorer/ownership.yaml"
LEVELS = "systems/scorer/service_levels.yaml"


@pytest.fixture
def root(tmp_path):
    start_workbook(tmp_path / "book", "scorer")
    return tmp_path / "book"


def problems_of(root):
    with pytest.raises(WorkbookError) as refused:
        read_workbook(root)
    return [str(problem) for problem in refused.value.problems]


def with_text(root, path, text):
    (root / path).write_text(text, encoding="utf-8")
    return problems_of(root)


def test_the_started_workbook_reads_and_each_object_knows_its_place(root):
    model = read_workbook(root)

    system = model.system("scorer")
    assert str(system.where) == "systems/scorer/system.yaml:3"
    assert str(system.ownership.place_of("deputy")) == "systems/scorer/ownership.yaml:4"
    assert str(system.on_call.layers[1].where) == "systems/scorer/on_call.yaml:11"
    assert model.people.person("example-two").where.path == "people.yaml"


def test_versions_and_countries_stay_text_and_shares_are_exact(root):
    (root / LEVELS).write_text(
        "objectives:\n  - {id: a, indicator: latency, target: 0.1, window_days: 7}\n"
    )
    system = root / "systems/scorer/system.yaml"
    system.write_text(system.read_text().replace("label: unknown", "label: 1.10").replace(
        "users: TBD - who uses it", "users: NO"))  # fmt: skip

    claims = read_workbook(root).system("scorer")

    assert claims.identity.version.label == "1.10"
    assert claims.identity.users == "NO"
    assert claims.service_levels.objectives[0].target == Decimal("0.1")


def test_a_dotted_path_below_plain_mappings_has_its_line(root):
    (root / "policy.yaml").write_text("thresholds:\n  RBK-02:\n    max_age_days: {A: 30, B: 90}\n")

    policy = read_workbook(root).policy

    assert policy.place_of("thresholds.RBK-02.max_age_days") == Where(path="policy.yaml", line=3)
    assert policy.thresholds["RBK-02"] == {"max_age_days": {"A": "30", "B": "90"}}


def test_comments_and_lines_do_not_change_the_digest_of_a_claim(root):
    before = read_workbook(root).system("scorer")
    text = (root / OWNERSHIP).read_text()
    (root / OWNERSHIP).write_text("# another comment\n\n" + text.replace("# REPLACE", "#"))

    after = read_workbook(root).system("scorer")

    assert digest_of(after.ownership) == digest_of(before.ownership)
    assert after.ownership.where.line != before.ownership.where.line


def test_files_of_areas_may_be_missing_and_policy_too(root):
    for path in ("policy.yaml", OWNERSHIP, LEVELS):
        (root / path).unlink()

    model = read_workbook(root)

    assert model.system("scorer").ownership is None
    assert model.policy.waivers == ()


@pytest.mark.parametrize("path", ["people.yaml", "systems/scorer/system.yaml"])
def test_a_file_that_no_workbook_is_without_is_named(root, path):
    (root / path).unlink()

    assert problems_of(root) == [f"{path}: is missing; expected this file\n  to fix: write {path}"]


def test_a_folder_without_settings_is_no_workbook(tmp_path):
    (problem,) = problems_of(tmp_path)

    assert "there is no ops-model.yaml" in problem
    assert "ops-model init" in problem


def test_a_percentage_where_a_share_belongs_is_told_what_to_write(root):
    text = "objectives:\n  - id: a\n    indicator: latency\n    target: 99.5\n    window_days: 7\n"

    assert with_text(root, LEVELS, text) == [
        f"{LEVELS}:4: objectives[0].target is 99.5; expected a share from 0 to 1\n"
        "  to fix: write 99.5 % as 0.995"
    ]


SIGNALS = "systems/scorer/signals.yaml"


def watching(metric="accuracy", drop="0.05", floor="0.7"):
    """A monitor and a segment of it, the drop in line 5 and the floor in line 12."""
    return f"""monitors:
  - id: q
    signal: output_quality
    metric: {metric}
    tolerable_drop: {drop}
    automated: true
critical_segments:
  - id: jfk
    column: origin
    value: JFK
    why: half of all flights
    floor: {floor}
    monitor: q
"""


def test_a_percentage_where_a_monitor_measures_a_share_is_told_what_to_write(root):
    expected = "expected a share from 0 to 1, since accuracy is one"

    assert with_text(root, SIGNALS, watching(drop="5")) == [
        f"{SIGNALS}:5: monitors[0].tolerable_drop is 5; {expected}\n  to fix: write 5 % as 0.05"
    ]
    assert with_text(root, SIGNALS, watching(floor="70")) == [
        f"{SIGNALS}:12: critical_segments[0].floor is 70; {expected}\n  to fix: write 70 % as 0.7"
    ]


@pytest.mark.parametrize(("drop", "floor"), [("5", "70"), ("0.5", "-3.5"), ("1000000", "0")])
def test_a_score_that_is_no_share_has_drop_and_floor_in_its_own_unit(root, drop, floor):
    (root / SIGNALS).write_text(watching("mean", drop, floor), encoding="utf-8")

    signals = read_workbook(root).system("scorer").signals

    assert signals.monitors[0].tolerable_drop == Decimal(drop)
    assert signals.critical_segments[0].floor == Decimal(floor)


@pytest.mark.parametrize(
    ("drop", "floor"), [("-1", "0"), ("1", "high"), (".inf", "0"), ("1", "1e101")]
)
def test_what_is_no_size_of_any_score_is_refused(root, drop, floor):
    (problem,) = with_text(root, SIGNALS, watching("mean", drop, floor))

    assert "in the unit of another score" in problem


def test_a_floor_of_a_monitor_that_is_not_there_is_no_mistake_of_the_floor(root):
    text = watching(floor="70").replace("monitor: q", "monitor: nobody")
    (root / SIGNALS).write_text(text, encoding="utf-8")

    assert read_workbook(root).system("scorer").signals.critical_segments[0].floor == 70


@pytest.mark.parametrize(
    ("got", "remedy"),
    [
        ("1.2", "a share is at most 1: write what part of the whole it is, such as 0.5 for half"),
        ("1.2 %", "write 1.2 % as 0.012"),
        ("1.6", "write 1.6 % as 0.016"),
    ],
)
def test_a_number_little_above_one_is_taken_for_a_percentage_only_where_it_says_so(
    root, got, remedy
):
    text = f"objectives:\n  - {{id: a, indicator: latency, target: {got}, window_days: 7}}\n"

    (problem,) = with_text(root, LEVELS, text)

    assert problem.endswith(f"to fix: {remedy}")


@pytest.mark.parametrize(
    ("got", "remedy"),
    [
        ("Germany", "did you mean DE?"),
        ("de", "did you mean DE?"),
        ("Germny", "did you mean DE?"),
        ("European Union", "did you mean EU?"),
        ("USA", "did you mean US?"),
        ("the moon", "write a country code such as DE, or EU"),
    ],
)
def test_a_country_s_name_is_refused_with_its_code(root, got, remedy):
    text = f"legal: {{role: deployer, risk_class: high, jurisdictions: [{got}]}}\n"

    assert with_text(root, "systems/scorer/compliance.yaml", text) == [
        f"systems/scorer/compliance.yaml:1: legal.jurisdictions[0] is {got}; expected a country "
        f"code such as DE, or EU\n  to fix: {remedy}"
    ]


def test_an_unknown_key_names_the_nearest_at_its_own_line(root):
    text = "accountable: example-one\ndomains:\n  reliability: example-one\n  costs: example-one\n"

    assert with_text(root, OWNERSHIP, text) == [
        f"{OWNERSHIP}:4: domains.costs is an unknown key; expected reliability, cost, compliance\n"
        "  to fix: did you mean cost?"
    ]


def test_a_missing_key_points_at_its_parent(root):
    whole = "  - {id: b, indicator: latency, target: 0.5, window_days: 7}\n"
    text = f"objectives:\n{whole}  - id: a\n    target: 0.5\n    window_days: 7\n"

    assert with_text(root, LEVELS, text) == [
        f"{LEVELS}:3: objectives[1].indicator is missing; expected one of availability, latency, "
        "errors, quality, freshness\n  to fix: write `indicator:` here"
    ]


@pytest.mark.parametrize(
    ("path", "old", "new", "said", "remedy"),
    [
        ("system", "customer_facing: false", "customer_facing: NO",
         "customer_facing is NO; expected true or false", "write false"),
        ("system", "tier: C", "tier: c", "tier is c; expected one of A, B, C",
         "did you mean C?"),
        ("system", "kind: predictive", "kind: predictiv", "kind is predictiv; expected one of",
         "did you mean predictive?"),
        ("system", "version:\n", "version:\n  in_production_since: 2026-01-01T00:00:00\n",
         "expected a time with a zone, such as 2026-03-01T08:00:00Z", "add the zone"),
        ("system", "version:\n", "version:\n  in_production_since: 1767225600\n",
         "is 1767225600; expected an ISO 8601 time with a zone", "write a time with a zone"),
        ("system", "users: TBD - who uses it", "users:", "users is empty; expected text",
         "write what users is"),
        ("system", "users: TBD - who uses it", "users: [a]", "users is a list; expected text",
         "write text"),
        ("ownership", "accountable: example-one", "accountable: Example One",
         "accountable is Example One; expected an id", "write it as example-one"),
        ("on_call", "zone: UTC", "zone: Europe/Berln", "Europe/Berln is no IANA time zone",
         "did you mean Europe/Berlin?"),
        ("on_call", "FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY",
         "rule has FREQ=MONTHLY; expected FREQ=DAILY or FREQ=WEEKLY",
         "correct `rule`, such as FREQ=WEEKLY;BYDAY=MO"),
        ("on_call", "shift_hours: 168", "shift_hours: 1.5",
         "shift_hours is 1.5; expected a whole number, above 0 and at most 744", "write a whole"),
        ("on_call", "participants: [example-one, example-two]", "participants: []",
         "participants holds 0 items; expected at least 1", "add an item"),
        ("on_call", "starts: 2026-01-05T09:00:00", "starts: 2026-01-05T09:00:00Z",
         "expected a civil time without a zone", "write 2026-01-05T09:00:00"),
        ("rollback", "steps: []", "steps: x", "steps is x; expected a list", "write a list"),
        ("rollback", "max_seconds: 600", "max_seconds: 10000000000000000000",
         "max_seconds is 10000000000000000000; expected a whole number below 2**53",
         "write a smaller number"),
        ("cost", "currency: USD", "currency: $", "currency is $; expected a currency of three",
         "write a currency"),
        ("cost", "ceilings: []", "project_budget: {amount: 12, period: '2026'}",
         "project_budget.amount is 12; expected an amount and a currency",
         "add the currency, such as 12 USD"),
        ("cost", "logs: []", "logs: [{id: u, unit: tokens, address: ../u}]",
         "logs[0].address is ../u; expected a path below the workbook", "write a path below"),
        ("rollback", "steps: []",
         "target: {environment: test, start: [x], sample: {a: [1]}}\nsteps: []",
         "target.sample.a is a list; expected a number or text", "write a number or text"),
    ],
)  # fmt: skip
def test_a_wrong_value_says_what_was_got_what_was_expected_and_what_to_write(
    root, path, old, new, said, remedy
):
    file = root / f"systems/scorer/{path}.yaml"
    assert old in file.read_text(encoding="utf-8")

    problems = with_text(
        root, f"systems/scorer/{path}.yaml", file.read_text().replace(old, new, 1)
    )

    (problem,) = problems
    assert said in problem
    assert f"to fix: {remedy}" in problem
    assert "Input should" not in problem


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("every day", "has 2 fields; expected minute, hour, day, month and weekday"),
        ("0 6 * * Mox", "is no cron line"),
        ("0 6 L * *", "holds what only some schedulers know"),
    ],
)
def test_a_cron_line_that_is_none_is_answered_with_one_that_is(root, cron, said):
    text = f"name: Test\nzone: UTC\nschedules:\n- {{notebook: good, cron: {cron!r}}}\n"

    (problem,) = with_text(root, "ops-model.yaml", text)

    assert problem.startswith(f"ops-model.yaml:4: schedules[0].cron: {cron!r} {said}")
    remedy = "write minute, hour, day, month and weekday, such as 0 6 * * 1"
    assert f"to fix: {remedy}" in problem


def test_what_is_said_of_a_whole_entry_that_begins_with_no_key_names_its_place(root):
    price = "{resource: gpu, valid_from: 2026-01-01T00:00:00Z, per_hour: 1.00, source: list}"

    (problem,) = with_text(
        root, "systems/scorer/cost.yaml", f"currency: USD\nhour_prices: [{price}, {price}]\n"
    )

    assert "two prices of gpu per hour begin at" in problem
    assert problem.endswith("to fix: correct the file")


def test_a_person_cannot_leave_before_the_first_day(root):
    text = (root / "people.yaml").read_text().replace("2020-01-01", "2020-01-02", 1)

    (problem,) = with_text(root, "people.yaml", text)

    line = 1 + [one.strip().startswith("active_to:") for one in text.splitlines()].index(True)
    assert problem.startswith(
        f"people.yaml:{line}: people[0]: active_to 2020-01-01 is before active_from 2020-01-02"
    )
    assert "to fix: correct `active_to`" in problem


@pytest.mark.parametrize("day", ["2026", "0", "2026-13-01", "2026-01-01T10:00:00Z", "soon"])
def test_a_day_must_be_written_out(root, day):
    text = (root / "people.yaml").read_text().replace("2020-01-01", day, 1)

    (problem,) = with_text(root, "people.yaml", text)

    assert f"people[0].active_from is {day}; expected a day, such as 2026-03-01" in problem


def test_an_infinite_number_is_refused_before_anything_must_be_recorded(root):
    text = (root / "systems/scorer/system.yaml").read_text().replace(
        "name: Example vendor (replace)}",
        "name: A, expected_outage_hours_per_month: inf}",
    )  # fmt: skip

    (problem,) = with_text(root, "systems/scorer/system.yaml", text)

    assert "expected_outage_hours_per_month is inf; expected a number, at least 0" in problem


def test_an_unknown_tier_and_a_grade_that_nothing_shows_are_named(root):
    problems = with_text(
        root, "policy.yaml", "minimum_grades:\n  OWN:\n    D: E1\n    A: E9\n    B: E0\n"
    )

    assert [p.splitlines()[0] for p in problems] == [
        "policy.yaml:3: minimum_grades.OWN.D is an unknown name; expected one of A, B, C",
        "policy.yaml:4: minimum_grades.OWN.A is E9; expected one of E1, E2, E3, E4",
        "policy.yaml:5: minimum_grades.OWN.B is E0; expected one of E1, E2, E3, E4",
    ]


def test_the_problems_of_all_files_come_at_once_in_the_order_of_their_lines(root):
    (root / OWNERSHIP).write_text("deputy: Not An Id\ncolour: red\n")
    (root / "policy.yaml").write_text("waivers: {}\n")
    (root / "systems/scorer/cost.yaml").write_text("currency: [\n")
    (root / "systems/scorer/rollback.yml").write_text("")

    places = [problem.split(": ")[0] for problem in problems_of(root)]

    assert places == [
        "policy.yaml:1",
        f"{OWNERSHIP}:1", f"{OWNERSHIP}:1", f"{OWNERSHIP}:2",
        "systems/scorer/cost.yaml:2",
        "systems/scorer/rollback.yml",
    ]  # fmt: skip


def test_three_hundred_mistakes_in_one_file_are_three_hundred_problems(root):
    row = "  - {{id: o{}, indicator: latncy, target: 99.5, window_days: 7}}\n"
    text = "objectives:\n" + "".join(row.format(n) for n in range(150))

    assert len(with_text(root, LEVELS, text)) == 300


def test_more_problems_than_anybody_reads_are_counted(root):
    problems = with_text(root, OWNERSHIP, "".join(f"k{n}: 1\n" for n in range(1500)))

    # 1500 unknown keys and the missing `accountable`.
    assert len(problems) == 1001
    assert "has 501 more problems" in problems[-1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#" * (1024 * 1024 + 1), "holds more than 1048576 bytes"),
        ("accountable: example-one\n".encode("utf-16"), "holds the byte 0xFF"),
        (b"accountable: example-one\n# \xe9\n", "ownership.yaml:2: holds the byte 0xE9"),
        (b"accountable: a\0b\n", "holds the control character U+0000"),
        (b"- a\n- b\n", "the file holds a list; expected a mapping with accountable"),
        (b"just text\n", "the file holds just text; expected a mapping"),
        (b"", "accountable is missing"),
        (b"[" * 5000, "nested more than 50 levels deep"),
        (b"a: &x 1\n", "has the anchor &x"),
        (b"accountable: example-one\n\tdeputy: x\n", "found a tab"),
    ],
    ids=[
        "too large",
        "UTF-16",
        "Latin-1",
        "NUL",
        "list",
        "text",
        "empty",
        "deep",
        "anchor",
        "tab",
    ],
)
def test_a_file_that_is_no_claim_is_one_clear_problem(root, content, said):
    (root / OWNERSHIP).write_bytes(content)

    assert said in problems_of(root)[0]


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b""], ids=["with a mark", "without"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_what_editors_on_windows_write_is_read(root, prefix, end):
    (root / OWNERSHIP).write_bytes(prefix + b"accountable: ana" + end + b"deputy: ben" + end)

    ownership = read_workbook(root).system("scorer").ownership

    assert (ownership.accountable, ownership.deputy) == ("ana", "ben")
    assert ownership.place_of("deputy").line == 2


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("systems/scorer/rollback.yml", "did you mean rollback.yaml?"),
        ("systems/scorer/Rollback.YAML", "did you mean rollback.yaml?"),
        ("systems/scorer/signal.yaml", "did you mean signals.yaml?"),
        ("systems/scorer/oncall.yaml", "did you mean on_call.yaml?"),
        ("systems/scorer/zebra.yaml", "remove it, or keep it elsewhere"),
        ("systems/scorer.yaml", "make a folder of the system's name"),
        ("policy.yml", "rename it to policy.yaml"),
        ("polcy.yaml", "rename it to policy.yaml"),
    ],
)
def test_a_file_that_would_be_ignored_in_silence_is_a_problem_with_a_hint(root, name, remedy):
    (problem,) = with_text(root, name, "a: 1\n")

    assert problem.startswith(f"{name}: is ")
    assert remedy in problem


@pytest.mark.parametrize(
    "name", ["docker-compose.yaml", "notes.md", "systems/scorer/runbook.md", "systems/.keep.yaml"]
)
def test_the_files_of_others_are_left_alone(root, name):
    (root / name).write_text("a: [")

    assert read_workbook(root).system("scorer") is not None


@pytest.mark.parametrize(
    "name", ["..scorer", "A B", "con", "portfolio", "-x", "x" * 64, "ä", "a\x1b[31m"]
)
def test_a_folder_whose_name_is_no_id_is_a_problem(root, name):
    (root / "systems" / name).mkdir()

    (problem,) = problems_of(root)

    assert "rename the folder" in problem
    assert problem.replace("\n", "").isprintable()


def test_a_name_that_is_no_text_is_shown_so_that_it_can_be_printed(root):
    with open(os.fsencode(str(root / "systems/scorer")) + b"/\xff.yaml", "w"):  # noqa: PTH123 - pathlib refuses such a name
        pass

    (problem,) = problems_of(root)

    problem.encode("utf-8")
    assert r"\udcff.yaml" in problem


def test_a_link_that_leaves_the_workbook_is_refused_as_file_and_as_folder(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ownership.yaml").write_text("accountable: secret\n")
    (root / OWNERSHIP).unlink()
    (root / OWNERSHIP).symlink_to(outside / "ownership.yaml")
    (root / "systems/other").symlink_to(outside)

    problems = problems_of(root)

    assert [p.split(":")[0] for p in problems] == ["systems/other", OWNERSHIP]
    assert not any("secret" in p for p in problems)


@pytest.mark.parametrize("target", ["ownership.yaml", "nowhere.yaml"], ids=["circle", "dangling"])
def test_a_link_to_nothing_is_a_problem(root, target):
    (root / OWNERSHIP).unlink()
    (root / OWNERSHIP).symlink_to(target)

    (problem,) = problems_of(root)

    assert f"{OWNERSHIP}: cannot be read: " in problem


def test_a_pipe_in_the_place_of_a_file_does_not_make_the_reader_wait(root):
    (root / OWNERSHIP).unlink()
    os.mkfifo(root / OWNERSHIP)

    assert problems_of(root) == [
        f"{OWNERSHIP}: is no plain file\n  to fix: put a plain file of YAML in its place"
    ]


@pytest.mark.parametrize("cut", range(40, 1000, 120))
def test_a_file_that_was_cut_off_anywhere_is_read_or_refused_and_never_crashes(root, cut):
    path = root / "systems/scorer/on_call.yaml"
    path.write_bytes(path.read_bytes()[:cut])

    try:
        read_workbook(root)
        problems = ()
    except WorkbookError as refused:
        problems = refused.problems

    assert all(p.where.startswith("systems/scorer/on_call.yaml") for p in problems)


def with_second(root):
    (root / "systems/second").mkdir()
    text = (root / "systems/scorer/system.yaml").read_text(encoding="utf-8")
    (root / "systems/second/system.yaml").write_text(text, encoding="utf-8")


def test_a_system_that_cannot_be_read_is_left_out_with_its_problems_and_who_answers(root):
    with_second(root)
    (root / "systems/scorer/cost.yaml").write_text("ceilings: 7\n", encoding="utf-8")
    (root / "systems/readme.yaml").write_text("a: 1\n", encoding="utf-8")
    owner = read_accountable(root)

    sound = read_sound_part(root)

    assert [system.id for system in sound.model.systems] == ["second"]
    assert sound.broken.keys() == {"scorer", "portfolio"}
    assert sound.broken["scorer"].problems[0].where == "systems/scorer/cost.yaml:1"
    assert sound.broken["scorer"].accountable == owner
    assert sound.broken["portfolio"].problems[0].where == "systems/readme.yaml"
    sound.require("second")
    with pytest.raises(WorkbookError, match=r"cost\.yaml:1"):
        sound.require("scorer")
    with pytest.raises(WorkbookError, match=r"readme\.yaml"):
        sound.require("portfolio")


def read_accountable(root):
    text = (root / OWNERSHIP).read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("accountable:"))
    return line.partition(":")[2].partition("#")[0].strip()


@pytest.mark.parametrize("shared", ["ops-model.yaml", "people.yaml", "policy.yaml", "polcy.yaml"])
def test_what_all_systems_share_refuses_the_whole_with_every_problem(root, shared):
    (root / "systems/scorer/cost.yaml").write_text("ceilings: 7\n", encoding="utf-8")
    (root / shared).write_text("nonsense: 1\n", encoding="utf-8")

    with pytest.raises(WorkbookError) as refused:
        read_sound_part(root)

    told = {problem.where.partition(":")[0] for problem in refused.value.problems}
    assert told >= {shared, "systems/scorer/cost.yaml"}
