#!/usr/bin/env python3
"""bench/*.py: which points count, what a ratio is, when two results differ, what is said of a failure."""

import os
import sys
import unittest
import xml.dom.minidom
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from chart import _ticks, scaling_curve  # noqa: E402
from programs import Failed, Programs, Refused  # noqa: E402
from results import alternate, case, compare, number, skipped, table_rows, verdict  # noqa: E402
from steady import history_figures, realtime_figures, steady_points  # noqa: E402


def summary(seconds=10, **changes):
    """Of a run that registered and connected for a second each, then ran, then drained for three."""
    points = [{"t": t, "metrics_sent": 100, "cpu_pct": 2.0, "rss_bytes": 20_000_000 + t,
                   "send_lag_p99": 90.0 if t < 5 else float(t)}
              for t in range(1, 2 + seconds + 4)]
    return {
        "phases": [{"name": "register", "took_s": 1.0}, {"name": "ramp", "took_s": 1.0},
                   {"name": "run", "took_s": float(seconds)}, {"name": "drain", "took_s": 3.0}],
        "timeseries": points,
        "latency_ms": {"send_lag": {"p50": 2.5, "p99": 5.0, "p999": 8.0}},
        "messages": {"metrics": {"missed": 7},
                     "history": {"sent": 4, "bytes": 8_000_000, "buckets": 1000, "agents_done": 10}},
        "fleet": {"connected_peak": 300, "time_to_all_connected_s": 0.5},
        "process": {"cpu_user_s": 0.3, "cpu_system_s": 0.1, "rss_peak_bytes": 1_000_000},
        **changes,
    }


def spread(median, half=0.0, runs=3):
    return {"median": median, "min": median - half, "max": median + half, "runs": runs}


class Steady(unittest.TestCase):
    def test_ramp_settling_and_end_are_left_out(self):
        points = steady_points(summary(), settle=2)
        self.assertEqual([p["t"] for p, _ in points], [5, 6, 7, 8, 9, 10, 11])

    def test_a_run_without_a_steady_part_is_no_row(self):
        with self.assertRaisesRegex(Failed, "no steady part"):
            steady_points(summary(seconds=2), settle=2)
        silent = summary()
        for p in silent["timeseries"]:
            p["metrics_sent"] = 0
        with self.assertRaises(Failed):
            steady_points(silent, settle=2)

    def test_figures_of_a_run(self):
        f = realtime_figures(summary(), settle=2)
        self.assertAlmostEqual(f["CPU a message"], 200)
        self.assertAlmostEqual(f["messages"], 100)
        self.assertAlmostEqual(f["memory in all"], 20.000011)
        self.assertEqual((f["missed"], f["connects"], f["send lag p99.9"]), (7, 600, 8.0))
        self.assertEqual(f["steady lag p99"], 8)

    def test_figures_of_a_history(self):
        s = summary(phases=[{"name": "history", "took_s": 2.0}])
        f = history_figures(s, agents=10, targets=5)
        self.assertAlmostEqual(f["CPU an agent"], 40)
        self.assertAlmostEqual(f["bytes a CPU second"], 20)
        self.assertAlmostEqual(f["rows a CPU second"], 15)
        self.assertAlmostEqual(f["bytes end to end"], 4)
        with self.assertRaisesRegex(Failed, "10 of 11 agents"):
            history_figures(s, agents=11, targets=5)


class Results(unittest.TestCase):
    def test_jobs_take_turns(self):
        order = []
        done = alternate(2, {n: lambda n=n: order.append(n) or n for n in "ab"})
        self.assertEqual((order, done), (list("abab"), {"a": ["a", "a"], "b": ["b", "b"]}))

    def test_a_ratio_is_cost_over_cost_run_by_run(self):
        c = case("fleet", "x", [{"CPU a message": 30.0, "messages": 50.0}, {"CPU a message": 20.0, "messages": 50.0}],
                 [{"CPU a message": 10.0, "messages": 100.0}, {"CPU a message": 20.0, "messages": 200.0}])
        cpu, rate = c["figures"]["CPU a message"], c["figures"]["messages"]
        self.assertEqual((cpu["x floor"]["min"], cpu["x floor"]["max"]), (1.0, 3.0))
        self.assertEqual((rate["x floor"]["min"], rate["x floor"]["max"]), (2.0, 4.0))
        self.assertEqual((cpu["median"], cpu["floor"]["median"], cpu["runs"]), (25.0, 15.0, 2))

    def test_what_the_floor_does_not_have_has_no_ratio(self):
        c = case("fleet", "x", [{"missed": 0, "CPU a message": 1.0}], [{"CPU a message": 2.0}])
        self.assertNotIn("floor", c["figures"]["missed"])
        none = case("fleet", "x", [{"send lag p50": 0.0}], [{"send lag p50": 1.0}])
        self.assertNotIn("x floor", none["figures"]["send lag p50"])

    def test_rows(self):
        c = case("fleet", "5 agents", [{"CPU a message": 1234.4, "missed": 0}], [{"CPU a message": 1000.0}])
        first, second = table_rows(c)
        self.assertEqual(first.split(), "fleet: 5 agents CPU a message µs 1,234 1,234 1,234 1,000 1.23".split())
        self.assertEqual(second.split(), "missed samples 0 0 0".split())
        self.assertEqual(first.index("CPU"), second.index("missed"))
        self.assertIn("skipped: too many", table_rows(skipped("fleet", "y", "too many"))[0])

    def test_numbers(self):
        self.assertEqual([number(x) for x in (0, 0.01234, 1.234, 123.44, 12345.6)],
                         ["0", "0.012", "1.23", "123.4", "12,346"])


