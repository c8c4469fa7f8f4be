"""Build the wheel and use it as a stranger would: in an environment of its own, with the source tree out of reach.

Shows three things: the core dependencies suffice for the main parts, the command line works, and the extra `all`
installs from wheels alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SMOKE = r'''
import importlib.metadata, importlib.resources, json, pathlib, sys
import backend_engineer as be

source = pathlib.Path(be.__file__).resolve()
assert "site-packages" in source.parts, source
assert (source.parent / "py.typed").is_file()
assert len(be.__all__) <= 50
for name in be.__all__:
    assert getattr(be, name) is not None, name

schemas = importlib.resources.files("backend_engineer") / "schemas"
names = sorted(item.name for item in schemas.iterdir())
assert "findings.v1.schema.json" in names, names
json.loads((schemas / "findings.v1.schema.json").read_text(encoding="utf-8"))

FENCE = "`" * 3
text = f"""- one
- two
- three

## Migrations

{FENCE}sql
-- file: db/migrations/0001_x.up.sql
CREATE TABLE t (id INTEGER PRIMARY KEY);
{FENCE}
Validation: the table is new.
"""
reply = be.parse_reply(text)
assert [file.path for file in reply.files] == ["db/migrations/0001_x.up.sql"], reply.files
report = be.check(reply)
assert report.clauses["CONS-02"] == "held", report.clauses["CONS-02"]
assert not report.ok
metadata = importlib.metadata.metadata("backend-engineer")
core = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
assert sorted(line.split(">")[0].split("<")[0].strip() for line in core) == ["httpx", "jinja2", "jsonschema", "pydantic"], core
print("imported, parsed and checked from", source.parent.name)
'''


def run(*argv: str, cwd: Path, expect: int = 0, text: str | None = None) -> str:
    """Run a command without this checkout on its path; stop with its output when it ends otherwise."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(argv, cwd=cwd, env=environment, input=text, capture_output=True, text=True)
    if done.returncode != expect:
        sys.exit(
            f"{' '.join(argv)} ended with {done.returncode}, not {expect}:\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wheel-smoke-") as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT), cwd=folder)
        (wheel,) = folder.glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        stray = [item for item in names if not item.startswith(("backend_engineer/", "backend_engineer-"))]
        plugin = [item for item in stray if item != "pytest_backend_engineer.py"]
        assert not plugin, plugin
        print(f"{wheel.name}: {wheel.stat().st_size / 1024:.0f} KB, {len(names)} files")

        run(sys.executable, "-m", "venv", str(folder / "env"), cwd=folder)
        python = str(folder / "env" / "bin" / "python")
        pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
        run(*pip, "--only-binary", ":all:", str(wheel), cwd=folder)
        print(run(python, "-I", "-c", SMOKE, cwd=folder).strip())

        command = str(folder / "env" / "bin" / "backend-engineer")
        assert "usage" in run(command, "--help", cwd=folder).lower()
        assert "CONS-02" in run(command, "clauses", cwd=folder)
        run(command, "parse", "absent.md", cwd=folder, expect=2)
        run(python, "-I", "-m", "backend_engineer", "schema", "findings", cwd=folder)
        print("the command line works")

        run(*pip, "--only-binary", ":all:", f"{wheel}[all]", cwd=folder)
        print("the extra `all` installs from wheels alone")


if __name__ == "__main__":
    main()
