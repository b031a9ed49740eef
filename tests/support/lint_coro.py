#!/usr/bin/env python3
"""Fails when a co_await does not stand alone in its statement.

g++ 12 miscompiles about a third of the other forms (crash, double free). Accepted:

    co_await f(x);            auto r = co_await f(x);      r = co_await f(x);
    co_return co_await f(x);  (void)co_await f(x);         for (auto x : co_await f(y))

and nothing with a brace, `?:`, `&&`, `||`, a comparison or a second co_await in the same statement.
Reads text, not syntax: `bare()` has taken comments and literals away.
"""

import re
import sys

from source import ROOT, bare, files, line_of, report

_OPEN, _CLOSE = "([{", ")]}"
_CONTROL = re.compile(r"\s*(?:else\b|do\b|case\b(?:[^:?]|::)*:(?!:)|default\s*:|(?:if|while|for|switch)\b\s*(?:constexpr\b\s*)?(?=\())")
_TARGET = re.compile(  # `auto x =`, `const auto& [a, b] =`, `type<a, b> x =`, `x->y[i] =`, `*x =`
    r"^[\w:<>,&*\s.\[\]]*?(?:->[\w.\[\]]+)*\s*[^=!<>+\-*/%&|^?\s]\s*=$")


def _skip_parens(text, position):
    depth = 0
    for i in range(position, len(text)):
        if text[i] in _OPEN:
            depth += 1
        elif text[i] in _CLOSE:
            depth -= 1
            if depth == 0:
                return i + 1
    return len(text)


def _head(code, start):
    """Text between the beginning of the statement and `start`, and the bracket it stands in."""
    depth = 0
    for i in range(start - 1, -1, -1):
        c = code[i]
        if c in ")]":
            depth += 1
        elif c in "([":
            if depth == 0:
                return code[i + 1:start], code[:i].rstrip()[-32:], c
            depth -= 1
        elif depth == 0 and c in ";{}":
            return code[i + 1:start], "", c
    return code[:start], "", ""


def _tail(code, start):
    """Text from `start` to the end of the statement, and what ends it."""
    depth = 0
    for i in range(start, len(code)):
        c = code[i]
        if c in _OPEN:
            depth += 1
        elif c in _CLOSE:
            if depth == 0:
                return code[start:i], c
            depth -= 1
        elif c == ";" and depth == 0:
            return code[start:i], c
    return code[start:], ""


def _without_control(head):
    """`if (x) else co_await` -> `co_await`: the statement proper."""
    while match := _CONTROL.match(head):
        end = match.end()
        head = head[_skip_parens(head, end):] if head[end:end + 1] == "(" else head[end:]
    return re.sub(r"^\s*\[\[[^\]]*\]\]", "", head).strip()


def _at_depth_zero(text):
    out, depth = [], 0
    for c in text:
        if c in _OPEN:
            depth += 1
        if depth == 0:
            out.append(c)
        if c in _CLOSE:
            depth -= 1
    return "".join(out)


def complaint_about(code, position):
    """Why the co_await at `position` of bare code is refused, or None."""
    head, before, bracket = _head(code, position)
    tail, end = _tail(code, position + len("co_await"))
    in_range_for = bracket == "(" and re.search(r"\bfor$", before) and re.search(r"[^:]:\s*$", head)

    if "co_await" in tail:
        return "two in one statement"
    if "{" in tail:
        return "a brace or a lambda in its statement; name the object first"
    if re.search(r"[?]|&&|\|\||[=!]=", _at_depth_zero(tail)):
        return "part of an expression; await into a name first"
    if in_range_for:
        return None if end == ")" else "part of an expression; await into a name first"
    if bracket in ("(", "["):
        condition = re.search(r"\b(?:if|while|switch|for)(?:\s+constexpr)?$", before)
        return "in a condition; await into a name first" if condition \
            else "inside another expression; await into a name first"
    if end != ";":
        return "inside braces; await into a name first"
    head = _without_control(head)
    if head in ("", "co_return", "(void)", "(void) ") or _TARGET.match(head):
        return None
    return "not the whole right-hand side; await into a name first"


def check(path, text):
    code = bare(text)
    for match in re.finditer(r"\bco_await\b", code):
        why = complaint_about(code, match.start())
        if why:
            yield f"{path}:{line_of(code, match.start())}: co_await: {why}"


def main():
    complaints = []
    for path in files(ROOT, "src", "tests", "bench", suffixes={".hpp", ".cpp"}):
        complaints += check(path.relative_to(ROOT), path.read_text())
    return report(complaints)


if __name__ == "__main__":
    sys.exit(main())
