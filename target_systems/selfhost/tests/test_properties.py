import ast
import random
from pathlib import Path

import differential
import pytest
import selfhost
from hypothesis import given, settings
from hypothesis import strategies as st

OWN = {path.name: path.read_text() for path in sorted(Path(selfhost.__file__).parent.glob("*.py"))}
programs = st.integers(0, 2**32).map(lambda seed: differential.program(random.Random(seed)))


@given(programs)
@settings(deadline=None)
def test_an_optimised_program_does_what_it_did(text):
    assert differential.outcome(selfhost.optimise(text)) == differential.outcome(text)


@given(programs, st.sampled_from(sorted(selfhost.PASSES)))
@settings(deadline=None)
def test_so_does_one_after_a_single_pass(text, name):
    assert differential.outcome(selfhost.optimise(text, [name])) == differential.outcome(text)


@given(programs)
@settings(deadline=None)
def test_printing_keeps_the_tree(text):
    made = selfhost.tidy(text)
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(text))
    assert selfhost.tidy(made) == made


@given(programs)
@settings(deadline=None)
def test_an_optimised_program_stays_as_it_is(text):
    once = selfhost.optimise(text)
    assert selfhost.optimise(once) == once


@pytest.mark.parametrize("name", ["printer.py", "fold.py", "dead.py"])
def test_it_can_read_and_print_itself(name):
    assert ast.dump(ast.parse(selfhost.tidy(OWN[name]))) == ast.dump(ast.parse(OWN[name]))
