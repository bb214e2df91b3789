"""The page on faults: the words of `faults.md` beside this module, and the catalogue itself."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from injectors import cosmic_ray_family, mixes
from injectors.catalogue import built_in
from injectors.operator import Operator

BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"

FAMILIES = {
    "logic": "Conditions, operators, boundaries, constants.",
    "omission": "Something left out.",
    "assignment": "What is assigned, and what is read for it.",
    "interface": "How functions are called.",
    "exception": "Raising and handling.",
    "state": "What is shared and what is remembered.",
    "resource": "Files, locks and what else must be given back.",
    "security": "Checks, escapes and limits.",
    "assistant": "Typical of machine-written code.",
    "latent": "Acts only on rare inputs.",
    "dormant": "Inert for some generations, then acts.",
    "concealed": "Behaves while it is being inspected.",
    "control": "Honest twins of latent, dormant and concealed faults: the same change, not hidden.",
    "mutmut": "mutmut's own operators, called through its library.",
}
"""What each family is about, in the catalogue's order."""


def page() -> str:
    """The whole page, with an empty calibration."""
    frame = files("injectors").joinpath("faults.md").read_text(encoding="utf-8")
    return frame.replace("{mixes}", "".join(_mixes())).replace("{families}", "".join(_families()))


def merged(new: str, old: str) -> str:
    """The new page with the calibration of the old one."""
    if BEGIN not in old:
        return new
    kept = old[old.index(BEGIN) : old.index(END)]
    return new[: new.index(BEGIN)] + kept + new[new.index(END) :]


def has_place(text: str) -> bool:
    """Whether a calibration can be put on the page."""
    return 0 <= text.find(BEGIN) < text.find(END)


def with_calibration(text: str, table: str) -> str:
    """The page with this calibration."""
    return text[: text.index(BEGIN) + len(BEGIN)] + "\n" + table + text[text.index(END) :]


def _mixes() -> Iterator[str]:
    for name, weights, source in (
        ("field", mixes.FIELD, mixes.FIELD_SOURCE),
        ("assistant", mixes.ASSISTANT, mixes.ASSISTANT_SOURCE),
    ):
        said = ", ".join(f"{family} {weight:g}" for family, weight in weights.items())
        yield f"| `{name}` | {said}; {source}. Others: as the rarest of these |\n"
    yield "| `uniform` | all alike |\n"
    yield '| `"logic=3, state=1"` | your own; families left out are not drawn |\n'


def _families() -> Iterator[str]:
    every = [operator for operator in built_in() if operator.family != cosmic_ray_family.FAMILY]
    yield f"{len(every)} operators in {len({each.family for each in every})} families.\n"
    for family, about in FAMILIES.items():
        inside = [operator for operator in every if operator.family == family]
        yield f"\n### {family}\n{about} {len(inside)} operators.\n\n"
        yield "| operator | what it does | weight | source | lines, tokens |\n|---|---|---|---|---|\n"
        for operator in inside:
            yield _row(operator)
    yield "\n"


def _row(operator: Operator) -> str:
    seen = f"{operator.salience.lines}, {operator.salience.tokens}"
    contract = operator.contract.replace("|", "\\|")
    return f"| `{operator.name}` | {contract} | {operator.weight:g} | {operator.reference} | {seen} |\n"
