"""The application on a real database: creating and reading users, and every safeguard on the way."""

import json
import unittest
from datetime import UTC, datetime, timedelta

from accounts.jobs.purge_idempotency_keys import purge
from tests.support import READ, Stage


class ApplicationTests(unittest.TestCase):
    def setUp(self) -> None:
        self.stage = Stage()
        self.addCleanup(self.stage.close)

    def assert_refused(self, response, status: int, code: str) -> None:
        self.assertEqual(response.status, status)
        error = response.body["error"]
        self.assertEqual(set(error), {"code", "message", "correlation_id", "details"})
        self.assertEqual(error["code"], code)

    def test_a_created_user_can_be_read(self) -> None:
        created = self.stage.user("ada")
        read = self.stage.call("GET", f"/users/{created['id']}")
        self.assertEqual((read.status, read.body["email"]), (200, "ada@example.com"))

    def test_the_same_key_and_call_gets_the_same_answer_once(self) -> None:
        body = {"email": "ada@example.com", "display_name": "Ada"}
        first = self.stage.call("POST", "/users", body, key="key-00001")
        again = self.stage.call("POST", "/users", body, key="key-00001")
        self.assertEqual((again.status, again.body), (first.status, first.body))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")

    def test_the_same_key_for_another_call_is_refused(self) -> None:
        self.stage.call("POST", "/users", {"email": "a@example.com", "display_name": "A"}, key="key-00001")
        other = self.stage.call("POST", "/users", {"email": "b@example.com", "display_name": "B"}, key="key-00001")
        self.assert_refused(other, 409, "IDEMPOTENCY_KEY_REUSED")

    def test_a_taken_address_is_a_conflict_and_stores_no_answer(self) -> None:
        self.stage.user("ada")
        taken = self.stage.call("POST", "/users", {"email": "ADA@example.com", "display_name": "x"}, key="key-00002")
        self.assert_refused(taken, 409, "EMAIL_TAKEN")
        free = self.stage.call("POST", "/users", {"email": "bob@example.com", "display_name": "x"}, key="key-00002")
        self.assertEqual(free.status, 201)

    def test_a_token_without_the_scope_is_forbidden(self) -> None:
        body = {"email": "ada@example.com", "display_name": "Ada"}
        self.assert_refused(self.stage.call("POST", "/users", body, scopes=[READ]), 403, "FORBIDDEN")

    def test_unknown_fields_and_broken_bodies_are_refused(self) -> None:
        extra = {"email": "a@example.com", "display_name": "A", "is_admin": True}
        self.assert_refused(self.stage.call("POST", "/users", extra), 400, "VALIDATION_FAILED")
        self.assert_refused(self.stage.call("POST", "/users", b"{"), 400, "MALFORMED_JSON")
        self.assert_refused(self.stage.call("POST", "/users", b"[" * 16_000), 400, "MALFORMED_JSON")

    def test_unknown_paths_and_methods_are_refused(self) -> None:
        self.assert_refused(self.stage.call("GET", "/nothing"), 404, "NOT_FOUND")
        self.assert_refused(self.stage.call("DELETE", "/users"), 405, "METHOD_NOT_ALLOWED")

    def test_the_limit_answers_429(self) -> None:
        stage = Stage(ACCOUNTS_READS_PER_MINUTE=1)
        self.addCleanup(stage.close)
        user = stage.user("ada")
        stage.call("GET", f"/users/{user['id']}")
        self.assert_refused(stage.call("GET", f"/users/{user['id']}"), 429, "RATE_LIMITED")

    def test_log_lines_are_labelled_json_without_personal_data(self) -> None:
        self.stage.user("grace")
        line = json.loads(self.stage.lines.getvalue().splitlines()[-1])
        self.assertEqual((line["event"], line["operation"], line["status"]), ("request", "createUser", 201))
        self.assertNotIn("grace", self.stage.lines.getvalue())

    def test_stored_answers_are_purged_after_a_day(self) -> None:
        self.stage.user("ada")
        self.assertEqual(purge(self.stage.app.idempotency, datetime.now(UTC)), 0)
        self.assertEqual(purge(self.stage.app.idempotency, datetime.now(UTC) + timedelta(days=2)), 1)


if __name__ == "__main__":
    unittest.main()
