"""Reviewers of other distributions: found, checked, named with their version."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from click.testing import CliRunner

from testbed.campaign import Names, load
from testbed.cli import cli
from testbed.conditions import OversightFactor
from testbed.errors import UserErrors
from testbed.oversight import reviewers
from testbed.protocols import ReviewLine, ReviewView

Install = Callable[[str, str, str], None]

GOOD = '''
class First:
    """Reports the first line that it reads."""

    def __init__(self, factor):
        pass

    def read(self, view, rng):
        return tuple((0, fault) for fault in sorted(view.lines[0].faults)) or ((0, None),)
'''
POINTS = "[testbed.reviewers]\nfirst = acme_reviews:First\n"


def test_a_reviewer_of_another_distribution_can_be_named(install: Install) -> None:
    install("acme_reviews", GOOD, POINTS)
    factor = OversightFactor(reviewer="first")
    shown = ReviewView([ReviewLine("a.py", 3, frozenset({7}))], 1)
    assert reviewers.make(factor).read(shown, np.random.default_rng(0)) == ((0, 7),)
    assert reviewers.origins(factor) == {"testbed.reviewers first": "acme_reviews 1.2"}
    told = CliRunner().invoke(cli, ["reviewers"])
    assert told.exit_code == 0
    assert "first       Reports the first line that it reads. (from acme_reviews 1.2)" in told.output


def test_a_campaign_may_name_it_and_no_other(install: Install, tmp_path) -> None:
    install("acme_reviews", GOOD, POINTS)
    file = tmp_path / "one.toml"
    file.write_text('[oversight]\nreviewer = ["first", "ideal"]\n')
    made = load(str(file), names=Names(reviewers=reviewers.names()))
    assert [one.oversight.reviewer for one in made.conditions] == ["first", "ideal"]
    file.write_text('[oversight]\nreviewer = "frst"\n')
    with pytest.raises(UserErrors, match='unknown reviewer "frst"; did you mean "first"'):
        load(str(file), names=Names(reviewers=reviewers.names()))


def test_what_is_wrong_with_a_plug_in_is_told_and_it_cannot_be_used(install: Install) -> None:
    text = "def nothing():\n    return 1\n\ndef maker(factor):\n    return 1\n"
    points = "[testbed.reviewers]\nnothing = acme_bad:nothing\nideal = acme_bad:maker\none = acme_bad:maker\n"
    install("acme_bad", text, points)
    told = CliRunner().invoke(cli, ["reviewers"])
    assert isinstance(told.exception, UserErrors)
    said = "\n".join(told.exception.lines())
    assert "nothing = acme_bad:nothing: is no callable that takes an OversightFactor" in said
    assert "ideal = acme_bad:maker: the name 'ideal' is taken" in said
    with pytest.raises(UserErrors, match="read is no method that takes view and rng"):
        reviewers.make(OversightFactor(reviewer="one"))
