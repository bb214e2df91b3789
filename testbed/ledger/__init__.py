"""The ledger: the facts of a campaign, appended as they happen and never rewritten."""

from testbed.ledger.history import History
from testbed.ledger.store import MANIFEST, Ledger, Progress, is_free

__all__ = ["MANIFEST", "History", "Ledger", "Progress", "is_free", "open_ledger"]

open_ledger = Ledger.open
