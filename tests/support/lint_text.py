#!/usr/bin/env python3
"""Fails on what a reader or the layout forbids and no compiler sees.

Long files, trailing blanks, tabs, a missing last newline, a header without #pragma once, a
coroutine detached outside net/group, a source that does not include its own header first.
"""

import re
import sys

from source import ROOT, bare, files, line_of, report

CODE = {".hpp", ".cpp"}
TEXT = CODE | {".py", ".build", ".md", ".sql", ".json", ".wrap", ".sh", ".html", ".css", ".js"}
MAX_LINES = {"src": 400, "bench": 400, "tests": 500}
# Above the limit today; a number here may only fall, and its line goes when the file fits.
LONGER = {"src/proto/field.hpp": 413}


def check_text(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield f"{path}:{number}: blanks at the end of the line"
        if "\t" in line:
            yield f"{path}:{number}: a tab"
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"
    limit = LONGER.get(path.as_posix(), MAX_LINES.get(path.parts[0]))
    if path.suffix in CODE | {".py"} and limit and text.count("\n") > limit:
        yield f"{path}: {text.count(chr(10))} lines, more than {limit}"


def check_code(path, text):
    code = bare(text)
    if path.suffix == ".hpp" and not re.search(r"^#pragma once$", code, re.MULTILINE):
        yield f"{path}: no #pragma once"
    if path.parts[0] == "src" and path.parts[1:] not in {("net", "group.hpp"), ("net", "group.cpp")}:
        for match in re.finditer(r"\bdetached\b", code):
            yield f"{path}:{line_of(code, match.start())}: detached; spawn through net::group"


def check_own_header(path, text, header):
    """Its own header first: so the compiler has seen every such header stand alone."""
    first = re.search(r'^#include\s*[<"]([^>"]+)[>"]', text, re.MULTILINE)
    if not first or first.group(1) != header:
        yield f'{path}: the first #include is not "{header}"'


def check_tree(root):
    complaints = []
    for path in files(root, "src", "tests", "bench", "subprojects", suffixes=TEXT) + [root / "run.sh"]:
        name = path.relative_to(root)
        if name.parts[0] == "subprojects" and len(name.parts) > 2 and name.parts[1] != "packagefiles":
            continue  # a library that meson fetched
        text = path.read_text()
        complaints += check_text(name, text)
        if path.suffix in CODE:
            complaints += check_code(name, text)
        if name.parts[0] == "src" and path.suffix == ".cpp" and path.with_suffix(".hpp").exists():
            header = name.with_suffix(".hpp").relative_to("src").as_posix()
            complaints += check_own_header(name, text, header)
    return complaints


if __name__ == "__main__":
    sys.exit(report(check_tree(ROOT)))
