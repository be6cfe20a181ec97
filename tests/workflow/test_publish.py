from datetime import timedelta

import pytest

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.sign_off import SignOff
from ops_model.domain.values import digest_of
from ops_model.errors import UsageError, WorkbookError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_sound_part
from ops_model.workflow.publish import publish, runs_of
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, RECORDED, digest
from tests.workflow.bundles import a_bundle
from tests.workflow.tiny import a_workbook, add_second_system

HISTORY = "site/systems/flight-delay/history.html"


def an_event(part, kind, *, as_of=AS_OF, run_id="r1", after=0, **data):
    return LedgerEvent(
        id=f"{run_id}/{part}", type=kind, subject="flight-delay", as_of=as_of,
        recorded_at=RECORDED + timedelta(seconds=after), actor="runner:ops-model",
        data={"run_id": run_id, "notebook": "07_weekly_ops_report", **data},
    )  # fmt: skip


def started(**more):
    return an_event("started", "run.started", notebook_digest=digest("notebook"), **more)


def published(record, **more):
    origin = {
        "run_id": more.get("run_id", "r1"), "notebook": "07_weekly_ops_report",
        "notebook_digest": digest("notebook"), "cell": 5, "inputs_verified": True,
    }  # fmt: skip
    return an_event(
        "record/0", "evidence.published", record=record.model_dump(mode="json"),
        digest=digest_of(record), origin=origin, **more,
    )  # fmt: skip


def finished(*, records=1, manifest=None, **more):
    return an_event(
        "finished", "run.finished", bundle="runs/flight-delay/07_weekly_ops_report/r1",
        manifest=manifest or digest("manifest"), records=records, seconds=4.5, **more,
    )  # fmt: skip


def failed(**more):
    return an_event("failed", "run.failed", reason="timeout", cell=6, error="", message="", **more)


def recorded(root, *events):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for event in events:
            ledger.append(event)
    return root


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path)


def built(root):
    publish(root, as_of=AS_OF, recorded_at=RECORDED)
    return root / "site"


def test_a_finished_run_is_told_with_its_bundle_and_manifest():
    (run,) = runs_of([started(), published(samples.spend()), finished(after=5)])

    assert (run.state, run.records, run.seconds) == ("finished", 1, 4.5)
    assert run.bundle == "runs/flight-delay/07_weekly_ops_report/r1"
    assert run.notebook_digest == digest("notebook")
    assert run.recorded_at == RECORDED + timedelta(seconds=5)


def test_a_failed_run_is_told_with_cell_and_reason():
    (run,) = runs_of([started(), failed()])

    assert (run.state, run.cell, run.reason, run.bundle) == ("failed", 6, "timeout", None)


def test_a_run_without_an_end_is_unfinished():
    (run,) = runs_of([started()])

    assert run.state == "unfinished"


def test_an_abandoned_run_is_told_as_such():
    (run,) = runs_of([started(), an_event("abandoned", "run.abandoned")])

    assert run.state == "abandoned"


def test_an_end_without_a_beginning_tells_of_no_run():
    assert runs_of([finished()]) == ()


def test_runs_are_told_in_the_order_in_which_they_began():
    events = [started(run_id="b"), started(run_id="a"), finished(run_id="b")]

    assert [run.run_id for run in runs_of(events)] == ["b", "a"]


def test_a_workbook_that_was_never_run_has_pages_all_the_same(root):
    index = publish(root, as_of=AS_OF, recorded_at=RECORDED)

    assert index == root / "site" / "index.html"
    assert "No notebook has been run" in Reader((root / HISTORY).read_text(encoding="utf-8")).text


def test_the_records_of_a_finished_run_stand_on_its_page(root):
    recorded(root, started(), published(samples.spend()), finished())

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    text = Reader(page.read_text(encoding="utf-8")).text
    assert "last full day 33.40 USD" in text
    # The notebook is on no list of shipped or approved ones.
    assert "grade E1 declared" in text


