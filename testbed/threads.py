"""Threads that wait for processes: after Ctrl-C or an error nothing is begun that had not begun."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def pool(number: int) -> Iterator[ThreadPoolExecutor]:
    """So many threads. What runs in them comes to its end; what waits does so only in good order."""
    threads = ThreadPoolExecutor(number)
    try:
        yield threads
    except BaseException:
        threads.shutdown(cancel_futures=True)
        raise
    threads.shutdown()
