#!/usr/bin/env python3
"""What the program costs, beside what it must cost: `./run.sh bench`. README.md says how to read it.

Every figure comes from a run made here and now. A run that fails ends the suite with its reason and
exit code 1; a figure is never made up.
"""

import argparse
import json
import signal
import sys
from pathlib import Path

from chart import scaling_curve
from machine import command_line, describe, load_average
from parts import DEFAULT_PARTS, PARTS, PLANS
from programs import Failed, Programs
from results import compare, table_head, table_rows


def arguments():
    p = argparse.ArgumentParser(prog="run.sh bench", description=__doc__.splitlines()[0])
    p.add_argument("--binary", required=True, help=argparse.SUPPRESS)  # of run.sh
    size = p.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="plan", action="store_const", const="quick",
                      help="one short run of fewer rows: some minutes")
    size.add_argument("--smoke", dest="plan", action="store_const", const="smoke",
                      help="does every row still run? says nothing about speed")
    p.add_argument("--only", action="append", choices=list(PARTS), metavar="PART",
                   help=f"{', '.join(PARTS)}; repeatable")
    p.add_argument("--json", metavar="FILE", help="write the figures there, too")
    p.add_argument("--svg", metavar="FILE", help="draw CPU a message over the size of the fleet")
    p.add_argument("--compare", metavar="FILE", help="set the figures beside those of an earlier --json FILE")
    p.set_defaults(plan="full")
    o = p.parse_args()
    o.only = o.only or list(DEFAULT_PARTS)
    if o.svg and "fleet" not in o.only:
        p.error("--svg draws what the part `fleet` measures")
    return o


def earlier_result(path):
    """Read first: a file that is no result would be noticed after half an hour."""
    try:
        found = json.loads(Path(path).read_text())
    except (OSError, ValueError) as e:
        raise Failed(f"--compare: {path}: {e}") from None
    if not isinstance(found, dict) or found.get("schema") != 1:
        raise Failed(f"--compare: {path} was not written by --json")
    return found


def measure(o, result):
    """Fills `result` and prints the table as it grows."""
    with Programs(o.binary, Path(o.binary).resolve().parents[2] / "bench") as programs:
        for part in o.only:
            for c in PARTS[part](programs, PLANS[o.plan]):
                result["cases"].append(c)
                print("\n".join(table_rows(c)), flush=True)


def publish(o, result, earlier):
    m = result["machine"]
    if o.json:
        Path(o.json).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if o.svg:
        picture = scaling_curve(result["cases"], f"{m['machine']}, {m['date']}")
        if picture is None:
            raise Failed("--svg: no row of the curve could be measured here")
        Path(o.svg).write_text(picture)
    if earlier:
        print("\ncompared with " + o.compare)
        print("\n".join(compare(earlier, result)))


def main():
    o = arguments()
    # As an exception, so that the programs under way are ended.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("bench: terminated"))
    try:
        earlier = earlier_result(o.compare) if o.compare else None
        result = {"schema": 1, "plan": o.plan, "machine": describe(o.binary, command_line()), "cases": []}
        for key, value in result["machine"].items():
            print(f"{key:<13} {value}")
        print(f"\n{table_head()}", flush=True)
        failure = None
        try:
            measure(o, result)
        except Failed as e:
            failure = e  # what has been measured until then is not thrown away
        result["machine"]["load average"] += f", at the end {load_average()}"
        print(f"\nload average at the end {load_average()}")
        publish(o, result, earlier)
        if failure:
            raise failure
    except (Failed, OSError) as e:
        sys.exit(f"bench: {e}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")


if __name__ == "__main__":
    main()
