"""Injects faults into a running site under a steady load, and checks every response, log row and delivery.

Prints one line for each fault. Exit status: 0, 1 where a fault did more than expected.json allows, 2 when the test
could not be run.
"""

import argparse
import json
import os
import sys
import time

import injections
from load import Load
from server_fixture import Failure, ServerFixture
from site_fixture import HERE
from verdict import judge

SHORT_SECONDS = 1
# How long everything succeeds before a fault is over.
CALM_SECONDS = 1
RECOVERY_DEADLINE_SECONDS = 40
SETTLE_DEADLINE_SECONDS = 60


def main():
    options = parse()
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    faults = [
        fault for fault in injections.FAULTS
        if (fault.name in options.only if options.only else fault.is_short or not options.short)
    ]
    problems = 0
    for fault in faults:
        if not fault.is_possible:
            print(f"{fault.name:21} skipped: '{' '.join(fault.needs)}' is not allowed here", flush=True)
            continue
        verdict = run(options.products, fault, SHORT_SECONDS if options.short else fault.seconds)
        print(verdict.text(fault.name), flush=True)
        for problem in verdict.problems(expected[fault.name]):
            problems += 1
            print(f"    worse than expected: {problem}", flush=True)
    print(f"{problems} of the counts are worse than expected" if problems else "no count is worse than expected")
    return 1 if problems else 0


def parse():
    names = [fault.name for fault in injections.FAULTS]
    parser = argparse.ArgumentParser(prog="faults.sh", description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="only the faults that need no waiting")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    options = parser.parse_args()
    options.products = os.environ["HOOKLINE_PRODUCTS"]
    return options


def run(products, fault, seconds):
    """The verdict on one fault on a site of its own."""
    with ServerFixture() as fixture:
        site = injections.site(fixture, products, fault)
        load = Load(site.port)
        load.start()
        try:
            time.sleep(CALM_SECONDS)
            with fault.inject(site):
                time.sleep(seconds)
            healed = time.monotonic()
            wait_for_recovery(load, site.receiver, healed)
        finally:
            load.stop()
        unsettled = site.wait_until_settled(SETTLE_DEADLINE_SECONDS)
        return judge(
            load.sent(), site.receiver.delivered(), site.rows("request"), site.rows("error"), unsettled, healed)


def wait_for_recovery(load, receiver, healed):
    """Until everything has succeeded for a while and deliveries go on, or the deadline."""
    while time.monotonic() < healed + RECOVERY_DEADLINE_SECONDS:
        time.sleep(0.1)
        now = time.monotonic()
        if now < healed + CALM_SECONDS:
            continue
        recent = [request for request in load.sent() if request.end > now - CALM_SECONDS]
        sent = {request.number for request in recent if request.kind == "event"}
        if recent and all(request.is_good for request in recent) and any(
                number in sent for number, _ in receiver.delivered()):
            return


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"faults: {failure}", file=sys.stderr)
        sys.exit(2)