def test_an_approved_notebook_gives_its_records_the_grade_observed(root):
    (root / "policy.yaml").write_text(f"approved_notebooks: ['{digest('notebook')}']\n")
    recorded(root, started(), published(samples.spend()), finished())

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    assert "grade E3 observed" in Reader(page.read_text(encoding="utf-8")).text


def test_a_run_that_failed_shows_no_record(root):
    recorded(root, started(), published(samples.spend()), failed(after=1))

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    text = Reader(page.read_text(encoding="utf-8")).text
    assert "Stopped in cell 6, it took longer than it may" in text
    assert "33.40 USD" not in text


def test_a_run_that_left_no_record_says_why_as_its_notebook_did(root):
    told = nothing("cost.yaml declares no usage log, so no spend was measured.")
    outputs = [{"data": shown._repr_mimebundle_()} for shown in (told, Shown(None, "<p>x</p>"))]
    sealed = a_bundle(root, {"cells": [{"outputs": outputs}]})
    recorded(root, started(), finished(records=0, manifest=sealed))

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    text = Reader(page.read_text(encoding="utf-8")).text
    assert "\u2013 nothing to record cost.yaml declares no usage log, so no spend" in text
    assert " x " not in text


def test_the_page_of_a_run_shows_the_notebook_that_was_sealed(root):
    words = {"cell_type": "markdown", "source": "Nobody was paged <b>twice</b>."}
    recorded(root, started(), finished(manifest=a_bundle(root, {"cells": [words]})))

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    (frame,) = Reader(page.read_text(encoding="utf-8")).values("srcdoc")
    assert "Nobody was paged <b>twice</b>." in frame


def test_the_page_of_a_run_shows_nothing_of_a_notebook_that_was_changed(root):
    told = nothing("nobody was paged")
    sealed = a_bundle(root, {"cells": [{"outputs": [{"data": told._repr_mimebundle_()}]}]})
    place = root / "runs/flight-delay/07_weekly_ops_report/r1/executed.ipynb"
    place.write_text(place.read_text().replace("nobody", "someone"))
    recorded(root, started(), finished(records=0, manifest=sealed))

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    text = page.read_text(encoding="utf-8")
    assert "Nothing of the notebook is shown : executed.ipynb was changed" in Reader(text).text
    assert "was paged" not in text


@pytest.mark.parametrize("content", [None, "", "[]", '{"cells": [1]}', '{"cells": 3}'])
def test_a_bundle_that_cannot_be_read_does_not_stop_the_page_of_its_run(root, content):
    bundle = root / "runs/flight-delay/07_weekly_ops_report/r1"
    bundle.mkdir(parents=True)
    if content is not None:
        (bundle / "executed.ipynb").write_text(content)
    recorded(root, started(), finished(records=0))

    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"

    assert "nothing to record It left no record." in Reader(page.read_text()).text


def test_what_was_recorded_for_a_later_instant_is_not_shown(root):
    later = AS_OF + timedelta(days=1)
    recorded(root, started(as_of=later), finished(as_of=later))

    assert not (built(root) / "runs").exists()


def test_the_portfolio_is_measured_from_the_very_verdicts_of_the_pages(root):
    site = built(root)

    text = Reader((site / "portfolio.html").read_text(encoding="utf-8")).text
    owner = Reader((site / "systems/flight-delay/index.html").read_text(encoding="utf-8")).text
    # The tiny workbook has a system.yaml and little else.
    assert "0 of 1 had an operations plan" in text
    assert "■ DEMO ONLY" in text
    assert "■ DEMO ONLY" in owner


def test_what_was_run_for_all_systems_together_has_a_page(root):
    run = {"subject": "portfolio", "data": {"run_id": "all", "notebook": "13_portfolio",
                                            "notebook_digest": digest("notebook")}}  # fmt: skip
    recorded(root, started(run_id="all").model_copy(update=run))

    site = built(root)

    assert (site / "runs" / "portfolio" / "13_portfolio" / "all.html").is_file()
    assert "Runs for all systems together" in (site / "portfolio.html").read_text()


