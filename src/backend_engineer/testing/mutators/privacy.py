"""Mutators of secrets and personal data; every value is made up when it is needed.

Owns: made-up credentials and personal values.
Must never know: how the rules find them.
"""

from __future__ import annotations

import random
import string

from backend_engineer.contract import Section
from backend_engineer.testing.builders import Built
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]

_LETTERS = string.ascii_letters + string.digits


def _made_up(chance: random.Random, length: int, alphabet: str = _LETTERS) -> str:
    return "".join(chance.choice(alphabet) for _ in range(length))


def _secret(built: Built, chance: random.Random) -> Built:
    value = chance.choice(
        (
            "ghp_" + _made_up(chance, 36),
            "glpat-" + _made_up(chance, 20),
            "AKIA" + _made_up(chance, 16, "ABCDEFGHJKLMNPQRSTUVWXYZ234567"),
            "npm_" + _made_up(chance, 36),
        )
    )
    return built.append(built.file(Section.CONTROLLERS).path, f'\n\nTOKEN = "{value}"\n')


def _scanned(built: Built, chance: random.Random) -> Built:
    value = "-".join(_made_up(chance, size, "0123456789abcdef") for size in (8, 4, 4, 4, 12))
    return built.add(Section.SERVICES, "src/services/deploy.py", f"HEROKU = '{value}'\n")


def _undeclared(built: Built, chance: random.Random) -> Built:
    up = built.change.files[0]
    column = chance.choice(("birth_date", "passport_number", "tax_id", "ip_address"))
    return built.edit(
        up.path, "\n-- VERIFY", f"ALTER TABLE {built.theme.many} ADD COLUMN {column} TEXT;\n\n-- VERIFY"
    )


def _real_address(built: Built, chance: random.Random) -> Built:
    name = _made_up(chance, 7, string.ascii_lowercase)
    return built.append(
        built.file(Section.TESTS).path,
        f'\n\nADDRESS = "{name}.{name[:3]}@{chance.choice(("gmx", "web", "posteo"))}.de"\n',
    )


def _logged(built: Built, chance: random.Random) -> Built:
    level = chance.choice(("info", "warning", "error", "debug"))
    text = f'\n\ndef note(row):\n    logger.{level}("seen %s", row.{built.theme.personal})\n'
    return built.append(built.file(Section.CONTROLLERS).path, text)


MUTATORS: tuple[Mutator, ...] = (
    Mutator("credential in a file", "SEC401", _secret),
    Mutator("credential that only the scanner knows", "SEC402", _scanned),
    Mutator("personal data that is not declared", "PII403", _undeclared),
    Mutator("mail address of a person", "PII404", _real_address),
    Mutator("personal data in a log", "PII405", _logged),
)
