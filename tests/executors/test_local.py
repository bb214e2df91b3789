"""Lineage processes of this machine: whatever interrupts the engine, none of them is left."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from testbed.conditions import Condition
from testbed.engine.work import Job, Plan
from testbed.executors.local import LocalExecutor
from testbed.lineage import State


class Interrupted:
    """Sends a signal to this process right before or after another one is started."""

    def __init__(self, start: Callable[[], None], number: signal.Signals, *, before: bool) -> None:
        self._start, self._number, self._before = start, number, before

    def __call__(self) -> None:
        if self._before:
            os.kill(os.getpid(), self._number)
        self._start()
        if not self._before:
            os.kill(os.getpid(), self._number)


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    made = LocalExecutor(Plan(0, (Condition(),), {}), 2)
    made.submit(Job(0, 0, State({}), {}))
    yield made
    made.close()


def stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_a_process_is_started_leaves_none(
    executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, before: bool
) -> None:
    make = executor._context.Process

    def made(*arguments: object, **named: object) -> multiprocessing.process.BaseProcess:
        process = make(*arguments, **named)
        process.start = Interrupted(process.start, number, before=before)
        return process

    monkeypatch.setattr(executor._context, "Process", made)
    kept = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(KeyboardInterrupt):
            next(executor.events())
        assert {each: signal.getsignal(each) for each in kept} == dict.fromkeys(kept, stop)
    finally:
        executor.close()
        for each, handler in kept.items():
            signal.signal(each, handler)
    assert not [each for each in multiprocessing.active_children() if each.is_alive()]
