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
from ops_model.workflow.derive import derive_path
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
    (root / "policy.yaml").write_text("minimum_grades: {RBK: {B: E1}}\n")
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


def test_a_check_that_came_since_explains_a_difference_and_ends_with_1(copy):
    own = copy / "checks"
    own.mkdir()
    (own / "ownership.py").write_text(OWN_CHECK)

    result = CliRunner().invoke(command, [str(copy), "--again"])

    assert result.exit_code == 1
    assert "other checks now: ACME-01" in result.stderr


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
    bundle = copy / derive_path(copy)[0].bundle
    claims = json.loads((bundle / "claims.json").read_text())
    claims["system"]["rollback"]["max_seconds"] = 900
    (bundle / "claims.json").write_text(json.dumps(claims))

    (derived,) = derive_path(copy)

    assert not derived.explained
    assert any(line.startswith("RBK-") for line in derived.differing)


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
