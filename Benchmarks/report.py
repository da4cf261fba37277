"""The table of ratios: its rows, how they are printed, and the file of them."""

import json
import statistics
from dataclasses import dataclass

HEADINGS = ("row", "peer", "hookline", "peer value", "unit", "ratio", "rounds", "target", "")
RIGHT_ALIGNED = (2, 3, 5)


@dataclass
class Row:
    """One line of the table. `limit` is what the ratio must reach, or stay under when `is_maximum`.

    The benchmark fails if a row that `is_required` misses it.

    A row without values was not measured; then `reason` says why. Otherwise `reason` is what a miss comes from.
    """

    name: str
    peer: str
    hookline: float | None
    peer_value: float | None
    unit: str
    limit: float | None = None
    is_maximum: bool = False
    round_ratios: tuple[float, ...] = ()
    reason: str = ""
    is_required: bool = False

    @property
    def is_measured(self):
        return self.hookline is not None

    @property
    def ratio(self):
        return self.hookline / self.peer_value if self.is_measured else None

    @property
    def verdict(self):
        if not self.is_measured:
            return "not measured"
        if self.limit is None:
            return ""
        return "pass" if self._meets(self.ratio) else "miss"

    @property
    def target(self):
        if self.limit is None:
            return ""
        return ("<= " if self.is_maximum else ">= ") + f"{self.limit:g}"

    @property
    def spread(self):
        return f"{min(self.round_ratios):.2f}-{max(self.round_ratios):.2f}" if self.round_ratios else ""

    @property
    def is_within_noise(self):
        """Whether some rounds met the target and others did not."""
        return self.limit is not None and len({self._meets(ratio) for ratio in self.round_ratios}) == 2

    def _meets(self, ratio):
        return ratio <= self.limit if self.is_maximum else ratio >= self.limit

    def cells(self):
        values = [_number(self.hookline), _number(self.peer_value)] if self.is_measured else ["-", "-"]
        ratio = f"{self.ratio:.2f}" if self.is_measured else "-"
        return (self.name, self.peer, *values, self.unit, ratio, self.spread, self.target, self.verdict)

    def as_json(self):
        value = {
            "row": self.name, "peer": self.peer, "hookline": _rounded(self.hookline),
            "peer_value": _rounded(self.peer_value), "unit": self.unit, "ratio": _rounded(self.ratio),
        }
        if self.round_ratios:
            value |= {"lowest": _rounded(min(self.round_ratios)), "highest": _rounded(max(self.round_ratios))}
        if self.target:
            value |= {"target": self.target, "verdict": self.verdict}
        if self.reason and self.verdict in ("miss", "not measured"):
            value["reason"] = self.reason
        return value


def not_measured(name, peer, unit, reason, **target):
    return Row(name, peer, None, None, unit, reason=reason, **target)


def throughput_row(name, peer, ours, theirs, **target):
    """Requests per second of two responders that were loaded in turns."""
    values = [sum(r.answered for r in rounds) / sum(r.seconds for r in rounds) for rounds in (ours, theirs)]
    ratios = tuple(a.rate / b.rate for a, b in zip(ours, theirs, strict=False))
    return Row(name, peer, *values, "requests/s", round_ratios=ratios, **target)


def processor_row(name, peer, ours, theirs, **target):
    """Requests per processor second of two responders that were loaded in turns."""
    values = [sum(r.served for r in rounds) / sum(r.cpu_seconds for r in rounds) for rounds in (ours, theirs)]
    ratios = tuple(a.requests_per_cpu_second / b.requests_per_cpu_second for a, b in zip(ours, theirs, strict=False))
    return Row(name, peer, *values, "requests/CPU s", round_ratios=ratios, **target)


def latency_row(name, peer, ours, theirs, our_percentile, their_percentile, **target):
    """Medians, over the rounds, of a percentile of the time to answer; `*_percentile` is "p50" or "p99"."""
    columns = [
        [getattr(r, percentile) for r in rounds]
        for rounds, percentile in ((ours, our_percentile), (theirs, their_percentile))
    ]
    ratios = tuple(a / b for a, b in zip(*columns, strict=False))
    return Row(name, peer, *map(statistics.median, columns), "ms", round_ratios=ratios, **target)


def cost_row(name, peer, ours, theirs):
    """Processor microseconds a request, of one responder under two conditions."""
    values = [sum(r.cpu_seconds for r in rounds) / sum(r.served for r in rounds) * 1e6 for rounds in (ours, theirs)]
    ratios = tuple(b.requests_per_cpu_second / a.requests_per_cpu_second for a, b in zip(ours, theirs, strict=False))
    return Row(name, peer, *values, "CPU µs/request", round_ratios=ratios)


def delivery_row(name, peer, ours, theirs, limit=None):
    """Deliveries per processor second of two senders that worked in turns."""
    values = [sum(r.count for r in rounds) / sum(r.cpu_seconds for r in rounds) for rounds in (ours, theirs)]
    ratios = tuple(a.per_cpu_second / b.per_cpu_second for a, b in zip(ours, theirs, strict=False))
    return Row(name, peer, *values, "deliveries/CPU s", limit=limit, round_ratios=ratios)


def print_table(groups):
    """The rows with an empty line between groups, then what was missed or not measured, with the reason."""
    lines = [HEADINGS] + [row.cells() for rows in groups for row in rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEADINGS))]
    print(_line(HEADINGS, widths))
    for rows in filter(None, groups):
        print()
        for row in rows:
            print(_line(row.cells(), widths))
    for row in (row for rows in groups for row in rows if row.verdict in ("miss", "not measured")):
        print(f"\n{row.verdict}: {row.name} / {row.peer}", end="")
        if row.is_measured:
            print(f": {row.ratio:.2f}, wanted {row.target}", end="")
        print(f"\n    {row.reason or 'no reason is known'}")
        if row.is_within_noise:
            print("    Some rounds met the target: the machine's noise decides.")


def write_json(groups, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump([row.as_json() for rows in groups for row in rows], file, indent=2, ensure_ascii=False)
        file.write("\n")


def _line(cells, widths):
    padded = [
        text.rjust(width) if n in RIGHT_ALIGNED else text.ljust(width)
        for n, (text, width) in enumerate(zip(cells, widths, strict=False))
    ]
    return "  ".join(padded).rstrip()


def _number(value):
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def _rounded(value):
    return None if value is None else round(value, 3)