class Comparison(unittest.TestCase):
    def test_a_difference_must_exceed_both_spreads_together(self):
        for old, new, more_is_better, expected in (
                (spread(10, 1), spread(13.9, 1), False, "noise"),
                (spread(10, 1), spread(14.1, 1), False, "WORSE"),
                (spread(14.1, 1), spread(10, 1), False, "better"),
                (spread(10, 1), spread(14.1, 1), True, "better"),
                (spread(100), spread(104.9), False, "noise"),
                (spread(100), spread(105.1), False, "WORSE"),
                (spread(10, 1), spread(99, runs=2), False, "few runs"),
                (spread(0), spread(0), False, "noise"),
                (spread(0), spread(5), False, "WORSE")):
            with self.subTest(old=old, new=new):
                self.assertEqual(verdict(old, new, more_is_better)[0], expected)

    @staticmethod
    def result(cpu, machine="A"):
        runs = [{"CPU a message": cpu + d} for d in (-0.1, 0.0, 0.1)]
        return {"machine": {"machine": machine, "date": "D", "commit": "C", "load average": "1"},
                "cases": [case("fleet", "x", runs, [{"CPU a message": 5.0}] * 3), skipped("fleet", "y", "z")]}

    def test_lines(self):
        text = "\n".join(compare(self.result(10.0, "A"), self.result(20.0, "B")))
        self.assertIn("other machine: A before, B now", text)
        self.assertRegex(text, r"fleet: x +CPU a message +10\.00 +20\.00 +2\.00 +5%  WORSE\n")
        self.assertRegex(text, r"CPU a message / floor +2\.00 +4\.00 +2\.00 +5%  WORSE$")

    def test_nothing_in_common(self):
        other = self.result(1.0)
        other["cases"][0]["name"] = "another"
        self.assertIn("no figure in common", compare(self.result(1.0), other)[-1])


class Chart(unittest.TestCase):
    def test_ticks_are_round_and_reach_the_top(self):
        for most, expected in ((7, [0, 1, 2, 3, 4, 5, 6, 7]), (42.6, [0, 10, 20, 30, 40, 50]), (0.7, None)):
            ticks = _ticks(most)
            self.assertGreaterEqual(ticks[-1], most)
            self.assertLessEqual(len(ticks), 9)
            if expected:
                self.assertEqual(ticks, expected)

    def test_every_value_is_drawn_in_the_order_of_sizes(self):
        cases = [{"agents": n, "figures": {"CPU a message": {**spread(cpu, 1), "floor": spread(floor, 1)}}}
                 for n, cpu, floor in ((5000, 20.4, 10.2), (1000, 40.6, 15.8))]
        picture = scaling_curve([skipped("fleet", "z", "w"), *cases], "a <machine>")
        texts = [t.firstChild.data for t in xml.dom.minidom.parseString(picture).getElementsByTagName("text")]
        for wanted in ("20.4", "10.2", "40.6", "15.8", "1,000", "5,000", "agents", "simulator", "a <machine>"):
            self.assertIn(wanted, texts)
        self.assertLess(texts.index("40.6"), texts.index("20.4"))

    def test_no_curve(self):
        self.assertIsNone(scaling_curve([skipped("fleet", "z", "w")], ""))


class Failures(unittest.TestCase):
    def setUp(self):
        self.programs = Programs(sys.executable, "/nowhere")
        self.programs.__enter__()
        self.addCleanup(self.programs.__exit__)

    def python(self, text):
        return self.programs.run(10, sys.executable, "-c", text)

    def test_what_a_program_says_is_kept(self):
        self.assertEqual(self.python("print(1)"), "1\n")
        with self.assertRaisesRegex(Failed, "ended with 3.*\n.*oh dear"):
            self.python("import sys; print('oh dear', file=sys.stderr); sys.exit(3)")

    def test_an_option_that_is_refused_is_told_apart(self):
        with self.assertRaises(Refused):
            self.python("import sys; sys.exit(2)")
        with self.assertRaises(Failed) as other:
            self.python("import sys; sys.exit(1)")
        self.assertNotIsInstance(other.exception, Refused)

    def test_a_program_that_is_not_there(self):
        with self.assertRaisesRegex(Failed, "cannot be run"):
            self.programs.run(10, "/nowhere/floor")

    def test_a_server_that_does_not_start_or_does_not_last(self):
        with self.assertRaisesRegex(Failed, "did not start: no port"):
            with self.programs._listening(sys.executable, "-c", "import sys; sys.exit('no port')"):
                pass
        with self.assertRaisesRegex(Failed, "ended with 5 under load"):
            with self.programs._listening(sys.executable, "-c", "print('listening on http://x', flush=True); exit(5)"):
                os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)  # until it has gone


if __name__ == "__main__":
    unittest.main()
