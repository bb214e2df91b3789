"""Ways of building software with machines, as levels of the keys that a campaign leaves out.

What a campaign says itself, or `--set` does, stays. The levels are this project's reading of the three words.
"""

from __future__ import annotations

from collections.abc import Mapping

from testbed.campaign.keys import Level

PRESETS: Mapping[str, Mapping[str, Level]] = {
    "human-led": {
        "oversight.policy": "every",
        "oversight.every": 1,
        "oversight.depth": 1.0,
        "oversight.reviewer": "paced",
        "oversight.response": "reject",
        "oracles.baseline": "frozen",
        "oracles.response": "reject",
    },
    "collaborative": {
        "oversight.policy": "risk",
        "oversight.risk": ("lines", "warnings"),
        "oversight.threshold": 0.5,
        "oversight.depth": 0.5,
        "oversight.reviewer": "paced",
        "oversight.response": "escalate",
        "oversight.let_in": 0.2,
        "oracles.baseline": "frozen",
        "oracles.response": "fix",
    },
    "autonomous": {
        "oversight.policy": "audit",
        "oversight.audits": 0.1,
        "oversight.depth": 0.25,
        "oversight.reviewer": "paced",
        "oversight.response": "rollback",
        "oversight.let_in": 0.56,
        "oracles.baseline": "previous",
        "oracles.response": "fix",
    },
}
