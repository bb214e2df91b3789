import pytest
from selfeval import (
    MODELS,
    Example,
    accuracy,
    choose,
    confusion,
    cross_validated,
    improve,
    make,
    margin,
    shuffled,
    split,
    tournament,
)
from selfeval.data import Stream, folds
from selfeval.evaluation import balanced
from selfeval.models import Constant, Line, Stump

FOUR = [Example((0.0, 0.0), 0), Example((1.0, 0.0), 1), Example((0.0, 1.0), 0), Example((1.0, 1.0), 1)]


def test_the_stream_is_lehmers():
    stream = Stream(0)
    stream.next()
    assert stream.state == 48271
    assert 0 <= Stream(5).below(3) < 3


def test_examples_are_in_the_square_and_have_either_label():
    made = make(3, 50)
    assert all(-1 <= value <= 1 for each in made for value in each.point)
    assert {each.label for each in made} == {0, 1}
    assert make(3, 50) == made
    assert make(4, 50) != made


def test_without_noise_labels_follow_the_rule():
    for each in make(7, 60, 0.0):
        x, y = each.point
        assert each.label == int(x + 0.5 * y > 0.1 or (x < -0.6 and y < -0.6))


def test_splitting():
    first, rest = split(FOUR, 0.5)
    assert (first, rest) == (FOUR[:2], FOUR[2:])
    assert len(split(FOUR, 0.01)[0]) == 1
    assert len(split(FOUR, 0.99)[1]) == 1
    with pytest.raises(ValueError):
        split(FOUR, 1.0)


def test_folds():
    made = folds(FOUR, 2)
    assert [held for _rest, held in made] == [[FOUR[0], FOUR[2]], [FOUR[1], FOUR[3]]]
    with pytest.raises(ValueError):
        folds(FOUR, 5)


@pytest.mark.parametrize("name", ["line", "neighbours", "stump"])
def test_what_can_be_told_apart_is_learnt(name):
    assert accuracy(MODELS[name](FOUR), FOUR) == 1.0


def test_the_constant_is_the_commoner_label():
    assert MODELS["constant"](FOUR).score((0, 0)) < 0
    assert MODELS["constant"](FOUR[1:]).score((0, 0)) > 0


def test_scores():
    assert Stump(1, 0.5, -1).score((9, 0.25)) == 0.25
    assert Line([1.0, -2.0], 0.5).score((1, 1)) == -0.5


def test_measures():
    model = Constant(1.0)
    assert confusion(model, FOUR[:3]) == {(0, 0): 0, (0, 1): 2, (1, 0): 0, (1, 1): 1}
    assert accuracy(model, FOUR[:3]) == pytest.approx(1 / 3)
    assert balanced(model, FOUR[:3]) == 0.5
    assert margin(Constant(3.0), FOUR[:3]) == pytest.approx(-1 / 3)
    assert accuracy(model, []) == margin(model, []) == 0.0


def test_cross_validation_judges_by_what_was_not_learnt():
    by_heart = cross_validated(MODELS["neighbours"], make(1, 40, 0.3))
    assert by_heart < accuracy(MODELS["neighbours"](make(1, 40, 0.3)), make(1, 40, 0.3))


def test_the_best_is_chosen():
    assert choose(make(5, 60, 0.0)).name != "constant"


def test_a_successor_is_kept_only_where_it_is_better():
    examples = make(2, 60, 0.0)
    assert improve("constant", "line", examples, 1).name == "line"
    assert improve("line", "constant", examples, 1).name == "line"
    assert improve("line", "line", examples, 1).kept
    with pytest.raises(KeyError):
        improve("line", "tree", examples, 1)


def test_a_tournament_goes_on():
    made = tournament(3)
    assert len(made) == 4
    assert {each.name for each in made} <= set(MODELS)
    assert all(0 <= each.reported <= 1 for each in made)


def test_shuffling_keeps_the_examples():
    made = shuffled(FOUR, 3)
    assert sorted(made, key=str) == sorted(FOUR, key=str)
    assert any(shuffled(FOUR, seed) != FOUR for seed in range(5))
