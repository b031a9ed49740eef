#!/usr/bin/env python3
"""The whole test programme: `./run.sh test`, and what .ci/run runs.

Stages go from cheap to dear and the first that fails ends the run. The last line counts tests over
all stages: `N passed, N failed`. A build that fails counts as one failed test.

Two full builds cover both compilers and all three sanitizers, and a third is what users run:

  gcc, ASan + UBSan      g++ 12 miscompiles some coroutines into double frees: ASan sees those
  clang, TSan            its runtime copes with a kernel's large address randomisation, GCC's does not
  release                only the program, as ./run.sh builds it
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from source import ROOT, files

FUZZ_SECONDS = 30  # for each of two
CLANG_FORMAT = "clang-format-19"

GCC = {"CXX": "g++"}
CLANG = {"CXX": "clang++-19"}
# A report is a failure. Leaks are looked for, except where the kernel forbids the tracing it takes.
RUNTIME = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Failed(Exception):
    """A stage failed; what it says has been printed."""


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def line(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def jobs():
    """One compile of a Beast source needs up to 2.2 GB."""
    memory = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines()
                  if line.startswith("MemAvailable"))
    return max(1, min(len(os.sched_getaffinity(0)), memory // 2_300_000))


def run(command, log, **environment):
    """Runs quietly; on failure shows the end of the log."""
    with open(log, "w") as out:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, env={**os.environ, **environment})
    if done.returncode:
        sys.stdout.write("".join(Path(log).read_text(errors="replace").splitlines(True)[-80:]))
        print(f"failed: {' '.join(map(str, command))}")
        raise Failed


class Build:
    """A meson build folder below build/."""

    def __init__(self, name, environment, *options):
        self.folder = ROOT / "build" / name
        self.environment = environment
        self.options = ["--buildtype=debug", "-Dwerror=true", *options]

    def log(self, name):
        self.folder.parent.mkdir(exist_ok=True)
        return self.folder.with_name(f"{self.folder.name}.{name}.log")

    def configure(self):
        if (self.folder / "build.ninja").exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        run(["meson", "setup", *self.options, self.folder], self.log("setup"), **self.environment)

    def compile(self, *targets):
        self.configure()
        run(["ninja", "-C", self.folder, "--quiet", "-k0", f"-j{jobs()}", *targets], self.log("ninja"))

    def test(self, count, *suites, needs=True):
        """Runs suites and counts; `needs`: a suite without a test is a failure, not a pass."""
        log = self.folder / "meson-logs" / "testlog.json"
        log.unlink(missing_ok=True)
        command = ["meson", "test", "-C", self.folder, "--no-rebuild", "--print-errorlogs",
                   f"--num-processes={len(os.sched_getaffinity(0))}"]
        for suite in suites:
            command += ["--suite", suite]
        with open(self.log("test"), "w") as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, env={**os.environ, **RUNTIME})
        results = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        bad = [r for r in results if r["result"] not in ("OK", "EXPECTEDFAIL", "SKIP")]
        count.skipped += sum(r["result"] == "SKIP" for r in results)
        count.failed += len(bad)
        count.passed += sum(r["result"] in ("OK", "EXPECTEDFAIL") for r in results)
        if bad or done.returncode or (needs and not results):
            sys.stdout.write(self.log("test").read_text(errors="replace")[-20_000:])
            count.failed += not bad  # meson itself failed, or there was nothing to run
            raise Failed


gcc = Build("test-gcc", GCC, "-Db_sanitize=address,undefined", "-Db_lundef=false")
# clang blames us for what libstdc++ 12's own stable_sort calls.
FOR_CLANG = ("-Db_lundef=false", "-Dcpp_args=-Wno-deprecated-declarations")
clang = Build("test-clang", CLANG, "-Db_sanitize=thread", *FOR_CLANG)
# The fuzzer is led by the branches taken in what it tests, so that is compiled for it too, and not too slow.
fuzz = Build("test-fuzz", CLANG, "-Db_sanitize=address,undefined", "-Doptimization=1", "-Db_lundef=false",
             "-Dcpp_args=-Wno-deprecated-declarations -fsanitize=fuzzer-no-link")


def counted_build(count, action, *arguments):
    try:
        action(*arguments)
    except Failed:
        count.failed += 1
        raise


def stage_format(count):
    """clang-format 19 leaves every source as it is."""
    sources = files(ROOT, "src", "tests", "bench", suffixes={".hpp", ".cpp"})
    counted_build(count, run, [CLANG_FORMAT, "--dry-run", "-Werror", *sources],
                  gcc.log("format"))
    count.passed += 1


def stage_lint(count):
    """What no compiler sees."""
    counted_build(count, gcc.configure)
    gcc.test(count, "lint")


def stage_gcc(count):
    """Everything with g++ under ASan and UBSan: units, headers, end to end."""
    counted_build(count, gcc.compile)
    gcc.test(count, "unit", "headers")
    gcc.test(count, "e2e")


def stage_clang(count):
    """Everything with clang under TSan; the tests that use threads, and the units as clang sees them."""
    counted_build(count, clang.compile)
    clang.test(count, "unit", "threads")


def stage_fuzz(count):
    """Random bytes against the decoders and the WebSocket framing."""
    if not (ROOT / "tests" / "fuzz").is_dir():
        print("  no tests/fuzz here")
        return
    counted_build(count, fuzz.compile, "fuzz")
    os.environ["FUZZ_SECONDS"] = str(FUZZ_SECONDS)
    fuzz.test(count, "fuzz")


def stage_release(count):
    """The program as users build it, end to end."""
    counted_build(count, run, ["./run.sh", "build"], gcc.log("release"))
    release = Build("release", {})
    release.test(count, "e2e")


def stage_bench(count):
    """Every benchmark compiles without a warning and runs; what it measures is not judged."""
    counted_build(count, gcc.compile, "bench/micro", "bench/floor", "bench/sink")
    counted_build(count, run, ["./run.sh", "bench", "--smoke"], gcc.log("bench"))
    count.passed += 1


STAGES = {name.removeprefix("stage_"): stage
          for name, stage in list(globals().items()) if name.startswith("stage_")}


def main():
    parser = argparse.ArgumentParser(
        prog="run.sh test", description="every check of the repository, the cheap ones first",
        epilog="stages: " + "; ".join(f"{n}: {s.__doc__}" for n, s in STAGES.items()))
    parser.add_argument("stage", nargs="*", help="only these stages, in the order of the programme")
    chosen = parser.parse_args().stage
    unknown = [name for name in chosen if name not in STAGES]
    if unknown:
        parser.error(f"no stage {' '.join(unknown)}; there are {' '.join(STAGES)}")

    count = Count()
    try:
        for name, stage in STAGES.items():
            if chosen and name not in chosen:
                continue
            print(f"== {name}: {stage.__doc__}", flush=True)
            began = time.monotonic()
            stage(count)
            print(f"   {time.monotonic() - began:.0f} s, {count.line()} so far", flush=True)
    except Failed:
        pass
    print(count.line())
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
