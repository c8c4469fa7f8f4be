"""Write what is generated from the code: schemas/, docs/contract.md, docs/rules.md (a test holds them against it)."""

from __future__ import annotations

import sys
from pathlib import Path

from backend_engineer.reporting.pages import generated_files

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    changed = 0
    for name, text in generated_files().items():
        target = ROOT / name
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"written: {name}\n")
        changed += 1
    sys.stdout.write(f"{changed} file(s) changed\n")


if __name__ == "__main__":
    main()
