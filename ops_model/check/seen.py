"""What of the ledger reaches a check: what is about its system, and no words of nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ops_model.check.recorded import Evidence
from ops_model.domain.heard import heard_among
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signers import Signer


def seen(
    evidence: Evidence,
    system: SystemClaims,
    as_of: datetime,
    signers: Sequence[Signer] = (),
) -> Evidence:
    """The statements about this system by `as_of`, in the order of the ledger.

    Whose words are nobody's is said by `domain.heard`, as whoever verifies an export does.
    """
    mine = [s for s in evidence.statements if s.subject == system.id]
    heard = heard_among(
        mine, evidence.signed, as_of=as_of, signers=signers, held=evidence.held
    )  # fmt: skip
    return replace(
        evidence,
        statements=heard.statements,
        unheard=(*evidence.unheard, *heard.unheard),
        signing=heard.signing,
    )
