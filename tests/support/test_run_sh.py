#!/usr/bin/env python3
"""run.sh: each word, with stand-ins for everything it calls; no package is touched, nothing is built."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from source import ROOT

DEBIAN_PACKAGES = """
    g++ meson ninja-build pkg-config python3 libboost1.81-dev libfmt-dev libsimdjson-dev doctest-dev
    libcli11-dev libspdlog-dev libsqlite3-dev libssl-dev zlib1g-dev prometheus-cpp-dev
    libjs-chart.js clang-19 llvm-19 clang-format-19
    libclang-rt-19-dev libbenchmark-dev""".split()

STANDINS = {
    # `installed` names the packages; prints what dpkg-query's format in run.sh asks for.
    "dpkg-query": 'for p in "$@"; do grep -qxF -- "$p" "$BOX/installed" && echo "installed $p"; done; true',
    "apt-get": 'echo "apt-get $*" >>"$BOX/calls"; exit "${APT_EXIT:-0}"',
    "sudo": 'echo "sudo" >>"$BOX/calls"; exec "$@"',
    "id": 'echo "${FAKE_UID:-0}"',
    # Finds Google Benchmark when its arguments match $BENCHMARK_IF.
    "meson": 'echo "meson $*" >>"$BOX/calls"; mkdir -p "$BOX/tree/build/release"; '
             'touch "$BOX/tree/build/release/build.ninja"; [[ "$*" == ${BENCHMARK_IF-*} ]] && '
             'echo "build bench/micro: x" >"$BOX/tree/build/release/build.ninja"; true',
    "ninja": 'echo "ninja ${*:5}" >>"$BOX/calls"; [ -z "${NINJA_EXIT:-}" ] || { echo "x.cpp: oh dear"; exit 1; }; '
             'mkdir -p "$BOX/tree/build/release/src/app"; cp "$BOX/program" "$BOX/tree/build/release/src/app/vstats-sim"',
    # No Debian 12 unless the test says so: the real file is not asked.
    "grep": 'case "$*" in *os-release*) exit "${NOT_DEBIAN:-0}";; esac; exec /usr/bin/grep "$@"',
}


class RunSh(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.box = Path(folder.name)
        (self.box / "tree").mkdir()
        shutil.copy(ROOT / "run.sh", self.box / "tree")
        (self.box / "bin").mkdir()
        for name, text in STANDINS.items():
            self.script(self.box / "bin" / name, text)
        self.script(self.box / "program", 'printf "<%s>" "$@"; echo')
        self.installed(*DEBIAN_PACKAGES)

    @staticmethod
    def script(path, text):
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    def installed(self, *packages):
        (self.box / "installed").write_text("".join(p + "\n" for p in packages))

    def calls(self):
        path = self.box / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def run_sh(self, *words, **env):
        env = {"BOX": str(self.box), "PATH": f"{self.box / 'bin'}:/usr/bin:/bin", "HOME": str(self.box), **env}
        return subprocess.run([self.box / "tree" / "run.sh", *words], capture_output=True, text=True,
                              env=env, stdin=subprocess.DEVNULL, timeout=60)

    def test_what_each_word_runs(self):
        for words, expected in (
                ([], "<run>"),
                (["history"], "<run><--mode><history>"),
                (["realtime", "--count", "50"], "<run><--mode><realtime><--count><50>"),
                (["cleanup", "--yes"], "<cleanup><--yes>"),
                (["serve", "--token", "a b"], "<serve><--token><a b>"),
                (["--count", "5"], "<--count><5>"),
                (["run", "--help"], "<run><--help>"),
                (["demo", "--count", "9"], "<run><--embedded><--count><5000><--hours><0.1667><--duration><60s><--viewers><1><--verify><--count><9>")):
            with self.subTest(words):
                done = self.run_sh(*words)
                self.assertEqual((done.stdout, done.returncode), (expected + "\n", 0), done.stderr)

    def test_build_ends_with_the_path(self):
        done = self.run_sh("build")
        self.assertEqual(done.stdout.splitlines()[-1], f"{self.box}/tree/build/release/src/app/vstats-sim")

    def test_help_builds_nothing(self):
        done = self.run_sh("--help")
        self.assertIn("demo", done.stdout)
        self.assertEqual((done.returncode, self.calls()), (0, []))

    def test_nothing_missing_means_no_apt_and_one_configuration(self):
        for _ in range(2):
            self.assertEqual(self.run_sh("version").returncode, 0)
        self.assertEqual([c.split()[0] for c in self.calls()], ["meson", "ninja", "ninja"])

    def test_what_is_missing_is_named_and_installed(self):
        self.installed(*(p for p in DEBIAN_PACKAGES if p not in ("meson", "libfmt-dev")))
        done = self.run_sh("version")
        self.assertIn("missing Debian packages for the build: meson libfmt-dev", done.stderr)
        update, install = self.calls()[:2]
        self.assertEqual(update, "apt-get update")
        self.assertRegex(install, r"^apt-get install .*--no-remove meson libfmt-dev$")

    def test_sudo_when_not_root(self):
        self.installed(*(p for p in DEBIAN_PACKAGES if p != "meson"))
        self.run_sh("version", FAKE_UID="1000")
        self.assertEqual(self.calls()[:4:2], ["sudo", "sudo"])

    def test_without_sudo_the_command_is_said(self):
        (self.box / "bin" / "sudo").unlink()
        self.installed(*(p for p in DEBIAN_PACKAGES if p != "meson"))
        # A PATH of its own, in case this machine has a sudo.
        for tool in ("bash", "sed", "tr", "mkdir", "dirname", "env", "cat"):
            (self.box / "bin" / tool).symlink_to(shutil.which(tool))
        done = self.run_sh("version", FAKE_UID="1000", PATH=str(self.box / "bin"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"as root: apt-get update && apt-get install .* meson\n")
        self.assertEqual(self.calls(), [])

    def test_apt_fails(self):
        self.installed(*(p for p in DEBIAN_PACKAGES if p != "meson"))
        done = self.run_sh("version", APT_EXIT="100")
        self.assertEqual(done.returncode, 1)
        self.assertIn("by hand: apt-get update && apt-get install", done.stderr)

    def test_the_old_boost_headers_are_not_replaced_unasked(self):
        packages = [p for p in DEBIAN_PACKAGES if p != "libboost1.81-dev"]
        self.installed(*packages, "libboost1.74-dev")
        done = self.run_sh("version")
        self.assertEqual((done.returncode, self.calls()), (1, []))
        self.assertIn("apt-get install libboost1.81-dev libboost1.74-dev-", done.stderr)
        self.run_sh("version", CI="true")
        self.assertRegex(self.calls()[1], r"^apt-get install (?!.*--no-remove).*libboost1.81-dev$")

    def test_elsewhere_nothing_is_installed(self):
        self.installed()
        done = self.run_sh("version", NOT_DEBIAN="1")
        self.assertEqual(done.returncode, 0)
        self.assertIn("not Debian 12", done.stderr)
        self.assertFalse([c for c in self.calls() if c.startswith("apt-get")])

    def test_a_failing_build_shows_its_log(self):
        done = self.run_sh("version", NINJA_EXIT="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("x.cpp: oh dear", done.stderr)

    def bench(self, **env):
        (self.box / "tree" / "bench").mkdir()
        (self.box / "tree" / "bench" / "run.py").write_text("import sys; print(*sys.argv[1:])")
        return self.run_sh("bench", "--quick", **env)

    def test_bench_builds_its_programs_and_passes_options_on(self):
        done = self.bench()
        self.assertEqual(done.stdout, f"--binary {self.box}/tree/build/release/src/app/vstats-sim --quick\n", done.stderr)
        self.assertEqual([c.split()[0] for c in self.calls()], ["meson", "ninja"])
        self.assertEqual(self.calls()[-1], "ninja src/app/vstats-sim bench/micro bench/floor bench/sink")

    def test_only_bench_asks_for_its_package(self):
        self.installed(*(p for p in DEBIAN_PACKAGES if p != "libbenchmark-dev"))
        self.assertEqual(self.run_sh("version").returncode, 0)
        self.assertEqual(self.calls()[1:], ["ninja src/app/vstats-sim"])
        self.assertIn("missing Debian packages for the benchmarks: libbenchmark-dev", self.bench().stderr)

    def test_bench_configures_again_until_there_is_google_benchmark(self):
        self.assertEqual(self.bench(BENCHMARK_IF="*force_fallback*").returncode, 0)
        meson = [c for c in self.calls() if c.startswith("meson")]
        self.assertEqual(["reconfigure" in c for c in meson], [False, True, True])
        self.assertIn("-Dforce_fallback_for=benchmark", meson[-1])

    def test_bench_without_google_benchmark(self):
        done = self.bench(BENCHMARK_IF="never")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the search for Google Benchmark failed", done.stderr)

    def test_bench_without_a_bench(self):
        done = self.run_sh("bench")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no bench/run.py", done.stderr)


if __name__ == "__main__":
    unittest.main()
