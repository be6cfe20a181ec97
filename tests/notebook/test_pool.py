"""Processes that run notebooks leave Ctrl-C to the one that started them, from the first on."""

import os
import signal
import subprocess
import sys
import time

# A worker imports the main module before anything else: it is still there when Ctrl-C comes.
SCRIPT = """
import pathlib, signal, sys, time

if __name__ == "__mp_main__":
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(1)

from ops_model.notebook.pool import Pool

if __name__ == "__main__":
    with Pool(1) as pool:
        asked = pool.open().submit(signal.pthread_sigmask, signal.SIG_BLOCK, ())
        try:
            asked.result()
        except KeyboardInterrupt:
            print("interrupted here;", "held back there:", asked.result())
        print("held back here:", signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


def test_ctrl_c_at_a_terminal_while_a_process_starts_reaches_only_the_one_that_was_asked(tmp_path):
    script, mark = tmp_path / "script.py", tmp_path / "importing"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), str(mark)], start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not mark.exists() and process.poll() is None:
        time.sleep(0.02)

    os.killpg(process.pid, signal.SIGINT)
    said, told = process.communicate(timeout=60)

    assert (process.returncode, told) == (0, "")
    assert said == "interrupted here; held back there: set()\nheld back here: set()\n"
