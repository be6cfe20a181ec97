"""The demo's workbook: whole or not at all, over nothing but a demo, and always the same."""

import errno
import hashlib
import os
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from ops_model.domain.portfolio import outcome_of
from ops_model.domain.values import digest_of
from ops_model.errors import OpsModelError, UsageError
from ops_model.example.build import AS_OF, MARKER, build_workbook
from ops_model.example.model import FlightModel
from ops_model.shipped import shipped
from ops_model.store.identity import identify
from ops_model.store.workbook import read_workbook


def silent(_step):
    """No progress."""


def stop(_step):
    """Ctrl-C at the first step."""
    raise KeyboardInterrupt


def full_disk(_step):
    """A disk without room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sha256(file):
    """The hex digest of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def rows_of(file):
    """The rows of one Parquet file."""
    return parquet.read_table(file).to_pylist()


def an_old_demo(folder):
    folder.mkdir()
    (folder / MARKER).write_text("old")
    (folder / "ledger.db").write_text("evidence")
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory, all_flights):
    """The workbook, built once."""
    into = tmp_path_factory.mktemp("built") / "demo"
    build_workbook(into, progress=silent)
    return into


@pytest.mark.parametrize("name", ["notes.txt", "ops-model.yaml", "ledger.db"])
def test_a_folder_that_is_no_demo_is_refused_and_not_touched(tmp_path, name):
    (tmp_path / name).write_text("mine")

    with pytest.raises(UsageError, match=f"holds '{name}' and is no demo"):
        build_workbook(tmp_path, progress=silent, fresh=True)

    assert [f.name for f in tmp_path.iterdir()] == [name]


def test_a_demo_is_only_replaced_when_asked(tmp_path):
    demo = an_old_demo(tmp_path / "demo")

    with pytest.raises(UsageError, match="holds a demo already") as refused:
        build_workbook(demo, progress=silent)

    assert "--fresh" in refused.value.problems[0].remedy
    assert (demo / "ledger.db").read_text() == "evidence"


def test_a_file_or_a_link_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")

    for name in ("file", "link"):
        with pytest.raises(UsageError, match="is no folder"):
            build_workbook(tmp_path / name, progress=silent, fresh=True)


def test_the_folder_that_one_is_in_is_not_replaced(tmp_path, monkeypatch):
    demo = an_old_demo(tmp_path / "demo")
    monkeypatch.chdir(demo)

    with pytest.raises(UsageError, match="the folder that you are in"):
        build_workbook(Path(), progress=silent, fresh=True)

    assert (demo / "ledger.db").read_text() == "evidence"


@pytest.mark.parametrize(
    ("trouble", "error"), [(stop, KeyboardInterrupt), (full_disk, OpsModelError)]
)
def test_an_interrupted_build_leaves_the_old_demo_and_nothing_else(tmp_path, trouble, error):
    demo = an_old_demo(tmp_path / "demo")

    with pytest.raises(error):
        build_workbook(demo, progress=trouble, fresh=True)

    assert [f.name for f in tmp_path.iterdir()] == ["demo"]
    assert (demo / "ledger.db").read_text() == "evidence"


def test_a_full_disk_is_named(tmp_path):
    with pytest.raises(OpsModelError, match="No space left on device") as refused:
        build_workbook(tmp_path / "demo", progress=full_disk)

    assert refused.value.exit_code == 3


def test_the_workbook_reads_whole_and_pins_the_instant_where_its_logs_end(built):
    model = read_workbook(built)

    assert [s.id for s in model.systems] == [
        "flight-delay", "invoice-extractor", "support-assistant",
    ]  # fmt: skip
    assert model.settings.as_of == AS_OF


def test_the_claimed_digest_is_that_of_the_model_in_production(built):
    version = read_workbook(built).system("flight-delay").identity.version

    content = (built / version.model_ref).read_bytes()

    assert version.model_digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_going_back_leads_to_a_model_that_is_there_and_takes_the_same_features(built):
    plan = read_workbook(built).system("flight-delay").rollback
    folder = built / "data" / "flight-delay" / "models"

    models = [FlightModel.load(folder / f"{v}.json") for v in (plan.from_version, plan.to_version)]

    assert [m.version for m in models] == ["v2", "v1"]
    assert len({m.feature_spec for m in models}) == 1
    assert models[0].digest != models[1].digest


