"""The HTTP server: the API on one port, probes and metrics on another, and a shutdown that drains."""

from __future__ import annotations

import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from accounts.app import Application
from accounts.observability.users import measure
from accounts.routing import Request
from accounts.settings import Settings
from accounts.validation.body import LARGEST_BODY


class Server:
    """Both listeners and the count of requests in flight."""

    def __init__(self, settings: Settings, app: Application) -> None:
        self._settings, self._app = settings, app
        self._in_flight, self._idle = 0, threading.Condition()
        self.draining = threading.Event()
        self.api = ThreadingHTTPServer((settings.host, settings.port), self._api_handler())
        self.admin = ThreadingHTTPServer((settings.host, settings.admin_port), self._admin_handler())

    def serve(self) -> None:
        """Serve until `drain` was called; probes answer until the very end."""
        admin = threading.Thread(target=self.admin.serve_forever, args=(0.05,), daemon=True)
        admin.start()
        self._app.log.event("info", "listening", port=self.api.server_port, admin_port=self.admin.server_port)
        self.api.serve_forever(poll_interval=0.05)
        self.api.socket.close()
        finished = self._wait_until_idle(self._settings.drain_seconds)
        self._app.log.event("info" if finished else "warning", "drained", in_flight=self._in_flight)
        self.admin.shutdown()
        self.admin.server_close()

    def drain(self) -> None:
        """Stop accepting calls; readiness turns red at once, calls in flight are answered."""
        self.draining.set()
        threading.Thread(target=self.api.shutdown, daemon=True).start()

    def drain_on_sigterm(self) -> None:
        """Drain when the platform asks the process to end."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self.drain())

    def _wait_until_idle(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with self._idle:
            while self._in_flight:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._idle.wait(left)
        return True

    def _move(self, by: int) -> None:
        with self._idle:
            self._in_flight += by
            self._idle.notify_all()

    def _api_handler(self) -> type[BaseHTTPRequestHandler]:
        server, app = self, self._app

        class Handler(_Quiet):
            def answer(self) -> None:
                server._move(1)
                try:
                    length = min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY + 1)
                    target = urlsplit(self.path)
                    response = app.handle(
                        Request(
                            self.command,
                            target.path,
                            dict(parse_qsl(target.query, keep_blank_values=True)),
                            {name.lower(): value for name, value in self.headers.items()},
                            self.rfile.read(length),
                        )
                    )
                    self.send(response.status, json.dumps(dict(response.body)), dict(response.headers))
                finally:
                    app.connections.close()
                    server._move(-1)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

        return Handler

    def _admin_handler(self) -> type[BaseHTTPRequestHandler]:
        server, app = self, self._app

        class Handler(_Quiet):
            def do_GET(self) -> None:
                if self.path == "/healthz":
                    self.send(200, '{"status": "alive"}')
                elif self.path == "/readyz":
                    ready = not server.draining.is_set() and app.ready()
                    app.connections.close()
                    self.send(200 if ready else 503, json.dumps({"status": "ready" if ready else "not ready"}))
                elif self.path == "/slo":
                    self.send(200, json.dumps({"objectives": measure(app.metrics)}))
                elif self.path == "/metrics":
                    self.send(200, app.metrics.render(), {"Content-Type": "text/plain; version=0.0.4"})
                else:
                    self.send(404, '{"status": "no such probe"}')

        return Handler


class _Quiet(BaseHTTPRequestHandler):
    timeout = 10

    def send(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode("utf-8")
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """The application writes its own structured lines."""
