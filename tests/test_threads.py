"""Ctrl-C ends what runs in threads when it has done what it has begun."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from testbed.threads import pool


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ValueError])
def test_what_waits_is_not_begun_after_trouble(trouble: type[BaseException]) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def work(number: int) -> None:
        begun.set()
        go_on.wait(30)
        done.append(number)

    jobs: list[Future[None]] = []

    def interrupted() -> None:
        with pool(1) as threads:
            jobs.extend(threads.submit(work, number) for number in range(3))
            assert begun.wait(30)
            threading.Timer(0.1, go_on.set).start()
            raise trouble

    with pytest.raises(trouble):
        interrupted()
    assert done == [0]
    assert [job.cancelled() for job in jobs] == [False, True, True]


def test_all_is_done_in_good_order() -> None:
    with pool(2) as threads:
        jobs = [threads.submit(pow, number, 2) for number in range(5)]
    assert [job.result() for job in jobs] == [0, 1, 4, 9, 16]
