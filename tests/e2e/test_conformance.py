"""Conformance with vStats: the table of facts of protocol.md 1 to 7, one test each.

    test_conformance.py PATH-OF-VSTATS-SIM [--table] [--slow] [--only RE] [unittest options]
    test_conformance.py --url URL (--token T | --password P) [--db FILE] [--plain] [--mine] [--table] [--slow] [--only RE]

The first form starts `serve`, and `serve --quirks` for the facts that need it. The second takes any server
at work (vStats itself, say): it makes servers of a prefix of its own and deletes them again, and changes
the ping targets for a moment. --db reads the server's database file where a fact is not visible otherwise.
"""

import argparse
import re
import sys
import tempfile
import unittest
from pathlib import Path

import harness
from conformance import FACTS, Outcome, Run, Target

import conformance_transport  # noqa: F401  they fill FACTS, in the order of the imports
import conformance_decoding  # noqa: F401
import conformance_agent  # noqa: F401
import conformance_store  # noqa: F401
import conformance_history  # noqa: F401
import conformance_rest  # noqa: F401
import conformance_settings  # noqa: F401
import conformance_dashboard  # noqa: F401
from conformance_exceptions import BY_DESIGN

PASSWORD = "e2e-admin-password-77c0"
options = None


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--url")
    parser.add_argument("--token")
    parser.add_argument("--password")
    parser.add_argument("--db")
    parser.add_argument("--plain", action="store_true", help="the server has neither vStats's row limit nor its cache")
    parser.add_argument("--mine", action="store_true", help="the server is nobody else's: also change all its settings")
    parser.add_argument("--slow", action="store_true", help="also what takes half a minute")
    parser.add_argument("--table", action="store_true", help="print the table instead of running unittest")
    parser.add_argument("--only", default="", metavar="RE", help="facts whose section and sentence fit")
    parsed, rest = parser.parse_known_args(arguments)
    if bool(parsed.url) == bool(parsed.binary) or (parsed.url and not (parsed.token or parsed.password)):
        parser.error("either a program, or --url with --token or --password")
    return parsed, rest


def chosen():
    return [f for f in FACTS if re.search(options.only, f"{f.section} {f.sentence}", re.IGNORECASE)]


def expected(fact):
    """Why our own server differs in it, and the words of that difference; two empty texts if it may not."""
    return ("", "") if options.url else BY_DESIGN.get(fact.sentence, ("", ""))


def judged(fact, outcome):
    """The outcome of a fact in which our own server may differ: "known" if it does as expected."""
    why, words = expected(fact)
    if not why or outcome.word == "skipped":
        return outcome
    if outcome.word == "differs" and re.search(words, outcome.why, re.DOTALL):
        return Outcome("known", why)
    said = f"it differs otherwise than expected ({words}): {outcome.why}" if outcome.why else "it holds now"
    return Outcome("differs", said, f"{said}\n{outcome.trace}")


def check_all(facts):
    slow = ["slow"] if options.slow else []
    if options.url:
        kind = "plain" if options.plain else "quirks"
        target = Target(options.url.rstrip("/"), options.token, options.password, options.db,
                        [kind, *slow, *(["mine"] if options.mine else [])])
        try:
            return Run(facts, lambda _: target).outcomes
        finally:
            target.clean_up()
    return check_own(facts, slow)


def check_own(facts, slow):
    """Against servers of our own, which nobody has to clean up behind us."""
    outcomes = {}
    with tempfile.TemporaryDirectory(prefix="vstats-sim-e2e-") as folder:
        for kind, more in (("plain", []), ("quirks", ["--quirks"])):
            mine = [f for f in facts if ("quirks" in f.needs) == (kind == "quirks")]
            place = Path(folder) / kind
            place.mkdir()
            (place / "password").write_text(PASSWORD)
            try:
                server = harness.Server(place, "--password-file", place / "password", *more,
                                        token=None) if mine else None
            except AssertionError as error:
                outcomes.update((f.name, Outcome("differs", str(error), str(error))) for f in mine)
                continue
            if server is None:
                continue
            with server:
                target = Target(server.url, None, PASSWORD, server.db, [kind, "mine", *slow])
                outcomes.update(Run(mine, lambda _: target).outcomes)
                target.clean_up()
                if server.stop() != 0:
                    raise AssertionError(f"the server did not end well: {server.describe()}")
    return outcomes


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.outcomes = check_all(chosen())


def add_test(one):
    def test(self):
        outcome = judged(one, self.outcomes[one.name])
        if outcome.word == "skipped":
            self.skipTest(outcome.why)
        if outcome.word == "differs":
            self.fail(f"{one.section} {one.sentence}\n{outcome.trace}")
    test.__doc__ = f"{one.section} {one.sentence}"
    setattr(Conformance, one.name, test)


def print_table():
    facts = chosen()
    outcomes = check_all(facts)
    counts = {}
    for one in facts:
        outcome = judged(one, outcomes[one.name])
        counts[outcome.word] = counts.get(outcome.word, 0) + 1
        print(f"{outcome.word:8} {one.section:4} {one.sentence}")
        if outcome.word != "ok":
            print(f"{'':13} {' '.join(outcome.why.split())[:300]}")
    print(f"{len(facts)} facts: " + ", ".join(f"{n} {word}" for word, n in sorted(counts.items())))
    return 1 if counts.get("differs") else 0


def main():
    global options
    options, rest = parse(sys.argv[1:])
    if options.binary:
        harness.binary = str(Path(options.binary).resolve())
    names = [f.name for f in FACTS]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    stale = {*BY_DESIGN} - {f.sentence for f in FACTS}
    assert not stale, stale
    if options.table:
        sys.exit(print_table())
    for one in chosen():
        add_test(one)
    unittest.main(module="__main__", argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
