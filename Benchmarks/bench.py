"""Measures Hookline beside its peers; see docs/performance.md for what the rows mean."""

import argparse
import os
import signal
import sys
from dataclasses import dataclass

import build
import cgi_program
import dead_letters
import memory
import outage
import report
from answers import AnswerBench
from bench_fixture import BenchFixture
from delivery import DeliveryBench
from growth import GrowthBench
from postgresql import PostgreSQLBench
from reads import ReadBench
from relay import RelayBench
from responders import FOLDER, Programs
from server_fixture import Failure, ServerFixture

SECTIONS = (
    "reads", "answers", "memory", "cgi", "growth", "dead-letters", "outage", "postgresql", "deliveries", "relay",
    "build")


@dataclass(frozen=True)
class Plan:
    """How much is measured. `side_*` are the rows at 1 and 64 clients and of the smallest answers.

    `deliveries` are counts of the worker, of Celery and of the bare loop.
    """

    rounds: int = 4
    seconds: int = 3
    side_rounds: int = 3
    side_seconds: int = 2
    growth_rounds: int = 3
    growth_seconds: int = 2
    app_counts: tuple[int, ...] = (1, 100, 10_000)
    memory_requests: int = 200_000
    attack_seconds: int = 10
    cgi_runs: int = 500
    delivery_rounds: int = 3
    deliveries: tuple[int, int, int] = (20_000, 1500, 50_000)
    relay_seconds: int = 30
    builds: bool = False


NORMAL = Plan()
QUICK = Plan(
    rounds=2, seconds=1, side_rounds=1, side_seconds=1, growth_rounds=1, growth_seconds=1, memory_requests=20_000,
    attack_seconds=4, cgi_runs=100, delivery_rounds=2, deliveries=(4000, 400, 20_000),
    relay_seconds=10)
LONG = Plan(app_counts=(1, 100, 10_000, 100_000), memory_requests=1_000_000, builds=True)


def plan():
    chosen = [
        value for name, value in (("BENCH_QUICK", QUICK), ("BENCH_LONG", LONG))
        if os.environ.get(name, "0") not in ("", "0")
    ]
    if len(chosen) > 1:
        raise Failure("BENCH_QUICK and BENCH_LONG exclude each other")
    return chosen[0] if chosen else NORMAL


def measure_all(fixture, programs, root, plan, sections):
    """The groups of rows of the chosen sections."""
    print("bench: the table is printed when all is measured", file=sys.stderr)
    bench = BenchFixture(fixture, programs)
    reads = ReadBench(bench.loader, bench.front.address, bench.responders)
    groups = []
    if "reads" in sections:
        groups += reads.all_events(plan) + reads.one_event(plan)
    if "answers" in sections:
        groups += AnswerBench(bench.loader, bench.front.address, bench.responders, FOLDER).groups(plan)
    if "memory" in sections:
        if "reads" in sections:
            groups.append(memory.rows_after_load(bench.responders))
        long = memory.MemoryBench(fixture, bench.starter, bench.redis, bench.directory, FOLDER)
        groups.append(long.rows(plan.memory_requests))
        bodies = memory.BodyBench(fixture, programs, bench.starter, bench.redis)
        groups.append(bodies.rows(plan.attack_seconds))
    if "cgi" in sections:
        groups.append(cgi_program.rows(fixture, programs, bench.redis, bench.directory, plan.cgi_runs))
    if "growth" in sections:
        groups.append(GrowthBench(fixture, bench.starter, FOLDER, plan.app_counts).rows(plan))
    if "dead-letters" in sections:
        groups.append(dead_letters.rows(fixture, bench.starter))
    if "outage" in sections:
        groups.append(outage.rows(fixture, bench.starter, bench.directory))
    if "postgresql" in sections:
        both = PostgreSQLBench(fixture, bench.starter, bench.redis, bench.directory)
        groups.append(both.rows(plan))
    if "deliveries" in sections:
        groups.append(DeliveryBench(fixture, programs, bench.redis, plan.deliveries).rows(plan.delivery_rounds))
    if "relay" in sections:
        groups.append(RelayBench(fixture, programs, bench.starter).rows(plan))
    if "build" in sections and plan.builds:
        groups.append(build.rows(fixture, root))
    return groups


def main():
    parser = argparse.ArgumentParser(prog="bench.sh", description=__doc__)
    parser.add_argument("--programs", required=True, help="folder of the four programs")
    parser.add_argument("--peers", required=True, help="folder of the compiled peers")
    parser.add_argument("--python", required=True, help="the Python that has the packages of the Python peers")
    parser.add_argument("--root", required=True, help="folder of the sources, for the row about building")
    parser.add_argument("--json", required=True, help="file to write the rows to")
    parser.add_argument(
        "--only", metavar="SECTION", action="append", choices=SECTIONS,
        help=f"measures only these rows: {', '.join(SECTIONS)}")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    programs = Programs(arguments.programs, arguments.peers, arguments.python)
    try:
        chosen = plan()
        if "build" in (arguments.only or ()) and not chosen.builds:
            raise Failure("the section build needs BENCH_LONG=1")
        with ServerFixture() as fixture:
            groups = measure_all(fixture, programs, arguments.root, chosen, arguments.only or SECTIONS)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    report.print_table(groups)
    report.write_json(groups, arguments.json)
    missed = [row.name for group in groups for row in group if row.is_required and row.verdict == "miss"]
    for name in missed:
        print(f"bench: the required target is missed: {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
