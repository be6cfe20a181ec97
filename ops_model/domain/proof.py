"""What shows that a person said what an entry holds: a signature, or where it was decided."""

from typing import Literal

from ops_model.domain.values import Value

ProofKind = Literal["sshsig", "reference"]


class Proof(Value):
    """One proof beside a record.

    `sshsig`: `key` is the public key as OpenSSH writes it, `signature` the SSHSIG blob in base64,
    over the statement of the record (`store.signed`). `reference`: `reference` says where the
    decision can be found, such as a ticket; nobody can check that from here. Other kinds, such as
    a passkey's assertion over the same bytes, may follow.
    """

    kind: ProofKind
    key: str = ""
    signature: str = ""
    reference: str = ""
