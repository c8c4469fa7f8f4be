"""Measure the reply parser against its targets and against other parsers on the same text.

Run:  python benchmarks/parsing.py            (all of it, some minutes)
      python benchmarks/parsing.py --quick    (without 10 MB, without 100 MB)
Needs markdown-it-py, mistune and gpt-engineer for the comparisons; one that is not installed is said to
be missing, and what depends on it is "not measured", never passed. Everything runs in one process, the
contestants take turns, and the least CPU time of all rounds counts, so that a busy machine does not
decide. Replies are made of Python's own library source, so that lines and words are those of real code.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from backend_engineer.parsing import ReplyParser, parse_reply

KILO, MEGA = 1_000, 1_000_000
CHUNK = 16
_MODULES = (
    "argparse.py", "asyncio/base_events.py", "email/message.py", "http/client.py", "http/server.py", "json/encoder.py",
    "logging/__init__.py", "socketserver.py", "unittest/case.py", "urllib/request.py",
)  # fmt: skip
_PROSE = (
    "This service keeps its side effects behind the port that was defined above, so the unit tests can run without a "
    "database. The cursor is opaque to the caller: it holds the last key of the page, signed, and nothing else.\n"
)


class Target(NamedTuple):
    """One line of the table: what, the figure, how it reads, the bar, the stretch goal, and which way is good."""

    name: str
    value: float | None
    unit: str
    bar: float
    stretch: float | None
    at_most: bool

    def verdict(self, goal: float | None) -> str:
        """`pass` or `miss` against the bar or the stretch goal; `-` without one."""
        if goal is None:
            return "-"
        if self.value is None:
            return "not measured"
        return "pass" if (self.value <= goal if self.at_most else self.value >= goal) else "miss"


# -- texts ------------------------------------------------------------------------------------


def _library_lines() -> list[str]:
    root = Path(json.__file__).parent.parent
    text = "\n".join((root / name).read_text("utf-8") for name in _MODULES)
    return [
        line for line in text.split("\n") if "```" not in line and "file:" not in line and "~~~" not in line
    ]


def contract_reply(size: int, *, prose: bool = True) -> str:
    """A reply in contract mode of about `size` characters: files of 40 to 160 lines, a quarter of it prose."""
    lines, rng = _library_lines(), random.Random(1)
    parts = ["- Read the specification\n- Plan the change\n- Write it\n\n"]
    total, number = len(parts[0]), 0
    while total < size:
        count = rng.randint(40, 160)
        start = rng.randrange(len(lines) - count)
        body = "\n".join(lines[start : start + count])
        number += 1
        talk = _PROSE * max(1, len(body) // (3 * len(_PROSE))) if prose else ""
        part = (
            f"## Services/Use-Cases\n\n{talk}\n```python\n# file: src/services/area{number % 40}/service_{number}.py\n"
            f"{body}\n```\nValidation: compiles, and its unit tests pass.\n\n"
        )
        parts.append(part)
        total += len(part)
    return "".join(parts)


HOSTILE: dict[str, Callable[[int], str]] = {
    "backticks": lambda size: "`" * size,
    "openers": lambda size: "```a\n" * (size // 5),
    "one line": lambda size: "x" * size,
    "headers": lambda size: "```\n" + "".join(f"// file: src/m{i:06d}.ts\n" for i in range(size // 24)),
    "list prefixes": lambda size: ("- " * 2000 + "x\n") * max(1, size // 4002),
}
MORE_HOSTILE: dict[str, Callable[[int], str]] = {
    "bare fences in Markdown": lambda size: "```md\n// file: d.md\n" + "x\n```\n" * (size // 6),
    "cut JSON strings": lambda size: '```json\n{"plan": {"a": "\n```\n' * (size // 28),
}


# -- clock ------------------------------------------------------------------------------------


def least(contestants: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least CPU seconds of each contestant; they take turns, and the collector rests meanwhile."""
    best = dict.fromkeys(contestants, math.inf)
    for _ in range(rounds):
        for name, call in contestants.items():
            gc.collect()
            gc.disable()
            begin = time.thread_time()
            call()
            best[name] = min(best[name], time.thread_time() - begin)
            gc.enable()
    return best


