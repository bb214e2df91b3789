"""A signal that comes where no exception can be raised stops a run all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

ENDS = """
import os, signal, sys, time, weakref
from testbed.cli.stops import stop_on_terminate

stop_on_terminate()
number = getattr(signal, sys.argv[1])

class Ends:
    def __del__(self):
        os.kill(os.getpid(), number)
        time.sleep(0.2)

def told(_):
    os.kill(os.getpid(), number)
    time.sleep(0.2)

class Noted:
    pass

try:
    if sys.argv[2] == "destructor":
        Ends()
    elif sys.argv[2] == "callback":
        noted = Noted()
        kept = weakref.ref(noted, told)
        del noted
    else:
        os.kill(os.getpid(), number)
    time.sleep(20)
    print("went on")
except KeyboardInterrupt:
    time.sleep(0.3)
    print("stopped")
"""


@pytest.mark.parametrize("where", ["destructor", "callback", "anywhere"])
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_it_is_stopped_once_wherever_the_signal_comes(number: str, where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS, number, where], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("stopped\n", 0), done.stderr


OTHER = """
from testbed.cli.stops import stop_on_terminate

stop_on_terminate()
stop_on_terminate()

class Ends:
    def __del__(self):
        1 / 0

Ends()
"""


def test_other_exceptions_there_are_printed_as_ever() -> None:
    done = subprocess.run([sys.executable, "-c", OTHER], capture_output=True, text=True, check=True)
    assert done.stderr.count("ZeroDivisionError") == 1
