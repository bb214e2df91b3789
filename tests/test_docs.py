"""What the documents say is true: keys, commands, files and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from testbed.campaign.template import template
from testbed.cli import cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_page_on_campaigns_has_the_file_that_init_writes() -> None:
    assert template() in (ROOT / "docs" / "campaign.md").read_text()


def test_every_command_has_its_place_on_the_page_of_commands() -> None:
    heads = re.findall(r"^## (.+)$", (ROOT / "docs" / "commands.md").read_text(), re.MULTILINE)
    named = {word.strip() for head in heads for word in head.split(",")}
    assert sorted(cli.commands) == sorted(named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    for name in re.findall(r"(?:^|`)testbed ([a-z]+)", page.read_text(), re.MULTILINE):
        assert name in cli.commands, name


def test_the_readme_has_the_two_commands_of_a_newcomer() -> None:
    text = (ROOT / "README.md").read_text()
    assert "pip install . && testbed run quickstart" in text
    assert "pip install '.[test]' && pytest" in text