def test_every_log_that_is_declared_is_there_with_its_columns(built):
    for system in read_workbook(built).systems:
        for log in system.signals.logs:
            files = sorted((built / log.address).glob("*.parquet"))
            columns = set(parquet.read_schema(files[0]).names)
            assert {c for c in (log.timestamp, log.key, log.version) if c} <= columns
            for monitor in system.signals.monitors:
                if monitor.log == log.id:
                    assert {*monitor.columns, *monitor.segments} <= columns, monitor.id


def test_no_log_goes_past_the_instant(built):
    for system in read_workbook(built).systems:
        addresses = [(log.address, log.timestamp) for log in system.signals.logs]
        addresses += [(log.address, log.timestamp) for log in system.cost.logs]
        for address, column in addresses:
            last = sorted((built / address).glob("*.parquet"))[-1]
            newest = max(parquet.read_table(last)[column].to_pylist())
            assert newest < AS_OF


def test_what_is_simulated_is_declared_so_and_what_is_real_is_not(built):
    model = read_workbook(built)
    flights, assistant = model.system("flight-delay"), model.system("support-assistant")

    assert assistant.identity.simulated
    assert all(log.simulated for log in (*assistant.signals.logs, *assistant.cost.logs))
    assert not flights.identity.simulated
    assert not any(log.simulated for log in flights.signals.logs)
    # No fleet ran in 2013, so its hours are worked out from the traffic.
    assert all(log.simulated for log in flights.cost.logs)


def test_the_data_notes_say_which_is_simulated(built):
    assistant = (built / "data" / "support-assistant" / "README.md").read_text()
    flights = (built / "data" / "flight-delay" / "README.md").read_text()

    assert "simulated" in assistant.splitlines()[0]
    assert "compute/hours.parquet` | **simulated**" in flights


def starter():
    """The shipped claims, before a demo is built of them."""
    return shipped("templates") / "workbook"


def test_every_claim_file_names_its_schema_and_opens_with_the_question_that_it_answers():
    for path in starter().rglob("*.yaml"):
        schema, question = path.read_text(encoding="utf-8").splitlines()[:2]
        up = "../" * (len(path.relative_to(starter()).parts) - 1)
        many = {"incidents": "incident", "scenarios": "scenario"}
        stem = many.get(path.parent.name, path.stem)
        assert schema == (f"# yaml-language-server: $schema={up}schemas/{stem}.schema.json"), path
        assert question.startswith("# "), path
        assert question.endswith("?"), path


def test_every_schema_that_a_claim_file_names_is_written_with_the_demo(built):
    for path in built.rglob("*.yaml"):
        named = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2]
        assert (path.parent / named).is_file(), path


def test_every_reference_of_the_starter_names_something():
    model = read_workbook(starter())

    for system in model.systems:
        claims = [m for claim in system.identity.strategy for m in claim.mechanisms]
        assert [m for m in claims if not system.has(m)] == []
        names = system.names()
        for mode in system.identity.failure_modes:
            assert set(mode.detect_by) <= names["monitor"], mode.id
            assert set(mode.threatens) <= names["strategy"], mode.id
        for monitor in system.signals.monitors:
            assert monitor.playbook is None or monitor.playbook in names["playbook"], monitor.id


def test_the_starter_declares_who_wrote_each_file_of_a_system_and_before_it_served():
    flights = read_workbook(starter()).system("flight-delay")

    assert {file.declared is not None for file in flights.files()} == {True}
    early = (flights.on_call, flights.signals, flights.rollback, flights.cost)
    assert all(file.declared.at < flights.identity.went_live_at for file in early)


def test_the_pilot_that_was_never_shipped_met_its_targets_and_is_stranded():
    model = read_workbook(starter())
    pilot = model.portfolio.pilot("invoice-extractor")
    system = model.system("invoice-extractor")

    # From 30 November 2012 to 22 July 2013 are 234 days, more than 180.
    assert outcome_of(pilot, system.identity, at=AS_OF) == "STRANDED"
    assert (AS_OF.date() - pilot.targets_met_on).days == 234
    assert (system.on_call, system.rollback, system.fallback) == (None, None, None)


def test_the_shipped_pilots_are_shipped():
    model = read_workbook(starter())

    for name in ("flight-delay", "support-assistant"):
        identity = model.system(name).identity
        assert outcome_of(model.portfolio.pilot(name), identity, at=AS_OF) == "SHIPPED"


