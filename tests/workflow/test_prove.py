"""A key that would not count is refused with what to do about that, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.signers import NAMESPACE, Signer
from ops_model.errors import UsageError
from ops_model.store.checkpoint import CheckpointKey
from ops_model.store.ssh_signing import public_key
from ops_model.workflow.prove import Means, require_means

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("keys") / "key"
    CheckpointKey.generate("fay-product").write(found)
    return found


def line(path, person="fay-product", **more):
    return Signer(person=person, key=public_key(path).text, namespaces=(NAMESPACE,), **more)


def remedy(path, *signers):
    with pytest.raises(UsageError) as refused:
        require_means(Means(path), signers, "fay-product", AT, needed=True)
    return refused.value.problems[0].remedy


def test_each_cause_has_its_own_remedy(path):
    ended = line(path, valid_before=AT - timedelta(days=1))

    assert "only fay-product decides for fay-product" in remedy(path, line(path, "bo-li"))
    assert "takes the line out" in remedy(path, line(path), line(path, "bo-li"))
    assert "make another key" in remedy(path, line(path, revoked=True))
    assert "has a new line enrolled" in remedy(path, ended)


def test_the_line_that_enrols_the_very_key_from_now_on_is_printed(path):
    finished = (
        f'`fay-product namespaces="{NAMESPACE}",valid-after="20260501120000Z" '
        f"{public_key(path).text}`"
    )

    assert finished in remedy(path)
