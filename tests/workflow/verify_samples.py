"""A small workbook on disk with sealed runs, as the runner leaves it."""

from ops_model.store.ledger import Ledger
from ops_model.store.seal import Manifest, seal
from tests.store.ledger_events import AS_OF, NOTEBOOK_DIGEST, RECORDED, SYSTEM, finished

NOTEBOOK = "03_rollback_drill"


def a_workbook(root, *, ledger="ledger.db"):
    """A workbook whose other files nobody wrote yet: verifying needs none of them."""
    root.mkdir(exist_ok=True)
    (root / "ops-model.yaml").write_text(f"name: Test\nzone: UTC\nledger: {ledger}\n")
    return root


def a_run(root, run_id="run-1", *, system=SYSTEM, as_of=AS_OF, publish=True):
    """Seal a bundle and, unless told otherwise, name it in the ledger; gives its folder."""
    place = f"runs/{system}/{NOTEBOOK}/{run_id}"
    staging = (root / place).with_name(f".staging-{run_id}")
    staging.mkdir(parents=True)
    (staging / "records.json").write_bytes(b"[]")
    (staging / "executed.ipynb").write_bytes(b"{}")
    manifest = Manifest(
        run_id=run_id, system=system, notebook=NOTEBOOK, notebook_digest=NOTEBOOK_DIGEST,
        as_of=as_of, recorded_at=RECORDED, ledger_size=0,
    )  # fmt: skip
    digest = seal(staging, root / place, manifest)
    if publish:
        event = finished(run_id, bundle=place, manifest=digest, subject=system, as_of=as_of)
        with Ledger.open(root / "ledger.db", create=True) as ledger:
            ledger.append(event)
    return root / place
