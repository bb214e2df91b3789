"""What docs/oversight.md says of policies, responses, reviewers and presets is what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.campaign.keys import keys
from testbed.campaign.presets import PRESETS
from testbed.campaign.template import written
from testbed.oversight import reviewers, risk

PAGE = (Path(__file__).parents[2] / "docs" / "oversight.md").read_text()


def preset_rows() -> list[str]:
    """The rows of the table of presets."""
    addresses = dict.fromkeys(address for levels in PRESETS.values() for address in levels)
    return [
        f"| `{address}` | "
        + " | ".join(written(levels[address]) if address in levels else "" for levels in PRESETS.values())
        + " |"
        for address in addresses
    ]


def test_the_table_of_presets_is_what_they_set() -> None:
    assert "\n".join(preset_rows()) in PAGE


@pytest.mark.parametrize(
    "name",
    [
        *keys()["oversight.policy"].choices,
        *keys()["oversight.response"].choices,
        *reviewers.built_in(),
        *risk.built_in(),
    ],
)
def test_everything_that_a_campaign_may_name_is_explained(name: str) -> None:
    assert f"| `{name}` |" in PAGE
