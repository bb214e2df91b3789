"""The page: self-contained, complete, the same for the same facts."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import codelist, faultlist, figures, html, method, tuned, words
from reports.figures.forecast import forecasts
from testbed.analysis import read, summarise
from testbed.analysis.no_return import irreversible, points
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor
from testbed.facts import BirthFact, ReviewFact

FIGURES = (
    *("alive", "heat", "survival", "families", "fates", "growth", "live", "blast"),
    *("effort", "outcomes", "cost", "unseen", "harm", "hazards", "forecast", "belief"),
)


class Page(HTMLParser):
    """The elements of a page, with the text of its scripts and of everything else."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.text = ""
        self.script = self.style = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.script = dict(attrs).get("id") or "code"
        self.style = tag if tag == "style" else self.style

    def handle_endtag(self, tag):
        self.script = "" if tag == "script" else self.script
        self.style = "" if tag == "style" else self.style

    def handle_data(self, data):
        if self.script:
            self.scripts[self.script] = self.scripts.get(self.script, "") + data
        elif not self.style:
            self.text += data


@pytest.fixture(scope="module")
def text(facts):
    return html.page(facts)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_is_loaded_from_elsewhere(page):
    for tag, attributes in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            value = attributes.get(name) or ""
            assert not re.match(r"(?i)\s*(https?:)?//", value), (tag, name, value)
        assert tag not in {"iframe", "object", "embed", "base"}
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_styles_load_nothing_either(text):
    styles = re.findall(r"<style>(.*?)</style>", text, re.S)
    assert styles
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", styles[0])


def test_each_chart_has_a_specification_and_its_figure_a_table(page):
    drawn = json.loads(page.scripts["charts-data"])["specs"]
    charts = {a["id"] for tag, a in page.elements if a.get("class") == "chart"}
    assert charts == set(drawn)
    assert {name.rpartition("-")[0] for name in charts} == set(FIGURES)
    described = [a for _, a in page.elements if a.get("class") == "chart"]
    assert all(one["role"] == "img" and one["aria-label"] for one in described)


def test_the_tables_hold_the_numbers_that_are_drawn(text):
    for name in FIGURES:
        part = text.split(f'<figure id="{name}"')[1].split("</figure>")[0]
        assert part.count("<details>") == 1
        assert part.count('<th scope="row">') >= 5


def test_vega_is_there_once(text):
    assert text.count("window.vegaEmbed=") == 1


def test_all_faults_travel_with_the_page(page, facts):
    births = [record for _, _, record in facts.records() if isinstance(record, BirthFact)]
    known = [one for one in read(facts).lineages for _ in one.births]
    packed = faultlist.unpack(page.scripts["faults-data"])
    assert len(packed["faults"]) == len(known) <= len(births)
    assert len({fault["id"] for fault in packed["faults"]}) == len(known)
    assert all(fault["diff"] for fault in packed["faults"])


def test_a_life_has_a_letter_for_each_generation(page, facts):
    last = {(one.condition, one.lineage): one.last for one in read(facts).lineages}
    for fault in faultlist.unpack(page.scripts["faults-data"])["faults"]:
        until = fault["end"] or last[fault["c"], fault["l"]]
        assert len(fault["strip"]) == until - fault["birth"] + 1


def test_the_same_facts_give_the_same_bytes(text, facts):
    assert html.page(replace(facts)) == text


def test_no_time_but_the_manifests_is_written(facts, text):
    assert "2000-01-01T00:00:00+00:00" in text
    later = replace(facts, manifest={**facts.manifest, "started": "STARTED"})
    assert html.page(later).replace("STARTED", "2000-01-01T00:00:00+00:00") == text


def test_names_are_shown_and_never_become_markup(text):
    assert "<h1>depth &lt;&amp;&gt; rate</h1>" in text


def test_the_command_that_reproduces_the_run_is_shown(page):
    assert "testbed run depth <&> rate.toml" in page.text


def test_each_id_is_used_once(page):
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))


def test_links_within_the_page_have_a_place_to_go(page):
    ids = {a["id"] for _, a in page.elements if a.get("id")}
    for tag, attributes in page.elements:
        href = attributes.get("href") or ""
        if tag == "a" and href.startswith("#"):
            assert href[1:] in ids


