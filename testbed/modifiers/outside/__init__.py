"""Modifiers that nobody here controls: programs, language models, histories, the target itself."""

from testbed.modifiers.outside.opaque import Edited, Editor, OpaqueModifier, Unusable

__all__ = ["Edited", "Editor", "OpaqueModifier", "Unusable"]
