#!/usr/bin/env python3
"""Runs a fuzzer for FUZZ_SECONDS (10): fuzz.py PROGRAM SEEDS. What it finds to crash stays.

SEEDS is a folder, or a script that writes the seeds into the folder it is given.
"""

import os
import subprocess
import sys
import tempfile

program, seeds = sys.argv[1:]
with tempfile.TemporaryDirectory() as fresh:  # new inputs go there, a folder of seeds is only read
    folders = [fresh]
    if os.path.isdir(seeds):
        folders.append(seeds)
    else:
        subprocess.run([sys.executable, seeds, fresh], check=True)
    done = subprocess.run(
        [program, f"-max_total_time={os.environ.get('FUZZ_SECONDS', '10')}", "-max_len=8192", "-timeout=5",
         "-rss_limit_mb=1024", "-print_final_stats=1", f"-artifact_prefix={program}.",
         *folders])
sys.exit(1 if done.returncode else 0)  # its 77 for a find would be a skipped test to meson
