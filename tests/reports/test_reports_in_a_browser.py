"""The page in a real browser: no error, every chart drawn, the filter works."""

import html
import re
import shutil
import subprocess

import pytest

from reports import faultlist
from reports.html import write

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-features=NetworkTimeServiceQuerying",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path to open the page with"),
]


@pytest.fixture(scope="module")
def report(facts, tmp_path_factory):
    return write(facts, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The browser's own log of what it asked the network for, one for each page that was opened."""
    return []


@pytest.fixture(scope="module")
def with_code(sourced_facts, tmp_path_factory):
    return write(sourced_facts, tmp_path_factory.mktemp("code") / "report.html")


@pytest.fixture(scope="module")
def browse(report, asked, tmp_path_factory):
    def run(fragment: str = "", width: int = 1200, page=report) -> tuple[str, list[str]]:
        """The document after its scripts ran, and the lines that they wrote to the console."""
        profile = tmp_path_factory.mktemp("profile")
        size, url = f"--window-size={width},1200", f"{page.as_uri()}{fragment}"
        options = (
            f"--log-net-log={profile / 'net.json'}",
            "--virtual-time-budget=20000",
            "--enable-logging=stderr",
            f"--user-data-dir={profile}",
            size,
        )
        done = subprocess.run(
            [CHROMIUM, *FLAGS, *options, "--dump-dom", url],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        asked.append((profile / "net.json").read_text())
        return done.stdout, console

    return run


@pytest.fixture(scope="module")
def opened(browse):
    return browse()


def faults_in(report) -> list[dict]:
    packed = re.search(r'id="faults-data">([^<]*)<', report.read_text())
    return faultlist.unpack(packed[1])["faults"]


def rows(document: str) -> list[str]:
    body = document.split('id="faults-table"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return re.findall(r'<tr id="(c\d+\.l\d+\.f\d+)"', body)


def status(document: str) -> str:
    return html.unescape(re.search(r'id="shown"[^>]*>([^<]*)<', document)[1])


def test_no_script_complains(opened):
    document, console = opened
    assert console == []
    assert 'data-charts="drawn"' in document


def test_every_chart_is_drawn(opened):
    document, _ = opened
    charts = re.findall(r'<div class="chart[^"]*"[^>]*id="[^"]*"[^>]*>(<svg)?', document)
    assert len(charts) >= 20
    assert all(charts)


def test_charts_keep_their_descriptions(opened):
    labels = re.findall(r'<div class="chart[^>]*aria-label="([^"]*)"', opened[0])
    assert all("table below" in label for label in labels)


def test_the_first_faults_are_listed_and_the_number_of_all_is_told(opened, report):
    document, _ = opened
    faults = faults_in(report)
    assert f'data-faults="{len(faults)}"' in document
    assert rows(document)[:100] == [fault["id"] for fault in faults][:100]
    assert status(document).startswith(f"{len(faults)} faults")


def test_a_filter_in_the_address_is_applied(browse, report):
    document, console = browse("#faults?condition=c4&end=review&q=store")
    expected = [f["id"] for f in faults_in(report) if f["c"] == 4 and f["cause"] == "review"]
    assert expected
    assert rows(document) == expected
    assert status(document).startswith(f"{len(expected)} of ")
    assert console == []


def test_a_search_that_finds_nothing_says_so(browse, report):
    document, _ = browse("#faults?q=nosuchfault")
    assert rows(document) == []
    assert status(document) == f"0 of {len(faults_in(report))} faults."


def test_the_address_of_a_fault_opens_it(browse, report):
    fault = next(f for f in faults_in(report) if f["parent"] and f["witnesses"])
    document, console = browse(f"#{fault['id']}")
    tree = document.split('<div class="tree">')[1].split("</div>")[0]
    assert f'<a href="#c{fault["c"]}.l{fault["l"]}.f{fault["parent"]}"' in tree
    assert console == []


def test_a_phone_gets_short_labels(browse):
    document, console = browse(width=400)
    assert 'data-charts="drawn"' in document
    assert ">c3</text>" in document
    assert console == []


def addresses(log: str) -> set[str]:
    """What the browser asked for, without queries."""
    return {url.partition("?")[0] for url in re.findall(r'"url":"([^"]+)"', log)}


def test_no_request_leaves_the_page(opened, browse, asked, tmp_path):
    own = addresses(asked[0])  # of the page that was opened first
    control, wanted = tmp_path / "control.html", "http://127.0.0.1:9/asked.png"
    control.write_text(f'<!doctype html><title>control</title><img src="{wanted}">')
    browse(page=control)
    others = addresses(asked[-1])  # with what the browser asks for by itself, whatever the page
    assert wanted in others
    assert not {url for url in own - others if not url.startswith(("file:", "data:", "blob:"))}


def test_a_fault_tells_its_family_and_why_nothing_caught_it(browse, report):
    faults = faults_in(report)
    fault = next(f for f in faults if f["copies"] and not f["end"] and f["witnesses"])
    document, console = browse(f"#{fault['id']}")
    detail = document.split('<tr class="detail">')[1].split("</tr>")[0]
    assert "Why nothing caught it: " in detail
    tree = document.split('<div class="tree">')[1].split("</div>")[0]
    assert "(this one)" in tree
    for copy in fault["copies"]:
        assert f'href="#c{fault["c"]}.l{fault["l"]}.f{copy}"' in tree
    assert console == []


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ("residual", lambda fault: fault["residual"]),
        ("crash", lambda fault: fault["harm"][3] > 0),
        ("rare", lambda fault: 0 < fault["harm"][2] <= fault["harm"][0] / 100),
    ],
)
def test_faults_are_found_by_what_they_do(browse, report, kind, holds):
    faults = faults_in(report)
    document, console = browse(f"#faults?kind={kind}")
    assert status(document).startswith(f"{sum(map(bool, map(holds, faults)))} of {len(faults)} faults")
    assert rows(document)[:100] == [fault["id"] for fault in faults if holds(fault)][:100]
    assert console == []


def test_a_fault_tells_its_severity_and_rarity(browse, report):
    fault = next(f for f in faults_in(report) if 0 < f["harm"][2] < f["harm"][1])
    inputs, reached, deviating, _crashing = fault["harm"]
    document, _ = browse(f"#{fault['id']}")
    detail = document.split('<tr class="detail">')[1].split("</tr>")[0]
    assert f"it showed on {deviating} of {inputs} inputs (severity " in detail
    assert f"and of {reached} that reach it (rarity {round(100 * deviating / reached)}%)" in detail


def test_code_is_shown_with_its_live_faults_marked(browse, with_code):
    document, console = browse(page=with_code)
    assert console == []
    assert 'data-code="2"' in document
    listing = document.split('id="code-text"')[1].split("</section>")[0]
    row = r'class="line faulty"><span[^>]*>\d+</span><code>    return x \+ (\d+)</code>'
    marked = re.findall(row + r'<a href="#c0\.l0\.f(\d+)"', listing)
    assert marked
    assert all(number == fault for number, fault in marked)
    packed = re.search(r'id="code-data">([^<]*)<', with_code.read_text())
    last = faultlist.unpack(packed[1])["lineages"][0][2][-1]
    assert len(marked) == len(last[1][0][2])
