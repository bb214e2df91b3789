"""A model that answers what a test wants, behind a real HTTP server on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Reply = str | int | dict[str, Any]


class Model:
    """Gives its replies one after the other, the last one again and again; keeps what it was asked.

    A text is an answer, a number a status, and a dict says more: `text`, `wait` (seconds before the answer),
    `cut` (it ran out of tokens), `bytes` (the body as it is), `short` (more bytes announced than sent).
    """

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.address = ""

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def body(text: str, cut: bool = False) -> bytes:
    choice = {
        "index": 0,
        "finish_reason": "length" if cut else "stop",
        "message": {"role": "assistant", "content": text},
    }
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    made = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    return json.dumps(made).encode()


def handler(model: Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            model.asked.append(json.loads(self.rfile.read(size)))
            model.keys.append(self.headers["Authorization"])
            reply = model.next()
            if isinstance(reply, int):
                self._send(reply, b'{"error": {"message": "no"}}', 0)
                return
            said = {"text": reply} if isinstance(reply, str) else reply
            time.sleep(said.get("wait", 0))
            data = said.get("bytes") or body(said.get("text", ""), said.get("cut", False))
            self._send(200, data, said.get("short", 0))

        def _send(self, status: int, data: bytes, short: int) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data) + short))
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made))
    server.daemon_threads = True
    made.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


Ask = Callable[..., Any]
