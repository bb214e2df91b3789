"""A log-structured key-value store on real files."""

from .batch import Batch
from .errors import ClosedError, CorruptionError, KvError, UsageError
from .store import Store, open_store

__all__ = [
    "Batch",
    "ClosedError",
    "CorruptionError",
    "KvError",
    "Store",
    "UsageError",
    "open_store",
]
