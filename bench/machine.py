"""What a result stands on: the machine, the hour, the binary."""

import os
import platform
import re
import resource
import shlex
import subprocess
import sys
import time
from pathlib import Path


SPARE_FILES = 64  # a process has open beside its agents' sockets


def too_many(agents):
    """Why this machine cannot have so many in one process; empty when it can."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = agents + SPARE_FILES
    return f"needs {needed} open files, {limit} are allowed here" if needed > limit else ""


def _field(path, key):
    for line in Path(path).read_text().splitlines():
        if line.startswith(key):
            return line.partition(":")[2].strip()
    return "unknown"


def load_average():
    return " ".join(f"{x:.2f}" for x in os.getloadavg())


def compiler_of(binary):
    """As the compiler signed it (.comment); clang's programs hold GCC's signature, too."""
    data = Path(binary).read_bytes()
    for pattern in (rb"[\w ]*clang version [\d.]+", rb"GCC: \([^)\0]+\) [\d.]+"):
        found = re.search(pattern, data)
        if found:
            return found.group().decode(errors="replace").strip()
    return "unknown"


def _said_by(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def describe(binary, command):
    root = Path(__file__).resolve().parents[1]
    commit = _said_by("git", "-C", root, "describe", "--always", "--dirty", "--exclude", "*")
    memory = int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1e6
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "command": command,
        "machine": f"{os.cpu_count()} x {_field('/proc/cpuinfo', 'model name')}, {memory:.1f} GB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load average": load_average(),
        "binary": _said_by(binary, "version") or "unknown",
        "compiler": compiler_of(binary),
        "commit": commit or "unknown",
    }


def command_line():
    """What a reader would type: without what run.sh adds."""
    words = sys.argv[1:]
    if "--binary" in words:
        at = words.index("--binary")
        del words[at:at + 2]
    return shlex.join(["./run.sh", "bench", *words])
