"""What kind of file a log is, by its name, and the table inside a file that holds several.

Files of one log are of one kind, and a folder that holds two is refused: what is left out would be
missing in every number. A file of DuckDB holds tables, and the address of one goes on
where the path of the file ends: `data/usage.duckdb/calls`, or `data/usage.duckdb/main/calls`.
A file `*.eval` is an archive of inspect-ai, which `store.eval_logs` alone reads.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from ops_model.errors import WarehouseError

FileKind = Literal["parquet", "csv", "json", "duckdb", "eval"]

_KINDS: Mapping[str, FileKind] = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json",
    ".duckdb": "duckdb", ".eval": "eval",
}  # fmt: skip
_PACKED = (".gz", ".zst", ".bz2", ".xz", ".zip", ".lz4", ".snappy")
_ROTATED = re.compile(
    r"\.(parquet|csv|tsv|jsonl|ndjson|json|log)\.(\d[\dt:_z-]*|old|prev)(\.(gz|zst|bz2|xz|zip))?$"
    r"|\.log$"
)
"""What rotating a log leaves beside it, such as `calls.jsonl.1`, and rows under a name of none."""
_IN_FOLDERS = tuple(suffix for suffix, kind in _KINDS.items() if kind != "duckdb")


def kind_of_file(path: Path) -> FileKind:
    """The kind of a file; one of no name that we know is read as Parquet, and says what it is."""
    return _KINDS.get(path.suffix.lower(), "parquet")


def is_log(path: Path) -> bool:
    """True for a file that a folder of a log may consist of."""
    return path.suffix.lower() in (".parquet", *_IN_FOLDERS)


def is_packed_log(path: Path) -> bool:
    """True for a file of a log that somebody packed, such as `calls.csv.gz`."""
    return path.suffix.lower() in _PACKED and is_log(path.with_suffix(""))


def is_left_out_log(path: Path) -> bool:
    """True for a file that is a log by its name, and is not read: packed, rotated, or `*.log`."""
    return is_packed_log(path) or bool(_ROTATED.search(path.name.lower()))


def of_one_kind(address: str, files: Iterable[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The files of a folder, all of one kind.

    Raises:
        WarehouseError: there are files of two kinds side by side, so that nobody knows which is
            the log, or packed ones.
    """
    by_kind: dict[FileKind, list[tuple[str, Path]]] = {}
    for name, path in files:
        if is_left_out_log(path):
            packed = is_packed_log(path)
            kind = "packed file" if packed else "rotated file or log"
            first = "unpack it" if packed else "rename it, such as to calls-1.jsonl"
            raise WarehouseError(
                f"holds the {kind} {name}, which is not read",
                where=address,
                remedy=f"{first}, or take it out of the folder",
            )
        by_kind.setdefault(kind_of_file(path), []).append((name, path))
    if len(by_kind) > 1:
        shown = " and ".join(sorted(min(found)[0] for found in by_kind.values()))
        raise WarehouseError(
            f"holds files of two kinds, such as {shown}; expected one",
            where=address,
            remedy="keep the files of one log in a folder of their own",
        )
    return next(iter(by_kind.values()), [])


def file_and_table(root: Path | None, address: str) -> tuple[str, str]:
    """The address of the file, and the table in it: `schema/table`, or empty where not named."""
    path = PurePosixPath(address)
    for parent in path.parents:
        if parent.suffix.lower() == ".duckdb" and ((root or Path()) / parent).is_file():
            return str(parent), str(path.relative_to(parent))
    return address, ""
