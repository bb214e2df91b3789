"""JUnit XML: each bound of the gate is a test case, and so is each family of faults, by condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as xml

from reports import gates, words
from reports.exports.base import Content, Given
from testbed.gate.judge import Verdict

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no character of XML 1.0


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)


def _case(suite: xml.Element, name: str, group: str) -> xml.Element:
    return xml.SubElement(suite, "testcase", name=_clean(name), classname=_clean(group), time="0")


def _says(case: xml.Element, tag: str, message: str, kind: str = "") -> None:
    inner = xml.SubElement(case, tag, message=_clean(message))
    if kind:
        inner.set("type", kind)


def _gate(suite: xml.Element, given: Given) -> None:
    for bound, found in given.judged.verdicts:
        for one in found:
            case = _case(suite, f"{bound.text} [c{one.condition}]", f"gate.{one.label}")
            told = "; ".join(part for part in (gates.figure(one), gates.distance(bound, one)) if part)
            _verdict(case, one, told, fails=given.gate.undecided == "fail")


def _verdict(case: xml.Element, one: Verdict, told: str, *, fails: bool) -> None:
    if one.status == "broken" or (one.status == "undecided" and fails):
        _says(case, "failure", f"{one.status}: {told}", one.status)
    elif one.status == "undecided":
        _says(case, "skipped", f"undecided: {told}")
    else:
        xml.SubElement(case, "system-out").text = _clean(told)


def _families(suite: xml.Element, condition: Mapping[str, Any], families: list[str]) -> None:
    known = {one["family"]: one for one in condition["families"]}
    for name in families:
        case = _case(suite, f"{name} [c{condition['index']}]", f"faults.{condition['label']}")
        if name not in known:
            _says(case, "skipped", "no fault of this family was born")
            continue
        one = known[name]
        told = (
            f"{one['escaped']} of {words.count(one['faults'], 'fault')} escaped; alive at the end: "
            f"{one['ends']['alive']}; share alive after the cycles looked at: "
            f"{words.with_interval(one['share_alive'])}; residual: {one['residual']}; "
            f"counted apart, without a witness: {one['unwitnessed']}"
        )
        if one["escaped"]:
            _says(case, "failure", told, "escaped")
        else:
            xml.SubElement(case, "system-out").text = _clean(told)


def _suites(given: Given) -> Iterator[xml.Element]:
    name = given.summary["campaign"]["name"]
    if given.judged.verdicts:
        suite = xml.Element("testsuite", name=_clean(f"{name}: gate"))
        _gate(suite, given)
        yield suite
    families = sorted(one["family"] for one in given.summary["families"])
    for condition in given.summary["conditions"]:
        suite = xml.Element("testsuite", name=_clean(f"{name}: faults, {condition['label']}"))
        _families(suite, condition, families)
        yield suite


def _counted(element: xml.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(len(list(element.iter(tag)))))
    element.set("time", "0")


def files(given: Given) -> dict[str, Content]:
    """`junit.xml`: a family's case fails where one of its faults escaped, a bound's where it is not kept."""
    root = xml.Element("testsuites", name=_clean(given.summary["campaign"]["name"]))
    for suite in _suites(given):
        _counted(suite)
        root.append(suite)
    _counted(root)
    xml.indent(root)
    return {
        "junit.xml": '<?xml version="1.0" encoding="utf-8"?>\n'
        + xml.tostring(root, encoding="unicode")
        + "\n"
    }
