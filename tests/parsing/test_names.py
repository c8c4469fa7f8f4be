"""The conventions by which replies to other prompts name their files."""

from __future__ import annotations

import pytest

from backend_engineer.parsing import parse_reply
from backend_engineer.parsing.filewords import is_file_path
from backend_engineer.parsing.names import comment_path, info_path, name_before

F3 = "```"


@pytest.mark.parametrize(
    ("info", "path"),
    [("tsx:app.tsx", "app.tsx"), ("markdown name=README.md", "README.md"), ('ts title="src/a.ts"', "src/a.ts"), ("py file=a/b.py", "a/b.py"),
     ("src/a.ts", "src/a.ts"), ("js src/a.js", "src/a.js"), ("12:40:src/a.ts", "src/a.ts"), ("ts", None), ("c++", None), ("ts {1,3}", None)],
)  # fmt: skip
def test_info_strings_name_paths(info: str, path: str | None) -> None:
    assert info_path(info) == path


@pytest.mark.parametrize(
    ("line", "path"),
    [("// src/a.ts", "src/a.ts"), ("## game.py", "game.py"), ("<!-- index.html -->", "index.html"), ("/* src/s.css */", "src/s.css"),
     ("# app.py - main", "app.py"), ("// src/app.ts (new)", "src/app.ts"), ("# df.head", None), ("# requests.get()", None), ("# see main.py", None),
     ("// src/a.ts: the types", "src/a.ts"), ("# app.py: error on line 3", None), ("-- Migration: db/1_x.sql", "db/1_x.sql"),
     ("# ===== app/a.py =====", "app/a.py"), ("//---- src/b.ts ----", "src/b.ts"), ("-- db/x.sql", "db/x.sql"), ("// a sentence about a.ts", None), ("--- a/x.ts", None)],
)  # fmt: skip
def test_comments_on_the_first_line_name_paths(line: str, path: str | None) -> None:
    found = comment_path(line)
    assert (found[0] if found else None) == path


@pytest.mark.parametrize(
    ("lines", "path"),
    [(["**composer.json**"], "composer.json"), (["### 1. `package.json`", ""], "package.json"), (["2) src/app/store.ts  "], "src/app/store.ts"),
     (["2. SHARED TYPES (src/types.ts)", "─────"], "src/types.ts"), (["### 7. `README.md` (Project Documentation)"], "README.md"),
     (["   **src/App.tsx:**"], "src/App.tsx"), (["main.py\r", "\r"], "main.py"), (["File: `src/x.py`"], "src/x.py"), (["## Code: game.py"], "game.py"),
     (["Create or update `vite.config.ts`:"], "vite.config.ts"), (["Here is the complete `package.json`:"], "package.json"),
     (["### Step 2: Create `src/x.ts`"], "src/x.ts"), (["### src/x.ts", "", "It holds the types.", ""], "src/x.ts"),
     (["**src/\\_\\_tests\\_\\_/a.tsx:**"], "src/__tests__/a.tsx"), (["### Test File: tests/a.js (Testing A)"], "tests/a.js"), (["`__init__.py`"], "__init__.py"),
     (["__src/a.ts__"], "src/a.ts"), (["=== src/a.ts ==="], "src/a.ts"), (["[src/a.ts]"], "src/a.ts"), (["**[NEW] `src/a.ts`**"], "src/a.ts"),
     (["<!-- src/a.ts -->"], "src/a.ts"), (["<b>src/a.ts</b>"], "src/a.ts"), (["文件：`src/a.ts`"], "src/a.ts"), (["Service layer - src/a.ts"], "src/a.ts"),
     (["Your `src/a.ts` should now look like this:"], "src/a.ts"), (["In file src/a.ts:"], "src/a.ts"), (["### Changes in src/a.ts"], "src/a.ts"),
     (["Here is how you would call `src/a.ts`:"], None), (["See `src/a.ts`:"], None), (["Output - main.py"], None), (["The code calls main.py:"], None),
     (["_src/a.ts_"], "src/a.ts"), (["Create a `tsconfig.json` file in the root folder."], "tsconfig.json"),
     (["* **Configure `tsconfig.json`:** Create a `tsconfig.json` file. It sets the compiler up."], "tsconfig.json"),
     (["Then, in `src/server.ts`, add:"], "src/server.ts"), (["Last, the migration goes in `db/a.sql`:"], "db/a.sql"),
     (["In `src/server.ts`, the router is slow:"], None), (["Create `a.ts` for one thing.", "- Update `b.ts`."], "b.ts"),
     (["- Create `a.ts`.", "- Update `b.ts`."], None), (["The build will update `a.js` for you."], None), (["Update `a.ts` and run it."], None),
     (["now run main.py"], None), (["Now run `main.py`:"], None), (["The `page.js` has deep nesting:"], None), (["See the docs (README.md)."], None),
     (["Node.js:"], None), (["It uses version 1.2.3:"], None), (["a.ts", "", "", "", "text"], None), ([], None)],
)  # fmt: skip
def test_lines_before_a_fence_name_paths_or_only_mention_them(lines: list[str], path: str | None) -> None:
    found = name_before(lines)
    assert (found[0] if found else None) == path