def chunks(text: str, size: int = CHUNK) -> list[str]:
    """The text in pieces of a fixed size."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def stream(pieces: list[str], names: str = "header") -> None:
    """Feed the pieces one by one, every line of content an event."""
    parser = ReplyParser(names=names)  # type: ignore[arg-type]
    feed = parser.feed
    for piece in pieces:
        feed(piece)
    parser.close()


def exponent(points: list[tuple[int, float]]) -> float:
    """The slope of the least squares line through the points on a doubly logarithmic scale."""
    xs = [math.log(size) for size, _ in points]
    ys = [math.log(max(seconds, 1e-9)) for _, seconds in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    over = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return over / sum((x - mean_x) ** 2 for x in xs)


# -- contestants ------------------------------------------------------------------------------


def others() -> dict[str, Callable[[str], object]]:
    """The parsers to compare with, as far as they are installed."""
    found: dict[str, Callable[[str], object]] = {}
    try:
        from gpt_engineer.core.chat_to_files import chat_to_files_dict

        found["gpt-engineer"] = chat_to_files_dict
    except ImportError:
        print("missing: gpt-engineer (pip install gpt-engineer==0.3.1)")
    try:
        from markdown_it import MarkdownIt

        parse = MarkdownIt("commonmark").parse
        found["markdown-it-py"] = lambda text: parse(text)
    except ImportError:
        print("missing: markdown-it-py")
    try:
        import mistune

        reader: Any = mistune.create_markdown(renderer=None)
        found["mistune"] = reader
    except ImportError:
        print("missing: mistune")
    return found


def splitlines_loop(text: str) -> int:
    """The least that a line-based parser does."""
    return sum(1 for line in text.splitlines() if line.startswith("```"))


# -- measurements -----------------------------------------------------------------------------


def whole_text(size: int, rounds: int, slow: dict[str, Callable[[str], object]]) -> list[Target]:
    """Throughput on a whole text as ratios."""
    text = contract_reply(size)
    label = f"{size // MEGA} MB"
    best = least(
        {
            "count": lambda: text.count("\n"),
            "ours": lambda: parse_reply(text),
            "any names": lambda: parse_reply(text, names="any"),
            "splitlines": lambda: splitlines_loop(text),
        }
        | ({"gpt-engineer": lambda: slow["gpt-engineer"](text)} if "gpt-engineer" in slow else {}),
        rounds,
    )
    for name in ("markdown-it-py", "mistune"):
        if name in slow and size <= MEGA:
            best |= least({name: lambda name=name: slow[name](text)}, 2)  # type: ignore[misc]
    print(f"\nwhole text, {label}, {len(parse_reply(text).files)} files:")
    for name, seconds in sorted(best.items(), key=lambda item: item[1]):
        print(f"  {name:16} {seconds * 1e3:9.2f} ms   {best['count'] / seconds:8.4f} x count")
    ours = best["ours"]
    ratio = {name: seconds / ours for name, seconds in best.items()}
    targets = [
        Target(f"whole text {label}, x str.count", best["count"] / ours, "x", 0.10, 0.25, at_most=False),
        Target(f"whole text {label}, x gpt-engineer", ratio.get("gpt-engineer"), "x", 4, 9, at_most=False),
    ]
    if size <= MEGA:
        targets += [
            Target("x markdown-it-py", ratio.get("markdown-it-py"), "x", 15, 50, at_most=False),
            Target("x mistune", ratio.get("mistune"), "x", 2.5, 6, at_most=False),
        ]
    return targets


def streaming(slow: dict[str, Callable[[str], object]]) -> list[Target]:
    """200 KB in 16-character chunks, growth, one long line, and one emoji."""
    text = contract_reply(200 * KILO)[: 200 * KILO]
    pieces = chunks(text)
    emoji = chunks(text[:KILO] + "😀" + text[KILO:])
    line = ["```\n// file: a\n", *chunks("x" * MEGA)]
    best = least(
        {
            "contract": lambda: stream(pieces),
            "any names": lambda: stream(pieces, "any"),
            "one emoji": lambda: stream(emoji),
            "one line of 1 MB": lambda: stream(line),
        },
        9,
    )
    print("\nstreaming, 16 characters a feed:")
    for name, seconds in best.items():
        print(f"  {name:18} {seconds * 1e3:8.2f} ms")
    seconds = best["contract"]
    again = _reparse_seconds(text, slow.get("markdown-it-py"))
    points = []
    for size in (50 * KILO, 200 * KILO, 800 * KILO, 2 * MEGA):
        part = chunks(contract_reply(size)[:size])
        points.append((size, least({"s": lambda part=part: stream(part)}, 3)["s"]))  # type: ignore[misc]
    return [
        Target("200 KB in 16-character chunks", seconds * 1e3, "ms", 20, 5, at_most=True),
        Target("a feed", seconds / len(pieces) * 1e6, "us", 1.5, None, at_most=True),
        Target(
            "x markdown-it-py parsing again (sampled)",
            again and again / seconds,
            "x",
            1000,
            None,
            at_most=False,
        ),
        Target("growth of streaming, 50 KB to 2 MB", exponent(points), "exponent", 1.15, 1.05, at_most=True),
        Target(
            "one line of 1 MB in 16-character chunks",
            best["one line of 1 MB"] * 1e3,
            "ms",
            40,
            10,
            at_most=True,
        ),
    ]


def _reparse_seconds(text: str, parse: Callable[[str], object] | None) -> float | None:
    """What parsing the buffer anew at every feed costs, from twelve samples over its growth."""
    if parse is None:
        return None
    samples = [text[: len(text) * step // 12] for step in range(1, 13)]
    spent = sum(least({"p": lambda sample=sample: parse(sample)}, 1)["p"] for sample in samples)  # type: ignore[misc]
    return spent / len(samples) * (len(text) / CHUNK)


def hostile() -> list[Target]:
    """Families of texts that make careless parsers slow: time at 128 KB, and growth."""
    targets = []
    sizes = (128 * 1024, 512 * 1024, 1024 * 1024)
    for names in ("header", "any"):
        worst, steepest = (0.0, ""), (-1.0, "")
        for family, make in (HOSTILE | MORE_HOSTILE).items():
            for way in ("whole", "streamed"):
                points = []
                for size in sizes:
                    text = make(size)
                    pieces = [text] if way == "whole" else chunks(text, 256)
                    call = lambda pieces=pieces, names=names: stream(pieces, names)  # noqa: E731
                    points.append((size, least({"s": call}, 3)["s"]))
                took = points[0][1] * 1e3
                print(f"  {names:7} {family:24} {way:9} {took:8.2f} ms at 128 KB")
                if family in HOSTILE:
                    worst = max(worst, (took, f"{family}, {way}"))
                # Below a millisecond the clock and the constant part decide, not the text.
                if points[-1][1] > 1e-3:
                    steepest = max(steepest, (exponent(points), f"{family}, {way}"))
        print(f"\nhostile families, names={names!r}: slowest at 128 KB {worst[1]}, steepest {steepest[1]}")
        targets += [
            Target(f"hostile families at 128 KB ({names})", worst[0], "ms", 60, 5, at_most=True),
            Target(f"hostile families, growth ({names})", steepest[0], "exponent", 1.1, None, at_most=True),
        ]
    return targets


def _endless(total: int) -> Iterator[str]:
    part = contract_reply(MEGA)
    given = number = 0
    while given < total:
        text = part.replace("src/services/", f"src/n{number}/")
        number += 1
        for piece in chunks(text, 4096):
            given += len(piece)
            yield piece


def memory(total: int) -> list[Target]:
    """What streaming `total` characters adds to the process, events thrown away as they come."""
    stream(chunks(contract_reply(MEGA), 4096))
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parser, count = ReplyParser(), 0
    for piece in _endless(total):
        count += len(parser.feed(piece))
    parser.close()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    tracemalloc.start()
    parser = ReplyParser()
    for piece in _endless(total // 10):
        parser.feed(piece)
    peak = tracemalloc.get_traced_memory()[1] / MEGA
    tracemalloc.stop()
    print(f"\nmemory: {count} events of {total // MEGA} MB; traced peak over a tenth of it {peak:.1f} MB")
    return [
        Target(f"memory above the start, {total // MEGA} MB streamed", grown, "MB", 64, None, at_most=True)
    ]


def show(targets: list[Target]) -> bool:
    """Print the table; whether every bar was met."""
    print(f"\n{'target':46} {'figure':>12} {'bar':>10}  {'bar met':12} {'stretch':>9}  stretch met")
    for target in targets:
        figure = "-" if target.value is None else f"{target.value:.3g} {target.unit[:3]}"
        sign = "<=" if target.at_most else ">="
        goal = "-" if target.stretch is None else f"{sign} {target.stretch:g}"
        print(
            f"{target.name:46} {figure:>12} {sign + ' ' + format(target.bar, 'g'):>10}  "
            f"{target.verdict(target.bar):12} {goal:>9}  {target.verdict(target.stretch)}"
        )
    return all(target.verdict(target.bar) == "pass" for target in targets)


def main() -> int:
    """Measure, print, and exit with 1 when a bar was missed or not measured."""
    options = argparse.ArgumentParser(description="Measure the reply parser against its targets.")
    options.add_argument("--quick", action="store_true", help="leave out 10 MB and 100 MB")
    quick = options.parse_args().quick
    slow = others()
    # Memory first: the peak of the process only ever grows.
    targets = [] if quick else memory(100 * MEGA)
    targets = whole_text(MEGA, 15, slow) + ([] if quick else whole_text(10 * MEGA, 3, slow)) + targets
    targets += streaming(slow)
    targets += hostile()
    return 0 if show(targets) else 1


if __name__ == "__main__":
    sys.exit(main())
