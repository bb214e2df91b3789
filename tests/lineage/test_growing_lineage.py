"""New public functions come into a lineage with tests and entry points, and faults spread into them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from injectors.placement import FieldInjector
from testbed import modifiers
from testbed.conditions import (
    Condition,
    InjectionFactor,
    ModifierFactor,
    OraclesFactor,
    OversightFactor,
    TargetFactor,
    TruthFactor,
    to_json,
)
from testbed.engine.prepare import Prepared, prepare
from testbed.evaluator import ProcessEvaluator
from testbed.facts import (
    BirthFact,
    EditFact,
    GenerationFact,
    GrownFact,
    LeftAloneFact,
    Record,
    RungFact,
    VerdictsFact,
)
from testbed.ledger import Ledger
from testbed.lineage import Lineage, Parts, State, origin, restore
from testbed.oversight.reviewers import ConstantReviewer
from testbed.protocols import ChangeView, Grown, Injection, Modifier, Proposal, Seeded, Source

CODE = '''"""Words."""


def shout(text):
    return text.upper()


def shorten(text, most=5):
    if len(text) > most:
        return text[:most]
    return text
'''
TESTS = """from words import shorten, shout


def test_shout():
    assert shout("") == ""
    assert shout("1") == "1"


def test_shorten():
    assert shorten("ab") == "ab"
    assert shorten("abcdef", 3) == "abc"
"""
CONDITION = Condition(
    generations=3,
    lineages=1,
    modifier=ModifierFactor(edits=3, profile="feature-work"),
    injection=InjectionFactor(rate=1.0, placement="anywhere"),
    oracles=OraclesFactor(differential=False),
    oversight=OversightFactor(every=0),
    truth=TruthFactor(inputs=16, witness_inputs=6),
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("words")
    (folder / "words.py").write_text(CODE)
    (folder / "peek.py").write_text("def peek(frame):\n    return frame.f_locals\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_words.py").write_text(TESTS)
    factor = TargetFactor(str(folder), package=("words.py", "peek.py"))
    return prepare([replace(CONDITION, target=factor)], 0)[factor]


@pytest.fixture(scope="module")
def evaluator(prepared: Prepared) -> Iterator[ProcessEvaluator]:
    with ProcessEvaluator(prepared.spec) as made:
        yield made


@dataclass(frozen=True)
class Growing:
    """Adds one function in the first generation, nothing later."""

    name: str = "growing"
    version: str = "1"

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        text = source["words.py"]
        if "shout_all" in text:
            return Proposal(source, ())
        text += "\n\ndef shout_all(items):\n    return [shout(item) for item in items]\n"
        grown = Grown(
            "words:shout_all", "items", "[old('words:shout')(item) for item in items]", ("(['ab'],)",)
        )
        edit = EditFact("grow_batch", "words.py", "shout")
        return Proposal({**source, "words.py": text}, (edit,), grown=(grown,))


@dataclass(frozen=True)
class OneFault:
    """Seeds one fault in `shout`, in the second generation."""

    def inject(
        self, source: Source, change: ChangeView, rng: np.random.Generator, number: Callable[[], int]
    ) -> Injection:
        text = source["words.py"]
        if "shout_all" not in text or "__fault__" in text or change.edits:
            return Injection(source)
        fault = number()
        text = text.replace("text.upper()", f"(text.lower() if __fault__({fault}) else text.upper())")
        return Injection(
            {**source, "words.py": text}, (Seeded(fault, "declared", "logic", "words.py", "shout"),)
        )


def _run(
    prepared: Prepared,
    evaluator: ProcessEvaluator,
    modifier: Modifier,
    injector: OneFault | FieldInjector,
    state: State | None = None,
) -> Iterator[tuple[int, list[Record], dict[str, str]]]:
    parts = Parts(modifier, injector, evaluator, ConstantReviewer(CONDITION.oversight))
    subject = prepared.subject
    for batch in Lineage(CONDITION, 0, 7, subject, parts, state or origin(subject)).run():
        yield batch.generation, list(batch.records), batch.blobs


def test_the_questions_grow_with_the_api_and_a_fault_in_the_base_spreads(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    records = [r for _g, batch, _b in _run(prepared, evaluator, Growing(), OneFault()) for r in batch]
    (grown,) = [r for r in records if isinstance(r, GrownFact)]
    assert (grown.generation, grown.address) == (1, "words:shout_all")
    made = [r for r in records if isinstance(r, GenerationFact)]
    before = len(prepared.subject.entries)
    assert [r.entries for r in made] == [before + 1] * 3
    assert made[0].public == len({n for names in prepared.subject.public.values() for n in names}) + 1
    clean = [r for r in records if isinstance(r, VerdictsFact) and r.purpose == "clean"]
    own = [{t for t in r.tests if "test_testbed_grown.py::" in t} for r in clean]
    assert own == [{"tests/test_testbed_grown.py::test_shout_all_0"}] * 3
    (birth,) = [r for r in records if isinstance(r, BirthFact)]
    assert birth.generation == 2
    rungs = [r for r in records if isinstance(r, RungFact)]
    assert {entry for rung in rungs for entry in rung.entries} == {"words:shout", "words:shout_all"}
    assert max(r.public_deviating for r in made) == 2


def _modifier(prepared: Prepared) -> Modifier:
    return modifiers.make(CONDITION.modifier, prepared.frozen, prepared.spec.static)


def test_a_lineage_of_the_profile_grows_and_goes_on_from_the_ledger_with_the_same_facts(
    prepared: Prepared, evaluator: ProcessEvaluator, tmp_path: Path
) -> None:
    injector = FieldInjector(CONDITION.injection)
    whole = list(_run(prepared, evaluator, _modifier(prepared), injector))
    facts = [record for _g, batch, _b in whole for record in batch]
    assert any(isinstance(record, GrownFact) for record in facts)
    kept = [record for record in facts if isinstance(record, LeftAloneFact)]
    assert [list(fact.files) for fact in kept] == [["peek.py"]]
    blobs = {prepared.fact.sources[path]: text for path, text in prepared.subject.source.items()}
    versions = {
        "conditions": [to_json(CONDITION)],
        "name": "words",
        "seed": 7,
        "campaign": "",
        "versions": {},
    }
    ledger = Ledger.create(tmp_path / "run", {**versions, "started": "", "command": ""})
    try:
        ledger.append(-1, -1, 0, [prepared.fact], blobs, {})
        for generation, batch, more in whole[:2]:
            ledger.append(0, 0, generation, batch, more, {})
        state = restore(ledger, prepared.subject, 0, 0)
    finally:
        ledger.close()
    assert state.grown
    assert set(state.left_alone) == {"peek.py"}
    again = list(_run(prepared, evaluator, _modifier(prepared), injector, state))
    assert [batch for _g, batch, _b in again] == [batch for _g, batch, _b in whole[2:]]
