"""The rate limiter and the tokens, without a database."""

import unittest

from accounts.auth import tokens
from accounts.auth.limits import RateLimiter
from accounts.errors import ApiError


class RateLimiterTests(unittest.TestCase):
    def test_a_call_over_the_limit_is_told_how_long_to_wait(self) -> None:
        limiter = RateLimiter({"read": 2}, clock=lambda: 0.0)
        limiter.take("a", "read")
        limiter.take("a", "read")
        with self.assertRaises(ApiError) as caught:
            limiter.take("a", "read")
        self.assertEqual((caught.exception.status, caught.exception.headers["Retry-After"]), (429, "30"))

    def test_one_caller_does_not_use_up_the_calls_of_another(self) -> None:
        limiter = RateLimiter({"read": 1}, clock=lambda: 0.0)
        limiter.take("a", "read")
        limiter.take("b", "read")

    def test_calls_come_back_with_time(self) -> None:
        now = [0.0]
        limiter = RateLimiter({"read": 60}, clock=lambda: now[0])
        for _ in range(60):
            limiter.take("a", "read")
        now[0] = 1.0
        limiter.take("a", "read")


class TokenTests(unittest.TestCase):
    def test_a_token_tells_who_calls_and_with_which_scopes(self) -> None:
        caller = tokens.read(b"k", "Bearer " + tokens.issue(b"k", "svc", ["users:read"]))
        self.assertEqual((caller.subject, caller.scopes), ("svc", frozenset({"users:read"})))

    def test_a_token_of_another_key_an_old_one_and_rubbish_are_refused(self) -> None:
        for header in (
            "Bearer " + tokens.issue(b"other", "svc", []),
            "Bearer " + tokens.issue(b"k", "svc", [], lifetime=-1),
            "Bearer x.y",
            "Basic abc",
            "",
        ):
            with self.subTest(header[:12]), self.assertRaises(ApiError) as caught:
                tokens.read(b"k", header)
            self.assertEqual(caught.exception.status, 401)


if __name__ == "__main__":
    unittest.main()
