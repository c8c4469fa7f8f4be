"""Random bodies: whatever is sent, the answer is an object or a refusal in the API's own words."""

import json
import random
import unittest

from accounts.errors import ApiError
from accounts.validation.body import json_object

ROUNDS = 500


class BodyProperties(unittest.TestCase):
    def test_any_bytes_give_an_object_of_allowed_fields_or_a_refusal(self) -> None:
        source = random.Random(20251)
        for _ in range(ROUNDS):
            names = source.sample(["a", "b", "c", "admin"], source.randint(0, 4))
            body = json.dumps({name: source.random() for name in names}).encode("utf-8")
            cut = source.randint(0, len(body)) if source.random() < 0.5 else len(body)
            noise = bytes(source.randrange(256) for _ in range(source.randint(0, 3)))
            sent = body[:cut] + (noise if source.random() < 0.3 else b"")
            try:
                self.assertLessEqual(set(json_object(sent, frozenset("abc"))), set("abc"))
            except ApiError as error:
                self.assertEqual(error.status, 400)


if __name__ == "__main__":
    unittest.main()
