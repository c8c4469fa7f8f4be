"""How often the rules about replies, plans, patches, suppressions and runs are right, on material of others.

Run:
    python benchmarks/accuracy_replies.py patches REPOSITORY COUNT       PAT001 on the patches of real commits
    python benchmarks/accuracy_replies.py commits REPOSITORY COUNT PATTERN [PATH ...]   plans, sections, blocks: real
                commits as replies; PATTERN tells the project's migrations, PATH asks for commits that touch it, too
    python benchmarks/accuracy_replies.py schema REPOSITORY COUNT PATTERN [PATH ...]    SHP004 where there is no plan
    python benchmarks/accuracy_replies.py findings REPOSITORY FOLDER [BACK [MOST]]      FND002, FND003: other tools' findings
    python benchmarks/accuracy_replies.py titles REPOSITORY COUNT        FND002: commit subjects as titles of findings
    python benchmarks/accuracy_replies.py suppressions REPOSITORY [MOST]        SUP001, SUP002: comments of other tools
    python benchmarks/accuracy_replies.py sessions COUNT [FOLDER]        ASK001, ASK002, SLF001, REP001, HND001: whole
                runs; FOLDER holds the replies that model_replies.py wrote
    python benchmarks/accuracy_replies.py commands REPOSITORY COUNT FOLDER      EXE001: commands, really run
    python benchmarks/accuracy_replies.py migrations REPOSITORY FOLDER          EXE002, EXE003: scripts, really run
    python benchmarks/accuracy_replies.py attestations REPOSITORY COUNT         ATT001: quotes of real files
    python benchmarks/accuracy_replies.py traceability FOLDER [MOST]            TRC001: real OpenAPI documents
    python benchmarks/accuracy_replies.py inputs FOLDER                         INP001: documents taken away
    python benchmarks/accuracy_replies.py answers FOLDER                        the rules about form: foreign answers
    python benchmarks/accuracy_replies.py model FOLDER                          the same: replies of model_replies.py

Options: --show N samples of each rule (10 unless set), drawn with a fixed seed; --codes A,B shows every kind of hit
of these rules, and not only the false and the missed. The exit code is 1 when a rule breaks down or misses its share
(1 % false for blocker, critical and major, 5 % for minor), 2 for a wrong call.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from reply_accuracy.answers import answers, model
from reply_accuracy.claims import attestations, inputs, traceability
from reply_accuracy.commits import commits, schema
from reply_accuracy.findings import findings, titles
from reply_accuracy.patches import patches
from reply_accuracy.runs import commands, migrations
from reply_accuracy.sessions import sessions
from reply_accuracy.suppressions import suppressions
from reply_accuracy.tally import Tally

MATERIAL: dict[str, Callable[..., None]] = {
    "answers": answers,
    "attestations": attestations,
    "commands": commands,
    "commits": commits,
    "findings": findings,
    "inputs": inputs,
    "migrations": migrations,
    "model": model,
    "patches": patches,
    "schema": schema,
    "sessions": sessions,
    "suppressions": suppressions,
    "titles": titles,
    "traceability": traceability,
}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("material", choices=sorted(MATERIAL))
    asked.add_argument("arguments", nargs="+")
    asked.add_argument("--show", type=int, default=10)
    asked.add_argument("--codes", default="")
    given = asked.parse_args()
    tally = Tally(given.show)
    MATERIAL[given.material](tally, *given.arguments)
    return tally.told(code for code in given.codes.split(",") if code)


if __name__ == "__main__":
    raise SystemExit(main())
