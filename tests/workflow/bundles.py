"""Sealed bundles with an executed notebook of one's own."""

import json

from ops_model.store.seal import Manifest, seal
from tests.site.samples import AS_OF, RECORDED, digest

PLACE = "runs/flight-delay/07_weekly_ops_report/r1"


def a_bundle(root, notebook):
    """Seal a notebook as the run `r1` did; gives the digest of the manifest."""
    staging = (root / PLACE).with_name(".staging-r1")
    staging.mkdir(parents=True)
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    (staging / "executed.ipynb").write_text(text, encoding="utf-8")
    (staging / "records.json").write_text("[]")
    manifest = Manifest(
        run_id="r1", system="flight-delay", notebook="07_weekly_ops_report", ledger_size=0,
        notebook_digest=digest("notebook"), as_of=AS_OF, recorded_at=RECORDED,
    )  # fmt: skip
    return seal(staging, root / PLACE, manifest)
