#!/usr/bin/env python3
"""Runs a fuzzer for FUZZ_SECONDS (10): fuzz.py PROGRAM CORPUS. What it finds to crash stays."""

import os
import subprocess
import sys
import tempfile

program, corpus = sys.argv[1:]
with tempfile.TemporaryDirectory() as fresh:  # new inputs go there, the corpus is only read
    sys.exit(subprocess.run(
        [program, f"-max_total_time={os.environ.get('FUZZ_SECONDS', '10')}", "-max_len=8192", "-timeout=5",
         "-rss_limit_mb=1024", "-print_final_stats=1", f"-artifact_prefix={os.path.dirname(program)}/",
         fresh, corpus]).returncode)