def test_the_pages_know_the_frameworks_and_say_how_sure_they_are(root):
    text = Reader((built(root) / "systems/flight-delay/controls.html").read_text()).text

    assert "NIST AI 100-1" in text
    assert "from secondary pages, not read in the source" in text


def test_a_seat_that_signed_is_shown_on_the_compliance_page_with_how_it_stands(root):
    signed = SignOff(
        system="flight-delay", as_of=AS_OF, seat="compliance", person="ada-moreno",
        decision="no_go", meaning="It may not serve.", pack=digest("pack"),
        version=digest("another"),
        assessment=digest("a"), policy=digest("p"), frameworks=digest("f"),
        expires=AS_OF + timedelta(days=9),
    )  # fmt: skip
    said = {"record": signed.model_dump(mode="json"), "digest": digest_of(signed)}
    recorded(root, published(signed).model_copy(update={
        "data": said, "actor": "person:ada-moreno", "type": "attestation.given",
    }))  # fmt: skip

    text = Reader((built(root) / "systems/flight-delay/compliance.html").read_text()).text

    assert "This seat refused on 22 Jul 2013, 08:00 UTC." in text
    assert "The assessment that was signed is not on this ledger" in text
    assert "Another version serves, and system.yaml does not describe the signed one." in text
    assert "The policy is another one." in text


def test_what_is_recorded_of_one_system_writes_no_page_of_another_again(root):
    add_second_system(root)
    recorded(root, started(), finished())
    other = built(root) / "systems" / "support-assistant" / "compliance.html"
    before, text = other.stat().st_ino, other.read_text()

    recorded(root, started(run_id="r2"), published(samples.spend(), run_id="r2"),
             finished(run_id="r2"))  # fmt: skip
    site = built(root)

    assert (site / "runs/flight-delay/07_weekly_ops_report/r2.html").is_file()
    assert other.read_text() == text
    assert other.stat().st_ino == before


def test_a_notebook_that_is_changed_after_its_page_was_built_is_shown_no_more(root):
    words = {"cell_type": "markdown", "source": "Nobody was paged."}
    recorded(root, started(), finished(manifest=a_bundle(root, {"cells": [words]})))
    page = built(root) / "runs" / "flight-delay" / "07_weekly_ops_report" / "r1.html"
    shown = page.read_text()
    place = root / "runs/flight-delay/07_weekly_ops_report/r1/executed.ipynb"
    place.write_text(place.read_text().replace("Nobody", "Anybody"))

    built(root)

    assert "Nobody was paged" in shown
    assert "executed.ipynb was changed" in page.read_text()
    assert "was paged" not in page.read_text()


def test_building_twice_gives_the_same_pages(root):
    recorded(root, started(), published(samples.spend()), finished())
    first = {str(p): p.read_bytes() for p in built(root).rglob("*.html")}

    second = {str(p): p.read_bytes() for p in built(root).rglob("*.html")}

    assert second == first


def test_claims_that_were_read_already_are_not_read_again(root):
    sound = read_sound_part(root)
    (root / "people.yaml").write_text("no longer: [people")

    index = publish(root, as_of=AS_OF, recorded_at=RECORDED, sound=sound)

    assert index.is_file()


def test_a_workbook_with_faults_builds_nothing(root):
    (root / "people.yaml").write_text("people: 7\n", encoding="utf-8")

    with pytest.raises(WorkbookError):
        publish(root, as_of=AS_OF, recorded_at=RECORDED)

    assert not (root / "site").exists()


def test_a_site_folder_of_somebody_else_is_left_alone(root):
    (root / "site").mkdir()
    (root / "site" / "mine.html").write_text("mine")

    with pytest.raises(UsageError):
        publish(root, as_of=AS_OF, recorded_at=RECORDED)

    assert [p.name for p in (root / "site").iterdir()] == ["mine.html"]
