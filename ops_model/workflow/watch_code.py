"""The code in an alert, by which the ledger knows that whoever types it has got the message."""

from ops_model.domain.values import digest_of


def code_digest(code: str) -> str:
    """The digest of a code, by which the ledger knows it; spaces, dashes and case aside."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return digest_of(plain.encode())