def test_the_unfinished_and_the_unsaid_are_named(page):
    assert "not finished" in page.text
    assert "What these data cannot say" in page.text
    assert "had no witness" in page.text


def test_an_empty_campaign_has_a_page_that_says_so(empty, tmp_path):
    path = html.write(empty, tmp_path / "deep" / "report.html")
    text = path.read_text()
    assert "No fault was born" in text
    assert "Nothing to draw" in text


def row(text, figure, name):
    """The cells of one row of a figure's table, by their heads."""
    part = text.split(f'<figure id="{figure}"')[1].split("</figure>")[0]
    heads = re.findall(r'<th scope="col">([^<]*)</th>', part)
    body = next(one for one in part.split("<tr>") if f'<th scope="row">{name}</th>' in one)
    return dict(zip(heads, [name, *re.findall(r"<td>([^<]*)</td>", body)], strict=True))


def test_residual_and_unwitnessed_faults_have_columns_wherever_faults_are_counted(text, facts):
    summary = summarise(facts)
    for one in summary["conditions"]:
        cells = row(text, "fates", one["label"])
        assert cells["of these residual"] == f"{one['faults']['residual']:,}"
        assert cells["without a witness"] == f"{one['faults']['unwitnessed']['faults']:,}"
    for one in summary["families"]:
        for figure in ("fates", "harm"):
            assert row(text, figure, one["family"])["without a witness"] == f"{one['unwitnessed']:,}"
    assert sum(one["unwitnessed"] for one in summary["families"]) > 0


def test_what_reviewers_did_beside_finding_faults_is_told(text, facts):
    reviews = [record for _, _, record in facts.records() if isinstance(record, ReviewFact)]
    conditions = summarise(facts)["conditions"]
    rows = [row(text, "effort", one["label"]) for one in conditions]
    assert sum(int(cells["found and let in"]) for cells in rows) == sum(len(one.let_in) for one in reviews)
    assert sum(int(cells["escalated"]) for cells in rows) == sum(one.escalated for one in reviews)
    assert sum(int(cells["false alarms"]) for cells in rows) == sum(
        finding.fault is None for one in reviews for finding in one.findings
    )
    assert any(one.let_in for one in reviews)
    assert any(one.escalated for one in reviews)
    assert "findings were let in all the same" in text


def test_belief_stands_beside_the_truth(text, facts):
    one = summarise(facts)["conditions"][0]
    cells = row(text, "belief", one["label"])
    assert cells["baseline"] == "tests regenerated from the generation itself"
    assert cells["taken for right"] == words.with_interval(one["belief"]["taken_for_right"]) != "–"


def test_a_screen_that_compares_with_the_reference_has_nothing_to_believe(sourced_facts):
    text = html.page(sourced_facts)
    assert '<figure id="belief"' not in text
    assert "All screens compared with the frozen reference" in text


def test_a_forecast_tells_whether_its_check_held(text, facts):
    found = forecasts(read(facts))
    assert found
    for one in found:
        cells = row(text, "forecast", one.label)
        said = "could not be checked" if one.check.empty else "holds" if one.holds else "FAILS"
        assert cells["check on what was run"] == said


def test_what_is_built_upon_is_past_the_point_of_no_return(sourced_facts):
    found = figures.no_return(read(sourced_facts), summarise(sourced_facts), sourced_facts)
    assert found is not None
    ((_, share, followed, lineages, _),) = found.rows
    births = [record for _, _, record in sourced_facts.records() if isinstance(record, BirthFact)]
    assert 0 < int(followed) <= len(births)
    followed_on = points(read(sourced_facts), sourced_facts.blob)
    assert len(followed_on) == int(followed)
    # The last function of the file is built upon by the next one, the others are not.
    assert set(followed_on["cause"]) > {"irreversible"}
    assert share.startswith(words.percent(irreversible(followed_on, summarise(sourced_facts)["k"]).value))
    assert lineages == "2"


def test_severity_is_the_share_of_inputs_that_deviate_and_rarity_that_of_those_that_reach_it(page, facts):
    births = {
        (place, lineage, record.fault): record
        for place, lineage, record in facts.records()
        if isinstance(record, BirthFact)
    }
    for fault in faultlist.unpack(page.scripts["faults-data"])["faults"]:
        birth = births[fault["c"], fault["l"], fault["n"]]
        assert fault["harm"] == [
            *(birth.inputs, birth.inputs_reached, birth.inputs_deviating, birth.inputs_crashing)
        ]