def test_the_money_of_the_pilots_adds_up():
    model = read_workbook(starter())
    flights, assistant, invoices = (
        model.system(name).cost.pilot_assumption.cost_per_day.amount
        for name in ("flight-delay", "support-assistant", "invoice-extractor")
    )

    # Two replicas at 0.096 and one collector at 0.048 an hour, for 24 hours.
    assert flights == Decimal("5.76")
    large = 864 * (720 * Decimal(6) + 480 * Decimal("1.5") + 260 * Decimal(24)) / 10**6
    small = 336 * (420 * Decimal("0.5") + 12 * Decimal(2)) / 10**6
    assert assistant == round(large + small, 2)
    assert invoices == round(120 * (1900 * Decimal("0.5") + 60 * Decimal(2)) / 10**6, 2)
    ceilings = [
        c.amount.amount for s in model.systems for c in s.cost.ceilings if c.scope == "system"
    ]
    assert sum(ceilings) <= model.portfolio.ceiling_per_day.amount


def test_no_placeholder_is_left_where_a_digest_was_promised(built):
    for path in built.rglob("*.yaml"):
        assert "0" * 40 not in path.read_text(encoding="utf-8"), path


def test_the_digests_of_the_data_are_those_of_the_files(built):
    system = read_workbook(built).system("flight-delay")

    training = identify(built, "data/flight-delay/training").digest

    assert system.identity.version.data_snapshot_digest == training
    assert system.signals.baseline("winter").digest == training
    march = [
        {"path": f.name, "bytes": f.stat().st_size, "sha256": sha256(f)}
        for f in sorted((built / "data/flight-delay/predictions").glob("2013-03-*.parquet"))
        if f.stem != "2013-03-01"
    ]
    assert len(march) == 30
    assert system.signals.baseline("march").digest == digest_of(march)


def test_the_suites_and_the_agreed_answers_of_the_assistant_are_pinned_by_their_digests(built):
    signals = read_workbook(built).system("support-assistant").signals
    days = [
        {"path": f.name, "bytes": f.stat().st_size, "sha256": sha256(f)}
        for f in sorted((built / "data/support-assistant/canaries").glob("2013-0[34]-*.parquet"))
    ]

    assert len(days) == 61
    assert signals.baseline("spring-answers").digest == digest_of(days)
    for suite in signals.guardrails:
        assert suite.items_digest == identify(built, suite.items).digest


def test_the_weather_that_is_logged_is_what_was_reported_and_nothing_is_filled_in(
    built, all_flights
):
    log = built / "data" / "flight-delay" / "weather"
    day = rows_of(log / "2013-07-20.parquet")

    # 24 hours of three airports.
    assert len(day) == 72
    assert {row["origin"] for row in day} == {"EWR", "JFK", "LGA"}
    assert any(row["wind_speed"] is None or row["pressure"] is None for row in day)


def test_going_back_changes_the_model_and_its_data_and_nothing_else(built):
    identity = read_workbook(built).system("flight-delay").identity

    changes = identity.version.changes_to(identity.known_version("v1"))

    assert [c.member for c in changes] == ["model", "data"]


def test_the_numbers_of_the_storm_are_those_of_the_log(built):
    incident = read_workbook(built).system("flight-delay").incidents[0]
    day = "data/flight-delay/predictions/2013-03-08.parquet"
    label_days = ("2013-03-09", "2013-03-10")
    labels = {
        row["request_id"]: row["late"]
        for name in label_days
        for row in rows_of(built / f"data/flight-delay/labels/{name}.parquet")
    }
    served = rows_of(built / day)

    labelled = [row for row in served if row["request_id"] in labels]
    right = [row for row in labelled if row["prediction"] == labels[row["request_id"]]]
    exposed = [
        row
        for row in served
        if incident.onset_earliest <= row["timestamp"] < incident.contained_at
    ]

    assert (len(labelled), len(right)) == (815, 335)
    assert round(335 / 815, 3) == 0.411
    assert len(exposed) == incident.decisions_exposed
    assert any("815 estimates 335 were right (0.411)" in e.text for e in incident.timeline)


def test_building_twice_gives_the_same_files(built, tmp_path):
    build_workbook(tmp_path / "demo", progress=silent)

    def digests(root):
        return {
            str(f.relative_to(root)): hashlib.sha256(f.read_bytes()).hexdigest()
            for f in root.rglob("*")
            if f.is_file()
        }

    assert digests(tmp_path / "demo") == digests(built)
