"""Add the digest of every shipped notebook to `notebooks/shipped.csv`.

Run it after an edit: `python tests/notebooks/refresh_shipped.py`. Lines are only ever added, so
that evidence of an earlier release keeps its grade.
"""

from pathlib import Path

from ops_model.shipped import notebook_digest, shipped


def refresh(folder: Path) -> list[str]:
    """Write the list of `folder` and return the names of the notebooks that were added."""
    listed = folder / "shipped.csv"
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    lines = lines or ["digest,notebook"]
    added = []
    for path in sorted(folder.glob("*.ipynb")):
        line = f"{notebook_digest(path)},{path.stem}"
        if line not in lines:
            lines.append(line)
            added.append(path.stem)
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return added


if __name__ == "__main__":
    print(", ".join(refresh(shipped("notebooks"))) or "nothing to add")
