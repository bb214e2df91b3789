"""What a project's own files say of it, read without running any of them."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from functools import cached_property
from pathlib import Path
from typing import Any

_VERSION = re.compile(r"""^__version__(?:\s*:\s*\w+)?\s*=\s*["']([^"']+)["']""", re.MULTILINE)


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def table(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table at `keys`; an empty one where there is none."""
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def texts(value: Any) -> list[str]:
    """The texts of a list of texts; nothing of anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


@dataclass(frozen=True)
class Project:
    """The metadata in `folder`: pyproject.toml, setup.cfg and what a source distribution has beside them.

    A file that is missing or broken says nothing: pytest or pip will tell, where it matters.
    """

    folder: Path

    def text(self, name: str) -> str:
        """The text of a file, "" where there is none."""
        try:
            return (self.folder / name).read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            return ""

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """pyproject.toml."""
        return self.toml("pyproject.toml")

    def toml(self, name: str) -> dict[str, Any]:
        """A TOML file; empty where there is none or it is broken."""
        try:
            return tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError:
            return {}

    def ini(self, name: str) -> configparser.ConfigParser:
        """An INI file; empty where there is none or it is broken."""
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(self.text(name))
        except configparser.Error:
            return configparser.ConfigParser(interpolation=None)
        return parser

    @cached_property
    def setup(self) -> configparser.ConfigParser:
        """setup.cfg."""
        return self.ini("setup.cfg")

    @cached_property
    def published(self) -> Message:
        """PKG-INFO, which a source distribution has."""
        return HeaderParser().parsestr(self.text("PKG-INFO") or self.text(f"{self.egg_info}/PKG-INFO"))

    @cached_property
    def egg_info(self) -> str:
        """The folder that setuptools leaves in a source distribution; "none.egg-info" where there is none."""
        found = [path for base in (".", "src") for path in sorted((self.folder / base).glob("*.egg-info"))]
        return found[0].relative_to(self.folder).as_posix() if found else "none.egg-info"

    @cached_property
    def name(self) -> str:
        """The distribution's name, "" where nothing says it."""
        said = (
            self.published.get("Name"),
            table(self.pyproject, "project").get("name"),
            table(self.pyproject, "tool", "poetry").get("name"),
            table(self.pyproject, "tool", "flit", "module").get("name"),
            self.setup.get("metadata", "name", fallback=""),
        )
        return next((text.strip() for text in said if isinstance(text, str) and text.strip()), "")

    @cached_property
    def version(self) -> str:
        """The version, "" where only the project's own build could say it."""
        written = self.setup.get("metadata", "version", fallback="")
        said = (
            self.published.get("Version"),
            table(self.pyproject, "project").get("version"),
            table(self.pyproject, "tool", "poetry").get("version"),
            "" if ":" in written else written,
        )
        return next((text.strip() for text in said if isinstance(text, str) and text.strip()), "")

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """The first names of its modules, as setuptools wrote them into a source distribution."""
        return tuple(self.text(f"{self.egg_info}/top_level.txt").split())


def version_in(source: Mapping[str, str]) -> str:
    """The first `__version__ = "..."` of these files, the shallowest first; "" where there is none."""
    for name in sorted(source, key=lambda name: (name.count("/"), name)):
        found = _VERSION.search(source[name])
        if found:
            return found[1]
    return ""