def test_the_tuned_point_is_told(text):
    assert re.search(r"(Ring: the cheapest condition that|No condition surely) keeps the mean", text)


def test_how_much_review_is_enough_is_said(page, facts):
    found = tuned.tuned(read(facts))
    assert tuned.sentence(read(facts), found) in page.text
    assert tuned.promise(found) in page.text


def test_what_surely_keeps_few_flaws_is_named():
    conditions = [
        Condition(generations=4, lineages=20, oversight=OversightFactor(depth=d)) for d in (0.0, 1.0)
    ]
    evidence = read(simulate(conditions, Truth(rate=0.3, detection={"logic": 0.9}), seed=1))
    told = tuned.sentence(evidence, tuned.tuned(evidence))
    assert told.startswith("Cheapest of what surely keeps the mean under 1 live fault after 4 generations")
    assert "depth 0 (0 review hours a lineage)" in told


def test_a_gate_is_answered_on_the_page(sourced_facts):
    asked = replace(
        sourced_facts,
        manifest={**sourced_facts.manifest, "gate": {"bounds": ["R < 0.01"], "undecided": "pass"}},
    )
    page = Page(html.page(asked))
    assert "Gate not passed:" in page.text
    assert page.text.count("R < 0.01") == 1


def test_a_run_without_a_gate_has_no_such_part(page):
    assert "The gate" not in page.text


def test_one_factor_makes_no_grid(sourced_facts):
    assert '<figure id="heat"' not in html.page(sourced_facts)


def test_a_command_of_words_is_written_as_a_shell_takes_it(sourced_facts):
    words = {**sourced_facts.manifest, "command": ["testbed", "run", "a b.toml"]}
    assert method.command(read(replace(sourced_facts, manifest=words))) == "testbed run 'a b.toml'"


def rebuilt(parts):
    """The texts as the page's script puts them together."""
    whole = []
    for base, first, last, middle in parts:
        before = whole[base] if base >= 0 else []
        whole.append([*before[:first], *middle, *before[len(before) - last :]])
    return whole


def test_the_code_of_each_generation_is_in_the_page_with_its_live_faults(sourced_facts):
    page = Page(html.page(sourced_facts))
    data = faultlist.unpack(page.scripts["code-data"])
    texts = rebuilt(data["texts"])
    evidence = read(sourced_facts)
    assert [entry[:2] for entry in data["lineages"]] == [[0, 0], [0, 1]]
    for one, (_, _, generations) in zip(evidence.lineages, data["lineages"], strict=True):
        for fact, (number, files) in zip(one.generations, generations, strict=True):
            assert number == fact.generation
            ((path, index, marks),) = files
            assert path == "kvstore/store.py"
            assert sorted(fault for fault, _, _ in marks) == sorted(fact.live)
            for fault, line, last in marks:
                assert (texts[index][line - 1], last) == (f"    return x + {fault}", line)
            assert sum("+" in line for line in texts[index]) == len(fact.live)


def test_code_that_does_not_fit_is_counted(sourced_facts, monkeypatch):
    monkeypatch.setattr("reports.codelist.MOST_GENERATIONS", 3)
    page = Page(html.page(sourced_facts))
    assert len(faultlist.unpack(page.scripts["code-data"])["lineages"]) == 1
    assert "1 more lineage would not fit" in page.text


def test_facts_without_sources_have_no_code(page):
    assert "code-data" not in page.scripts


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_a_version_is_put_together_from_the_one_before(before, after):
    first, last, middle = codelist.difference(before, after)
    assert [*before[:first], *middle, *before[len(before) - last :]] == after


@pytest.mark.slow
def test_ten_thousand_faults_stay_under_five_megabytes():
    conditions = [Condition(generations=12, lineages=10, index=index) for index in range(12)]
    facts = simulate(conditions, Truth(rate=7.0, copies=0.02), seed=1)
    text = html.page(facts)
    assert len(faultlist.unpack(Page(text).scripts["faults-data"])["faults"]) > 10_000
    assert len(text.encode()) < 5_000_000
