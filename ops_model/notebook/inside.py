"""What runs in the kernel's process: an IPython kernel that notes errors of threads.

An exception that ends a thread fails no cell, so it is written to the file that the runner named
(`python -m ops_model.notebook.inside FILE -f CONNECTION_FILE`), and the runner fails the run.
"""

import sys
import threading
from pathlib import Path


def note_thread_errors(into: Path) -> None:
    """Write the first exception that ends a thread to `into`; later ones change nothing."""
    shown = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit and not into.exists():
            into.write_text(f"{args.exc_type.__name__}: {args.exc_value}", encoding="utf-8")
        shown(args)

    threading.excepthook = hook


def main() -> None:
    """Start the kernel; returns when it ends."""
    # `-m` puts the working folder first on the path: a file there must not stand in for a library
    # that the kernel itself needs. The kernel puts it back for the cells.
    del sys.path[0]
    # jupyterlab brings this one along; jsonschema would compile its grammars for a second.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None blocks an import
    note_thread_errors(Path(sys.argv.pop(1)))
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
