"""All faults of a campaign as compact data for the report's table, packed to travel inside the page."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from reports.ladder import LETTERS, rung_name, strip
from testbed.analysis import Evidence, LineageRecords
from testbed.analysis.frames import fault_id
from testbed.facts import BirthFact, RungFact


def _rung(rung: RungFact) -> list[Any]:
    """[generation, letter, oracles that revealed it, some of their tests, what it fails alone]."""
    revealed = [", ".join(rung.revealed), list(rung.tests)] if rung.revealed else ["", []]
    return [rung.generation, LETTERS[rung_name(rung)], *revealed, rung.alone]


def _fault(
    one: LineageRecords,
    birth: BirthFact,
    rungs: dict[int, RungFact],
    copies: list[int],
    read: int,
    let_in: int,
) -> dict[str, Any]:
    end = one.ends.get(birth.fault)
    last = max(birth.generation, end.generation if end else one.last)
    return {
        "id": fault_id(one.condition, one.lineage, birth.fault),
        "c": one.condition,
        "l": one.lineage,
        "n": birth.fault,
        "parent": birth.parent or 0,
        "copies": copies,
        "family": birth.family,
        "operator": birth.operator,
        "path": birth.path,
        "where": birth.where,
        "line": birth.line,
        "birth": birth.generation,
        "end": end.generation if end else 0,
        "cause": end.cause if end else "alive",
        "by": end.by if end else "",
        "last": (rungs[max(rungs)] if rungs else birth).path,
        "read": read,
        "let": let_in,
        "strip": strip(rungs, birth.generation, last),
        "rungs": [_rung(rungs[generation]) for generation in sorted(rungs)],
        "diff": birth.diff,
        "witnesses": [[each.oracle, each.test, each.clean, each.faulty] for each in birth.witnesses],
        "searched": birth.searched,
        "residual": int(birth.residual),
        "import": int(birth.import_time),
        "harm": [birth.inputs, birth.inputs_reached, birth.inputs_deviating, birth.inputs_crashing],
        "public": list(birth.public_deviating),
        "seen": [birth.changed_lines, birth.changed_tokens],
        "agreeing": list(birth.agreeing),
    }


def _of_lineage(one: LineageRecords) -> Iterator[dict[str, Any]]:
    rungs: dict[int, dict[int, RungFact]] = {}
    for rung in one.rungs:
        rungs.setdefault(rung.fault, {})[rung.generation] = rung
    copies: dict[int, list[int]] = {}
    for birth in one.births:
        if birth.parent is not None:
            copies.setdefault(birth.parent, []).append(birth.fault)
    read = Counter(fault for review in one.reviews for fault in review.faults_in_view)
    let_in = Counter(fault for review in one.reviews for fault in review.let_in)
    for birth in one.births:
        number = birth.fault
        known = (rungs.get(number, {}), copies.get(number, []), read[number], let_in[number])
        yield _fault(one, birth, *known)


def faults(evidence: Evidence) -> list[dict[str, Any]]:
    """One entry for each fault, by condition, lineage and number."""
    return [fault for one in evidence.lineages for fault in _of_lineage(one)]


def pack(data: Any) -> str:
    """JSON, deflated, in base64: what the page's script inflates again."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> Any:
    """The data that `pack` was given."""
    return json.loads(zlib.decompress(base64.b64decode(text)))
