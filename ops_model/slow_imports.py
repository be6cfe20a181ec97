"""What other libraries would import and nobody here needs."""

import sys


def block_address_grammars() -> None:
    """Keep JSON Schema from compiling its grammars of addresses, for a second in each process.

    jupyterlab brings them along. Without them only the format `iri` is unchecked, which no schema
    of a notebook uses. Called before nbformat, nbclient or nbconvert is imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None blocks an import