@pytest.mark.parametrize(
    ("word", "is_path"),
    [("a.ts", True), ("Dockerfile", True), (".env", True), ("src/.eslintrc.cjs", True), ("app/[id]/page.tsx", True), ("e.g", False), ("1.2.3", False),
     ("https://x.y/z.js", False), ("console.log", True), ("os.path", False), ("text/html", False), ("src/", False), ("foo()", False), ("Node.js", False)],
)  # fmt: skip
def test_words_are_told_to_be_paths(word: str, is_path: bool) -> None:
    assert is_file_path(word) is is_path


def _paths(text: str) -> list[str]:
    return [file.path for file in parse_reply(text, names="any").files]


def test_the_order_of_names_is_header_info_comment_line() -> None:
    block = "**d.ts**\n```ts:b.ts\n{}x\n```\n"
    assert _paths(block.format("// file: a.ts\n")) == ["a.ts"]
    assert _paths(block.format("// c.ts\n")) == ["b.ts"]
    assert _paths("**d.ts**\n```ts\n// c.ts\nx\n```\n") == ["c.ts"]


def test_names_that_disagree_are_told_of_and_a_longer_name_counts() -> None:
    reply = parse_reply("**d.ts**\n```ts\n// c.ts\n```\n", names="any")
    assert [item.code for item in reply.diagnostics] == ["names-disagree"]
    longer = parse_reply("web/src/c.ts\n```ts\n// src/c.ts\n```\n", names="any")
    assert (longer.files[0].path, longer.diagnostics) == ("web/src/c.ts", ())


def test_a_naming_comment_without_a_key_stays_in_the_content() -> None:
    (file,) = parse_reply("```ts\n// src/c.ts\nx\n```\n", names="any").files
    assert (file.content, file.start_line, file.end_line) == ("// src/c.ts\nx\n", 2, 3)


def test_a_shell_block_is_no_file_unless_it_is_a_script() -> None:
    assert _paths("**main.py**\n```bash\npython main.py\n```\n") == []
    assert _paths("**deploy.sh**\n```bash\nx\n```\n") == ["deploy.sh"]


def test_source_tags_stand_in_place_of_fences() -> None:
    (file,) = parse_reply("a.py\r\n<source>\r\nx\r\n```\r\n</source>\r\n", names="any").files
    assert (file.path, file.content) == ("a.py", "x\r\n```\r\n")


def test_path_comments_after_blank_lines_split_a_block() -> None:
    text = "```ts\n// src/a.ts\na\n\n\n// not a path\n\n// src/b.ts\nb\n```\n"
    files = parse_reply(text, names="any").files
    assert [(file.path, file.start_line, file.end_line) for file in files] == [
        ("src/a.ts", 2, 6),
        ("src/b.ts", 8, 9),
    ]


@pytest.mark.parametrize("tail", ["", "```\n"])
def test_a_reply_wrapped_in_a_markdown_fence_is_read(tail: str) -> None:
    assert _paths("```markdown\n# T\n\n**a.ts**\n```ts\na\n```\n\n**b.ts**\n```ts\nb\n```\n" + tail) == [
        "a.ts",
        "b.ts",
    ]


def test_fences_inside_a_list_item_are_read() -> None:
    text = "10. **`src/a.ts`:** types\n\n    ```ts\n    x\n      y\n    ```\n"
    (file,) = parse_reply(text, names="any").files
    assert (file.path, file.content) == ("src/a.ts", "x\n  y\n")
    assert parse_reply("text\n\n    ```ts:a.ts\n    x\n    ```\n", names="any").files == ()


def test_search_and_replace_edits_are_no_files() -> None:
    assert _paths("a.py\n```python\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n") == []


def test_a_forgotten_closer_is_seen_by_the_next_files_name() -> None:
    files = parse_reply("```ts:a.ts\na\n```ts:b.ts\nb\n```\n", names="any").files
    assert [(file.path, file.status) for file in files] == [("a.ts", "implicit"), ("b.ts", "complete")]


def test_in_header_mode_conventions_name_nothing() -> None:
    assert parse_reply("**a.ts**\n```ts:a.ts\n// a.ts\n```\n").files == ()


def test_a_source_tag_may_name_its_language_but_an_edit_in_it_is_no_file() -> None:
    assert _paths("src/a.py\n<source>python\nx = 1\n</source>\n") == ["src/a.py"]
    edit = "<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"
    assert _paths(f"src/a.py\n<source>python\n{edit}</source>\n") == []
    assert _paths(f"src/a.py\n<source>\n{edit}</source>\n") == []
