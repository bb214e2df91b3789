"""The life of one fault, for `testbed show`: its change, its witnesses, its ladder, its copies, its end."""

from __future__ import annotations

from dataclasses import dataclass

from reports import words
from reports.ladder import rung_name
from testbed.analysis import Evidence, Facts, LineageRecords, read
from testbed.analysis.frames import fault_id
from testbed.errors import UserError
from testbed.facts import BirthFact, EndFact, RungFact


@dataclass(frozen=True, slots=True)
class Life:
    """All that is known of one fault. `last` is the last generation that its lineage accepted.

    `rungs` has one entry a generation: of several candidates, the last one's.
    """

    id: str
    label: str
    birth: BirthFact
    rungs: tuple[RungFact, ...]
    copies: tuple[str, ...]
    parent: str
    end: EndFact | None
    last: int
    state: str

    @property
    def ending(self) -> str:
        """One sentence on how it ended, or that it lives."""
        if self.end is None:
            survived = self.last - self.birth.generation + 1
            return f"Alive when last seen, after {words.count(survived, 'cycle')} (lineage: {self.state})."
        by = f", by {self.end.by}" if self.end.by else ""
        cycle = self.end.generation - self.birth.generation + 1
        said = words.CAUSES[self.end.cause]
        return f"Ended in generation {self.end.generation}, its cycle {cycle}: {said}{by}."

    @property
    def origin(self) -> str:
        """One sentence on its birth."""
        own = "made by the modifier itself" if self.birth.origin == "indigenous" else "seeded"
        how = f"a copy of {self.parent}" if self.parent else own
        seen = "not seen" if self.birth.residual else "seen"
        active = "; acts during import" if self.birth.import_time else ""
        return (
            f"Born in generation {self.birth.generation}, {how}; {seen} at birth by the target's own unit "
            f"tests{active}."
        )


def _lineage(evidence: Evidence, condition: int, lineage: int, name: str) -> LineageRecords:
    for one in evidence.lineages:
        if (one.condition, one.lineage) == (condition, lineage):
            return one
    last = evidence.lineages[-1] if evidence.lineages else None
    remedy = f"they go up to c{last.condition}.l{last.lineage}" if last else "the campaign has none"
    raise UserError("no such condition and lineage", where=name, remedy=remedy)


def life(facts: Facts | Evidence, condition: int, lineage: int, fault: int) -> Life:
    """The life of fault number `fault`. Raises UserError where there is no such fault."""
    evidence = facts if isinstance(facts, Evidence) else read(facts)
    name = fault_id(condition, lineage, fault)
    one = _lineage(evidence, condition, lineage, name)
    births = {birth.fault: birth for birth in one.births}
    if fault not in births:
        remedy = f"that lineage has f1 to f{max(births)}" if births else "that lineage has no faults"
        raise UserError("no such fault", where=name, remedy=remedy)
    birth = births[fault]
    indices = [each["index"] for each in evidence.conditions]
    return Life(
        id=name,
        label=evidence.labels[indices.index(condition)],
        birth=birth,
        rungs=tuple({rung.generation: rung for rung in one.rungs if rung.fault == fault}.values()),
        copies=tuple(fault_id(condition, lineage, each.fault) for each in one.births if each.parent == fault),
        parent=fault_id(condition, lineage, birth.parent) if birth.parent else "",
        end=one.ends.get(fault),
        last=one.last,
        state=one.state,
    )


LADDER = ("generation", "got as far as", "sites", "fails alone", "revealed by", "place")


def ladder_rows(one: Life) -> list[tuple[str, ...]]:
    """The rows of the ladder, as `LADDER` names them."""
    rows: list[tuple[str, ...]] = []
    for rung in one.rungs:
        by = ", ".join(rung.revealed) + (f": {', '.join(rung.tests)}" if rung.tests else "")
        unsure = " (infection unknown)" if rung.infected is None and rung_name(rung) == "reached" else ""
        place = f"{rung.path}:{rung.line}"
        cells = (f"{rung_name(rung)}{unsure}", str(rung.sites), str(rung.alone), by, place)
        rows.append((str(rung.generation), *cells))
    return rows


def render(one: Life, width: int = 100, *, color: bool = False) -> str:
    """The life as text of at most `width` columns, with ANSI styles where `color` is asked for."""
    from reports.terminal import draw_life

    return draw_life(one, width, color=color)
