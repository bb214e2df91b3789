"""The script that draws the charts. Making it takes seconds, so it is kept in the user's cache."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version

import vl_convert

from testbed.errors import UserError
from testbed.targets import cache

_MAKER = "vl-convert-python"
_NAME = "bundle.js"


def script() -> str:
    """Vega, Vega-Lite and Vega-Embed in one; made anew where there is no cache that can be written."""
    try:
        place = cache.folder("charts")
    except UserError:
        return _made()
    final = place / version(_MAKER)
    with suppress(OSError, UnicodeDecodeError):
        return str((final / _NAME).read_text(encoding="utf-8"))
    text = _made()
    with suppress(UserError, OSError), cache.scratch(place) as new:
        (new / _NAME).write_text(text, encoding="utf-8")
        cache.publish(new, final)
    return text


def _made() -> str:
    made: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub lacks the default
    return made
