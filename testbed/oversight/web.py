"""The reviews that wait, as a page for this machine: loopback only, with a secret in its address."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from testbed.oversight import waiting
from testbed.oversight.marking import numbered, shown_lines
from testbed.oversight.waiting import Pending

MOST_FORM = 1 << 20
"""Bytes that a form may have."""

_STYLE = """
body { font: 15px/1.5 Georgia, serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
  color: #1b1c1e; background: #fdfdfb }
table { border-collapse: collapse; width: 100% } td { padding: 0 .6rem; vertical-align: top }
td.t { font: 13px/1.45 monospace; white-space: pre-wrap } td.n { text-align: right; color: #5a5f63 }
tr.file td { font-weight: bold; padding-top: 1rem }
tr.plus { background: #e6f3ea } tr.minus { background: #f8e6e8 }
label { display: block; cursor: pointer }
button { font: inherit; margin: 1rem 1rem 1rem 0; padding: .3rem 1rem }
@media (prefers-color-scheme: dark) { body { color: #e7e5df; background: #14161a }
  tr.plus { background: #16301f } tr.minus { background: #3a1c21 } }
"""


def serve(folder: Path, port: int, said: Callable[[str], None]) -> None:
    """Serves the page until no review waits, or Ctrl-C. `said` is told its address."""
    server = _Server(folder, port)
    try:
        said(server.address)
        while waiting.pending(folder) or not server.told:
            server.handle_request()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


class _Server(HTTPServer):
    """One request at a time: there is one reader."""

    timeout = 0.5

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder, self.secret = folder, secrets.token_urlsafe(16)
        self.begun: dict[str, float] = {}
        self.skipped: list[str] = []
        self.told = False  # whether the page that says that all is done was shown

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/{self.secret}"

    def next(self) -> tuple[Pending | None, int]:
        """The review to be shown, those put off last, and how many there are."""
        left = waiting.pending(self.folder)
        order = {key: place for place, key in enumerate(self.skipped, 1)}
        left.sort(key=lambda one: order.get(one.key, 0))
        return (left[0] if left else None), len(left)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """The next review."""
        if self._allowed():
            one, left = self.server.next()
            if one is None:
                self.server.told = True
                resume = escape(f"testbed resume {self.server.folder}")
                self._send(200, _page(f"<p>No review waits. Go on with: {resume}</p>"))
            else:
                self.server.begun.setdefault(one.key, time.monotonic())
                self._send(200, _page(_form(one, left)))

    def do_POST(self) -> None:
        """The lines that were marked."""
        if not self._allowed():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_FORM:
            self._send(413, _page("<p>The form is too large.</p>"))
            return
        form = parse_qs(self.rfile.read(int(length)).decode(errors="replace"))
        key = form.get("key", [""])[0]
        one = next((one for one in waiting.pending(self.server.folder) if one.key == key), None)
        if one is not None:
            self._take(one, form)
        self.send_response(303)
        self.send_header("Location", f"/{self.server.secret}")
        self.end_headers()

    def _take(self, one: Pending, form: dict[str, list[str]]) -> None:
        if "later" in form:
            self.server.skipped = [key for key in self.server.skipped if key != one.key] + [one.key]
            return
        lines = numbered(one.shown)
        marked = [int(word) for word in form.get("line", []) if word.isdecimal()]
        seconds = time.monotonic() - self.server.begun.get(one.key, time.monotonic())
        waiting.answer(self.server.folder, one, [lines[n] for n in marked if n in lines], seconds)

    def _allowed(self) -> bool:
        """Only whoever knows the secret, and only by this machine's own names, so that no other page can."""
        hosts = {f"{name}:{self.server.server_port}" for name in ("127.0.0.1", "localhost")}
        if self.headers.get("Host") in hosts and secrets.compare_digest(self.path, f"/{self.server.secret}"):
            return True
        self._send(404, _page("<p>Not here: open the address that testbed review printed.</p>"))
        return False

    def _send(self, code: int, body: str) -> None:
        data = body.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
        )
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(data)


def _page(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reviews that wait</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _form(one: Pending, left: int) -> str:
    lines = numbered(one.shown)
    rows = "".join(_row(*line) for line in shown_lines(one.shown, lines))
    buttons = (
        '<button name="done" value="1">These lines are wrong, no others</button>'
        '<button name="later" value="1">Later</button>'
    )
    return (
        f"<h1>A change to review</h1><p>{len(lines)} numbered lines to read; mark those that are wrong. "
        f"{left} left.</p>"
        f'<form method="post"><input type="hidden" name="key" value="{escape(one.key)}">'
        f"<table>{rows}</table>{buttons}</form>"
    )


def _row(kind: str, number: int, text: str) -> str:
    css = {"+": "plus", "-": "minus", "file": "file"}.get(kind, "")
    sign = "" if kind in {"file", "gap"} else f"{kind} "
    shown = escape(f"{sign}{text}")
    if not number:
        return f'<tr class="{css}"><td></td><td class="n"></td><td class="t">{shown}</td></tr>'
    box = f'<input type="checkbox" name="line" value="{number}" id="n{number}">'
    return (
        f'<tr class="{css}"><td>{box}</td><td class="n">{number}</td>'
        f'<td class="t"><label for="n{number}">{shown}</label></td></tr>'
    )
