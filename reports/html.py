"""One self-contained page about a campaign. It asks for nothing: no font, script or image from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reports import answers, bundle, codelist, faultlist, figures, gates, ladder, method, style, tuned, words
from reports.exports.base import Given, given
from reports.sources import sources
from testbed import whole
from testbed.analysis import Evidence, Facts, timings
from testbed.analysis.labels import said
from testbed.analysis.tuning import Tuning
from testbed.gate.judge import Judged

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("common.js", "charts.js", "code.js", "faults.js")


def _json(data: Any) -> Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _vega() -> Markup:
    """Vega, Vega-Lite and Vega-Embed, once for all charts."""
    return Markup(bundle.script().replace("</script", "<\\/script"))


def _figures(given: Given, found: Tuning | None) -> dict[str, figures.Figure]:
    summary, evidence, generations = given.summary, given.evidence, given.tables["generations"]
    made = (
        figures.shares_alive(summary),
        figures.heat(summary),
        figures.survival(summary),
        figures.families(summary),
        figures.fates(summary),
        figures.harm(summary),
        figures.hazards(evidence),
        figures.growth(summary),
        figures.live(summary, generations),
        figures.blast(summary),
        figures.no_return(evidence, summary, sources(given.facts)),
        figures.forecasted(evidence),
        figures.effort(summary, found),
        figures.outcomes(summary, evidence),
        figures.belief(summary),
        figures.cost(summary, timings(given.facts)),
        figures.unseen(evidence),
    )
    return {figure.id: figure for figure in made if figure is not None}


def _charts(made: Mapping[str, figures.Figure]) -> dict[str, Any]:
    """Specifications by the id of the element that they are drawn in, and the rows that panels share."""
    return {
        "config": style.chart_config(),
        "shared": {name: figure.shared for name, figure in made.items() if figure.shared},
        "specs": {
            f"{name}-{place}": panel.spec
            for name, figure in made.items()
            for place, panel in enumerate(figure.panels)
        },
    }


def _condition(one: Mapping[str, Any], color: str) -> dict[str, Any]:
    growth, hours = one["amplification"]["R"], one["oversight"]["hours_per_lineage"]
    blast = one["amplification"]["blast_radius_at_end"]["inputs"]
    outcomes = one["outcomes"]
    done = outcomes["completed"] + outcomes["stalled"] + outcomes["runaway"]
    return {
        "key": f"c{one['index']}",
        "color": color,
        "label": one["label"],
        "levels": [said(name, level) for name, level in one["levels"].items()],
        "lineages": str(done) if done == one["lineages"] else f"{done} of {one['lineages']}",
        **{name: f"{one['faults'][name]:,}" for name in ("faults", "residual")},
        "unwitnessed": f"{one['faults']['unwitnessed']['faults']:,}",
        "escaped": words.with_interval(one["oversight"]["escape_rate"]),
        "alive": words.with_interval(one["persistence"]["share_alive"]),
        "growth": words.with_interval(growth, words.plain),
        "live": words.with_interval(one["amplification"]["live_at_end"], words.plain),
        "blast": words.with_interval(blast),
        "hours": words.plain(hours["value"]),
    }


def _conditions(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = summary["conditions"]
    return [_condition(one, style.series(place, len(found))) for place, one in enumerate(found)]


def _list_data(evidence: Evidence, summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conditions": {
            str(one["index"]): [f"c{one['index']}", one["label"]] for one in summary["conditions"]
        },
        "causes": words.CAUSES,
        "rungs": {
            letter: [name, ladder.RUNGS.index(name) + 1, ladder.MEANING[name]]
            for name, letter in ladder.LETTERS.items()
        },
        "generations": max([one.last for one in evidence.lineages], default=0),
        "faults": faultlist.faults(evidence),
    }


def _gate(judged: Judged) -> dict[str, Any] | None:
    """The verdicts on the campaign's bounds as a table; None where it has none."""
    if not judged.verdicts:
        return None
    rows = [
        (bound.text, one.label, one.status, gates.figure(one), gates.distance(bound, one))
        for bound, found in judged.verdicts
        for one in found
    ]
    heads = ("bound", "condition", "verdict", "figure", "how far from flipping")
    return {"outcome": gates.outcome(judged).capitalize(), "heads": heads, "rows": rows}


def _code(given: Given) -> dict[str, Any] | None:
    found = codelist.code(given.evidence, sources(given.facts))
    return {"packed": faultlist.pack(found), "left": found["left"]} if found else None


def _context(given: Given) -> dict[str, Any]:
    evidence, summary = given.evidence, given.summary
    found = tuned.tuned(evidence)
    made = _figures(given, found)
    listed = _list_data(evidence, summary)
    return {
        "manifest": evidence.manifest,
        "command": method.command(evidence),
        "summary": summary,
        "answer": answers.answer(summary, tuned.sentence(evidence, found)),
        "gate": _gate(given.judged),
        "conditions": _conditions(summary),
        "figures": made,
        "charts": _json(_charts(made)),
        "faults": len(listed["faults"]),
        "families": sorted({fault["family"] for fault in listed["faults"]}),
        "causes": words.CAUSES,
        "rungs": {name: ladder.MEANING[name] for name in ladder.RUNGS},
        "ink": style.ink,
        "packed": faultlist.pack(listed),
        "code": _code(given),
        "factors": method.factors(evidence),
        "targets": method.targets(evidence),
        "css": Markup(style.variables()) + _file("report.css"),
        "vega": _vega(),
        "scripts": Markup("").join(map(_file, SCRIPTS)),
    }


def page(facts: Facts | Given, k: int | None = None) -> str:
    """The whole page as text; the same facts give the same text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        _context(facts if isinstance(facts, Given) else given(facts, k=k))
    )


def write(facts: Facts | Given, path: Path, k: int | None = None) -> Path:
    """Writes the page to `path`, making its folder if needed, and returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.write(path, page(facts, k))
    return path
