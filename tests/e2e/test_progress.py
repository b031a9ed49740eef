"""The progress display as a terminal shows it: its width, its pace, resized, at rest; and in a pipe."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time

import harness
from harness import Case, environment, eventually, main
from screen import Screen

PLAIN = re.compile(r"run \d+s/12s, ETA \d+s, \d+/3 connected, 0 errors, .* metrics, .*/s, .*B/s, \d+ missed.*")


class Terminal:
    """A run whose stderr is a terminal, shown by screens of both kinds."""

    def __init__(self, *arguments, columns=80, rows=24, **env):
        self.screens = [Screen(columns, rows, reflows) for reflows in (True, False)]
        self.raw, self.failure = "", None
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        self._tell_size(columns, rows)
        clean = {k: v for k, v in environment().items() if k != "NO_COLOR"}
        self.began = time.monotonic()
        self.popen = subprocess.Popen(
            [harness.binary, "run", "--embedded", "--mode", "realtime", *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=slave, env={**clean, "TERM": "xterm-256color", **env})
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _tell_size(self, columns, rows):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self):
        with contextlib.suppress(OSError):  # the end of a terminal
            while chunk := os.read(self._master, 65536):
                text = chunk.decode()
                with self._lock:
                    self.raw += text
                    try:
                        for screen in self.screens:
                            screen.feed(text)
                    except AssertionError as error:
                        self.failure = self.failure or error

    def resize(self, columns, rows):
        with self._lock:
            self._tell_size(columns, rows)
            for screen in self.screens:
                screen.resize(columns, rows)

    def drawings(self):
        with self._lock:
            return self.screens[0].drawings

    def wait_for_drawings(self, more):
        """A drawing that was begun before may be under way: one more is waited for."""
        wanted = self.drawings() + more + 1
        eventually(lambda: self.drawings() >= wanted or self.popen.poll() is not None, 60, "drawings")

    def wait(self):
        code = self.popen.wait(120)
        self._reader.join(10)
        os.close(self._master)
        if self.failure:
            raise self.failure
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        harness.end(self.popen)


class Progress(Case):
    def assert_at_rest(self, text, *phases):
        """Nothing but the finished phases, each once, in order, below what was logged."""
        text = text[text.index("register "):]
        self.assertEqual([line.split()[0] for line in text.splitlines()], list(phases), text)
        for line in text.splitlines():
            self.assertRegex(line, r" 100% .* in \S+s$", text)

    def test_a_terminal_that_is_resized(self):
        with Terminal("--count", "5", "--interval", "100ms") as run:
            eventually(lambda: "connected" in run.raw, 60, "figures")
            run.wait_for_drawings(1)
            self.assertEqual([s.overflows for s in run.screens], [0, 0])
            for columns, rows in ((60, 24), (200, 50), (40, 30), (100, 5), (61, 24), (80, 24)):
                run.resize(columns, rows)
                run.wait_for_drawings(1)
                with run._lock:
                    for s in run.screens:
                        shown = s.text()
                        self.assertEqual(shown.count("register "), 1 if rows > 5 else 0, shown)
                        self.assertEqual(shown.count("connected"), 1, shown)
                        self.assertEqual(shown.count("metrics"), 1, shown)
                        self.assertLess(max(map(len, shown.splitlines())), columns, shown)
                    overflows = run.screens[0].overflows  # of a drawing that met the new size
                run.wait_for_drawings(1)
                self.assertEqual(run.screens[0].overflows, overflows, "a line wider than the terminal")
            run.popen.terminate()
            self.assertEqual(run.wait(), 0, run.raw[-2000:])
        seconds = time.monotonic() - run.began
        self.assertLessEqual(run.drawings(), 4 * seconds + 2, "4 a second, and one for the log line")
        self.assertGreater(run.drawings(), 3)
        for screen in run.screens:
            self.assert_at_rest(screen.text(), "register", "ramp", "run", "drain")
            self.assertGreater(screen.colors, 0)
            self.assertTrue(screen.wraps)
            self.assertEqual((screen.row, screen.column), (len(screen.text().splitlines()), 0))
            self.assertNotIn("connected", screen.text())

    def test_log_lines_stand_above_it_and_a_second_signal_leaves_it_in_order(self):
        with Terminal("--count", "3", "--no-color") as run:
            eventually(lambda: "until Ctrl-C" in run.raw and "metrics" in run.raw, 60, "the run")
            run.popen.terminate()
            eventually(lambda: "stopping" in run.raw, 60, "the log line")
            run.popen.terminate()
            self.assertIn(run.wait(), (130, 0))
        for screen in run.screens:
            lines = screen.text().splitlines()
            above = [i for i, line in enumerate(lines) if "stopping: what is under way" in line]
            first = next(i for i, line in enumerate(lines) if line.startswith("register "))
            self.assertEqual(len(above), 1, screen.text())
            self.assertLess(above[0], first, screen.text())
            self.assertEqual(sum(line.startswith("register ") for line in lines), 1, screen.text())
            self.assertEqual(screen.colors, 0)
            self.assertTrue(screen.wraps)

    def test_elsewhere_a_plain_line_comes_every_ten_seconds(self):
        common = ["--count", "3", "--duration", "12s"]
        pipe = self.start("run", "--embedded", "--mode", "realtime", *common)
        logged = self.start("run", "--embedded", "--mode", "realtime", "--log-format", "json", *common)
        with Terminal(*common, TERM="dumb") as dumb, \
             Terminal("--count", "3", "--duration", "1s", "-q") as quiet, \
             Terminal("--count", "3", "--duration", "1s", NO_COLOR="1") as colorless:
            for terminal in (quiet, colorless, dumb):
                self.assertEqual(terminal.wait(), 0, terminal.raw)
        for process in (pipe, logged):
            process.wait()
            self.assert_exit(process, 0)
        self.assertEqual(quiet.raw, "")
        self.assertEqual(colorless.screens[0].colors, 0)
        self.assert_at_rest(colorless.screens[0].text(), "register", "ramp", "run", "drain")
        for text in (pipe.err, dumb.raw):
            self.assertNotIn("\x1b", text)
            lines = text.splitlines()
            self.assertEqual(len(lines), 1, text)
            self.assertRegex(lines[0], PLAIN)
        said = [harness.json.loads(line) for line in logged.err.splitlines()]
        self.assertEqual(len(said), 1, logged.err)
        self.assertRegex(said[0]["message"], PLAIN)


if __name__ == "__main__":
    main()
