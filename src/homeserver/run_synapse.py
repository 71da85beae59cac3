"""Runs Synapse until it is told to stop, or until the program that started it is gone.

The starter holds the other end of standard input and never writes to it, so that its end is seen however it ends.
"""

import os
import runpy
import signal
import threading


def end_with_starter() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_starter, daemon=True).start()
runpy.run_module("synapse.app.homeserver", run_name="__main__", alter_sys=True)
