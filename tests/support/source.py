"""What the lints share: the files of the tree, and C++ text without comments and literals."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_NOT_CODE = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",  # a digit before it: 5'000 is a number
    re.DOTALL)


def bare(text):
    """C++ without comments, strings and characters; line numbers and columns stay."""
    def blank(match):
        found = match.group()
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        kept = found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
        return re.sub(r"[A-Za-z]", "_", kept)
    return _NOT_CODE.sub(blank, text)


def files(root, *folders, suffixes):
    """Sorted, so that a lint says the same on every machine."""
    found = (p for folder in folders for p in (root / folder).rglob("*") if p.suffix in suffixes)
    return sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def report(complaints):
    """Prints them; what a lint's main() returns."""
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0
