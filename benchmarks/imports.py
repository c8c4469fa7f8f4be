"""What importing costs: cold processes in turn, the minimum of each kept, shown as ratios.

Run: python benchmarks/imports.py [rounds]
"""

from __future__ import annotations

import subprocess
import sys
import time

CASES = {
    "from pydantic import BaseModel": "from pydantic import BaseModel",
    "import backend_engineer": "import backend_engineer",
    "from backend_engineer import parse_reply": "from backend_engineer import parse_reply",
    "from backend_engineer import check": "from backend_engineer import check",
    "from backend_engineer import gather": "from backend_engineer import gather",
    "from backend_engineer import render": "from backend_engineer import render",
}
UNWANTED = ("httpx", "jinja2", "jsonschema")
BAR = 1.5


def seconds(code: str) -> float:
    """Wall time of one cold process that runs this line; the start of the interpreter alone is taken off."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    return time.perf_counter() - started


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    best = dict.fromkeys(CASES, float("inf"))
    empty = float("inf")
    for _ in range(rounds):
        empty = min(empty, seconds("pass"))
        for name, code in CASES.items():
            best[name] = min(best[name], seconds(code))
    reference = best["from pydantic import BaseModel"]
    print(
        f"empty process {empty * 1000:.0f} ms; minimum of {rounds} cold processes each, empty process included"
    )
    for name, value in best.items():
        print(f"{name:45} {value * 1000:7.0f} ms   {value / reference:5.2f} x pydantic")
    ratio = best["from backend_engineer import parse_reply"] / reference
    probe = f"import sys; from backend_engineer import parse_reply; print(*[n for n in {UNWANTED!r} if n in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", probe], check=True, capture_output=True, text=True
    ).stdout.split()
    print(f"parse_reply at most {BAR} x pydantic: {'pass' if ratio <= BAR else 'MISS'} ({ratio:.2f})")
    print(
        f"parse_reply pulls in none of {', '.join(UNWANTED)}: {'pass' if not loaded else 'MISS ' + str(loaded)}"
    )
    return 0 if ratio <= BAR and not loaded else 1


if __name__ == "__main__":
    raise SystemExit(main())
