"""The same inputs give the same assessment, whatever process, zone or hash seed judges them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JUDGE = """
from ops_model.check.verdict import assess
from ops_model.domain.values import digest_of
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from tests.builders import AS_OF, a_model, a_system, all_records, an_evidence
from tests.checks.judged import shipped_catalogue

catalogue, system = shipped_catalogue(), a_system()
evidence = an_evidence(*all_records(system))
cases = [(a_model(system), system, evidence)]
examples = read_workbook(shipped("templates") / "workbook")
cases += [(examples, example, an_evidence()) for example in examples.systems]
for model, judged, shown in cases:
    found = assess(catalogue, model, judged, shown, as_of=AS_OF, ledger_size=len(shown.statements))
    print(judged.id, found.verdict, len(found.findings), digest_of(found))
"""


def judged_under(**settings):
    finished = subprocess.run(
        [sys.executable, "-c", JUDGE],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.splitlines()


def test_the_digest_depends_on_no_hash_seed_zone_or_language():
    one = judged_under(PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    other = judged_under(PYTHONHASHSEED="2", TZ="America/New_York", LC_ALL="C.UTF-8")

    assert one == other
    assert len(one) == 4
    assert all(" 135 sha256:" in line for line in one)
