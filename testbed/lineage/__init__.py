"""One lineage: propose -> inject -> screen -> checkpoint -> accept, generation after generation."""

from testbed.lineage.loop import Batch, Lineage
from testbed.lineage.setting import REFERENCE, Parts, Setting, Subject
from testbed.lineage.state import ROOT_MESSAGE, State, commit_message, origin, restore

__all__ = [
    "REFERENCE",
    "ROOT_MESSAGE",
    "Batch",
    "Lineage",
    "Parts",
    "Setting",
    "State",
    "Subject",
    "commit_message",
    "origin",
    "restore",
]
