"""Metadata for `importlib.metadata`: a target is run from its folder, as if it had been installed there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from testbed.targets.project import Project, table, version_in

_UNKNOWN = "0"  # a version that only the project's own build could say


def metadata(project: Project, source: Mapping[str, str]) -> dict[str, bytes]:
    """The files of a `NAME-VERSION.dist-info` folder; none where the project has no name."""
    if not project.name:
        return {}
    version = project.version or version_in(source) or _UNKNOWN
    said = project.text("PKG-INFO") or project.text(f"{project.egg_info}/PKG-INFO")
    header = said or f"Metadata-Version: 2.1\nName: {project.name}\nVersion: {version}\n"
    folder = f"{re.sub(r'[-_.]+', '_', project.name)}-{version.replace('/', '_')}.dist-info"
    files = {f"{folder}/METADATA": header.encode()}
    entry_points = _entry_points(project)
    if entry_points:
        files[f"{folder}/entry_points.txt"] = entry_points.encode()
    return files


def _entry_points(project: Project) -> str:
    written = project.text(f"{project.egg_info}/entry_points.txt")
    return written or "\n".join(_section(name, points) for name, points in _groups(project).items())


def _groups(project: Project) -> dict[str, dict[str, Any]]:
    said = table(project.pyproject, "project")
    groups = {"console_scripts": table(said, "scripts"), "gui_scripts": table(said, "gui-scripts")}
    groups.update({name: table(said, "entry-points", name) for name in sorted(table(said, "entry-points"))})
    return {name: points for name, points in groups.items() if points}


def _section(name: str, points: Mapping[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in sorted(points.items())), ""])
