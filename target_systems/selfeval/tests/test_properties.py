from hypothesis import given
from hypothesis import strategies as st
from selfeval import MODELS, accuracy, confusion, cross_validated, improve, make, margin, shuffled, split

examples = st.tuples(st.integers(1, 10**6), st.integers(8, 24)).map(lambda pair: make(*pair))


@given(examples, st.integers(0, 1000))
def test_shuffling_and_splitting_lose_nothing(made, seed):
    first, rest = split(shuffled(made, seed), 0.5)
    assert sorted(first + rest, key=str) == sorted(made, key=str)
    assert first
    assert rest


@given(examples, st.sampled_from(sorted(MODELS)))
def test_measures_are_in_their_ranges(made, name):
    model = MODELS[name](made)
    assert sum(confusion(model, made).values()) == len(made)
    assert 0 <= accuracy(model, made) <= 1
    assert -1 <= margin(model, made) <= 1


@given(examples, st.sampled_from(sorted(MODELS)))
def test_cross_validation_is_a_mean_of_shares(made, name):
    assert 0 <= cross_validated(MODELS[name], made) <= 1


@given(examples, st.sampled_from(sorted(MODELS)), st.sampled_from(sorted(MODELS)))
def test_what_is_kept_is_never_reported_worse_than_what_was(made, current, successor):
    report = improve(current, successor, made, 7)
    assert report.reported >= improve(current, current, made, 7).reported
