"""A past verdict derived again, from what was sealed with it and the ledger as it stood then."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops_model.cli.verify import command
from ops_model.domain.values import digest_of
from ops_model.shipped import shipped
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import assess_system
from ops_model.workflow.derive import NotDerived, compared, derive_path
from ops_model.workflow.run import run_notebook

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
PLAN = "systems/flight-delay/rollback.yaml"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """The example workbook with one sealed verdict; then the world moved on.

    After the run the plan was rewritten, the policy was loosened, and the tool appended further
    entries about later instants to the ledger.
    """
    root = tmp_path_factory.mktemp("demo") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", root)
    outcome = run_notebook(root, "N01", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    plan = root / PLAN
    plan.write_text(plan.read_text("utf-8").replace("max_seconds: 600", "max_seconds: 900"))
    (root / "policy.yaml").write_text("minimum_grades: {SLO: {B: E1}}\n")
    for days in (1, 30):
        later = AS_OF + timedelta(days=days)
        assess_system(root, read_workbook(root), "flight-delay", as_of=later, recorded_at=later)
    return root, outcome


@pytest.fixture
def copy(sealed, tmp_path):
    return Path(shutil.copytree(sealed[0], tmp_path / "workbook"))


def test_the_verdict_of_then_comes_out_to_the_last_byte_whatever_was_edited_since(sealed):
    root, outcome = sealed

    (derived,) = derive_path(root)

    assert derived.bundle == outcome.bundle
    assert derived.equal
    assert digest_of(derived.again) == digest_of(derived.sealed)
    assert derived.again.ledger_size < _size(root)


def test_a_check_file_that_does_not_load_is_why_no_verdict_can_be_judged_again(copy):
    (copy / "checks").mkdir()
    (copy / "checks" / "cost.py").write_text("def broken(:\n")

    done = CliRunner().invoke(command, [str(copy), "--again"])

    assert done.exit_code == 1
    assert ": cannot be derived: the checks of today do not load: checks/cost.py:1: does" in (
        done.stderr
    )
    assert "1 sealed verdict, 0 derived again" in done.stdout


def test_it_comes_out_the_same_in_another_folder_with_another_name(copy, sealed):
    elsewhere = copy.rename(copy.with_name("another machine's folder"))

    (derived,) = derive_path(elsewhere)

    assert digest_of(derived.again) == digest_of(derive_path(sealed[0])[0].again)


def test_one_bundle_is_derived_alone(sealed):
    root, outcome = sealed

    result = CliRunner().invoke(command, [str(root / outcome.bundle), "--again"])

    assert result.exit_code == 0
    assert "the same to the last byte" in result.stdout
    assert "1 sealed verdict, 1 derived again" in result.stdout


def test_json_holds_both_verdicts_and_their_digests(sealed):
    result = CliRunner().invoke(command, [str(sealed[0]), "--again", "--json"])

    (derived,) = json.loads(result.stdout)["derived"]
    assert derived["equal"] is True
    assert derived["sealed_digest"] == derived["again_digest"]
    assert derived["verdict"] == derived["again"] == "DEMO ONLY"


def test_a_check_that_came_since_is_named_and_changes_no_verdict_of_before(copy):
    own = copy / "checks"
    own.mkdir()
    (own / "ownership.py").write_text(OWN_CHECK)

    result = CliRunner().invoke(command, [str(copy), "--again"])

    assert result.exit_code == 0
    assert "the same in every finding of the checks of then" in result.stdout
    assert "added since: ACME-01" in result.stdout
    assert "the last byte" not in result.stdout
    assert "1 sealed verdict, 1 derived again" in result.stdout


def test_what_was_changed_is_not_explained_by_a_check_that_came_since(copy):
    exchange_claims(copy)
    own = copy / "checks"
    own.mkdir()
    (own / "ownership.py").write_text(OWN_CHECK)

    (derived,) = derive_path(copy)

    assert derived.added_checks == ("ACME-01",)
    assert not derived.explained


def test_of_a_check_that_was_revised_since_the_sealed_finding_stands_for_itself(copy):
    (derived,) = derive_path(copy)
    sealed = derived.sealed
    first, *others = sealed.findings
    older = first.model_copy(update={"revision": first.revision + 1, "message": "as it was then"})

    again = compared("bundle", with_findings(sealed, older, *others), derived.again)

    assert again.other_checks == (first.check,)
    assert again.derived
    assert not again.equal


def test_a_revised_check_explains_its_own_finding_and_does_not_derive_it(copy):
    (derived,) = derive_path(copy)
    first, *others = derived.sealed.findings
    older = first.model_copy(update={"revision": first.revision + 1, "message": "another"})

    again = compared("bundle", with_findings(derived.sealed, older, *others), derived.again)

    assert again.explained
    assert not again.equal
    assert again.other_checks == (first.check,)


def test_a_revised_check_explains_no_other_check_s_finding(copy):
    (derived,) = derive_path(copy)
    first, second, *others = derived.sealed.findings
    older = first.model_copy(update={"revision": first.revision + 1})
    other = second.model_copy(update={"message": "another"})

    again = compared("bundle", with_findings(derived.sealed, older, other, *others), derived.again)

    assert not again.explained
    assert any(line.startswith(second.check) for line in again.differing)


def test_what_was_changed_is_not_derived_from(copy):
    bundle = copy / derive_path(copy)[0].bundle
    claims = (bundle / "claims.json").read_text().replace('"max_seconds":600', '"max_seconds":900')
    (bundle / "claims.json").write_text(claims)

    result = CliRunner().invoke(command, [str(copy), "--again"])

    assert result.exit_code == 4
    assert "claims.json was changed" in result.stderr
    assert "derived" not in result.stdout


def test_claims_that_were_exchanged_with_their_manifest_come_to_another_verdict(copy):
    """Whoever may rewrite bundle, manifest and ledger alike still cannot fit the verdict."""
    exchange_claims(copy)

    (derived,) = derive_path(copy)

    assert not derived.explained
    assert any(line.startswith("RBK-") for line in derived.differing)


def exchange_claims(root):
    bundle = root / derive_path(root)[0].bundle
    claims = json.loads((bundle / "claims.json").read_text())
    claims["system"]["rollback"]["max_seconds"] = 900
    (bundle / "claims.json").write_text(json.dumps(claims))


def with_findings(assessment, *findings):
    return assessment.model_copy(update={"findings": findings})


def _size(root):
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        return ledger.size()


OWN_CHECK = '''"""One of our own."""

from ops_model.check.api import Context, Outcome, check, passed


@check("ACME-01", question="Is it ours?", area="ownership", source=["own"], revision=1)
def ours(ctx: Context) -> Outcome:
    """To have one more."""
    return passed("it is", looked_at=[ctx.system.where])
'''


def test_a_policy_of_then_that_today_s_checks_do_not_know_stops_no_other_bundle(copy):
    """Whoever retires a check of their own keeps the bundles that were judged by it."""
    bundle = copy / derive_path(copy)[0].bundle
    policy = json.loads((bundle / "policy.json").read_text())
    policy["thresholds"]["ACME-09"] = {"days": 5}
    (bundle / "policy.json").write_text(json.dumps(policy))

    (told,) = derive_path(copy)

    assert isinstance(told, NotDerived)
    assert "ACME-09 is no check that is loaded" in told.why


@pytest.mark.parametrize("spoil", [
    lambda claims: claims["system"]["identity"].pop("@at"),
    lambda claims: claims.pop("people"),
    lambda claims: claims["system"].update(unheard_of=1),
])  # fmt: skip
def test_a_bundle_of_an_older_form_is_accused_of_nothing(copy, spoil):
    bundle = copy / derive_path(copy)[0].bundle
    claims = json.loads((bundle / "claims.json").read_text())
    spoil(claims)
    (bundle / "claims.json").write_text(json.dumps(claims))

    (told,) = derive_path(copy)

    assert isinstance(told, NotDerived)
    assert "older form" in told.why
