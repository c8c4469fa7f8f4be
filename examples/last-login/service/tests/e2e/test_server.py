"""The running server over HTTP: a user's way through the API, the probes, and a drained shutdown."""

import json
import threading
import unittest
import urllib.error
import urllib.request
import uuid

from accounts.server import Server
from tests.support import Stage


class ServerTests(unittest.TestCase):
    def setUp(self) -> None:
        self.stage = Stage()
        self.addCleanup(self.stage.close)
        self.server = Server(self.stage.settings, self.stage.app)
        self.thread = threading.Thread(target=self.server.serve)
        self.thread.start()
        self.addCleanup(self.thread.join)
        self.addCleanup(self.server.drain)

    def fetch(self, port: int, method: str, path: str, body: object = None) -> tuple[int, dict]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode("utf-8"),
            headers={"Authorization": self.stage.authorization(), "Idempotency-Key": str(uuid.uuid4())},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def test_create_then_read_over_http(self) -> None:
        port = self.server.api.server_port
        status, user = self.fetch(port, "POST", "/users", {"email": "ada@example.com", "display_name": "Ada"})
        self.assertEqual(status, 201)
        self.assertEqual(self.fetch(port, "GET", f"/users/{user['id']}"), (200, user))

    def test_probes_answer_and_objectives_are_measured(self) -> None:
        port = self.server.admin.server_port
        self.assertEqual(self.fetch(port, "GET", "/healthz")[0], 200)
        self.assertEqual(self.fetch(port, "GET", "/readyz")[0], 200)
        status, body = self.fetch(port, "GET", "/slo")
        self.assertEqual((status, body["objectives"][0]["route"]), (200, "POST /users"))

    def test_draining_ends_the_server_and_says_so(self) -> None:
        self.server.drain()
        self.thread.join(timeout=5)
        self.assertFalse(self.thread.is_alive())
        self.assertIn('"drained"', self.stage.lines.getvalue())


if __name__ == "__main__":
    unittest.main()
