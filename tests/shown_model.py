"""Records that a system in order has, for one part of the checks; see `builders`."""

from ops_model.domain.evidence import Record
from ops_model.domain.operating_model import SystemClaims


def records(system: SystemClaims) -> tuple[Record, ...]:
    """What those checks ask to be shown."""
    return ()
