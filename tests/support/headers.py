#!/usr/bin/env python3
"""Fails when a header does not compile on its own.

usage: headers.py COMPILER [ARGUMENT...]

A header with a .cpp beside it is covered by the build, because that .cpp includes it first
(lint_text.py); this compiles the others.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source import ROOT, files, report


def complaints_about(header, compiler):
    done = subprocess.run(
        [*compiler, "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'src'}", f"-I{ROOT / 'tests'}",
         "-x", "c++", "-include", str(header), "/dev/null"],
        capture_output=True, text=True, timeout=300)
    return [f"{header} does not stand alone:\n{done.stderr}"] if done.returncode else []


def self_test(compiler):
    """A header that lacks an include must be refused, else this script proves nothing."""
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder, "broken.hpp")
        broken.write_text("#pragma once\nstd::string name();\n")
        return [] if complaints_about(broken, compiler) else ["headers.py accepts a broken header"]


def main():
    compiler = sys.argv[1:]
    alone = [p for p in files(ROOT, "src", "tests", suffixes={".hpp"})
             if not p.with_suffix(".cpp").exists()]
    with ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0)))) as pool:
        found = pool.map(lambda header: complaints_about(header, compiler), alone)
    return report([c for complaints in found for c in complaints] + self_test(compiler))


if __name__ == "__main__":
    sys.exit(main())
