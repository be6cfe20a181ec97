"""Whose key is whose: the file `allowed_signers` of the workbook, under version control.

It has OpenSSH's own format (`man ssh-keygen`, ALLOWED SIGNERS), so that `ssh-keygen -Y verify`
reads the same file. A principal is an id of people.yaml.
"""

from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from ops_model.domain.values import Slug, Value

SIGNERS_FILE = "allowed_signers"
REVOKED_FILE = "revoked_keys"
NAMESPACE = "ops-model-signoff-v1"
"""What a key has to be enrolled for, where its line names namespaces."""

PublicKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$")]
"""A key as OpenSSH writes it: its type and base64, without the comment."""


class Signer(Value):
    """One enrolled key: whose it is, what for, and between which instants.

    `revoked` is true when the key stands in `revoked_keys`: nothing that it signed counts, since
    whoever has it may have dated back.
    """

    person: Slug
    key: PublicKey
    namespaces: tuple[str, ...] = ()
    valid_after: AwareDatetime | None = None
    valid_before: AwareDatetime | None = None
    revoked: bool = False
