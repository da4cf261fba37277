"""Prints the statuses that nginx' access log contains for every operation of the document. Fails if a documented
success status is missing, because then the check has not tested that operation.

usage: statuses.py DOCUMENT ACCESS-LOG
"""

import collections
import re
import sys

import yaml

METHODS = {"get", "post", "put", "delete"}
LINE = re.compile(r'"([A-Z]+) (\S+) HTTP/[0-9.]+" ([0-9]{3}) ')


def operations(document):
    """Yields (method, path), a regular expression for the path, and the documented statuses."""
    for path, item in document["paths"].items():
        pattern = re.compile(re.sub(r"\\\{[A-Za-z]+\\\}", "[^/]+", re.escape(path)))
        for method in METHODS & item.keys():
            yield (method.upper(), path), pattern, {str(status) for status in item[method]["responses"]}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        documented = list(operations(yaml.safe_load(file)))
    seen = collections.defaultdict(collections.Counter)
    with open(sys.argv[2], encoding="utf-8", errors="replace") as file:
        for method, target, status in (match.groups() for match in map(LINE.search, file) if match):
            for name, pattern, _ in documented:
                # 405 is the response to methods that the path does not support: count it for those that it does.
                if pattern.fullmatch(target.split("?")[0]) and (name[0] == method or status == "405"):
                    seen[name][status] += 1
    missing = 0
    for name, _, statuses in sorted(documented, key=lambda operation: operation[0][::-1]):
        counts = "  ".join(f"{status}: {count}" for status, count in sorted(seen[name].items()))
        print(f"{name[0]:6} {name[1]}\n       {counts}")
        # Most errors cannot be provoked by requests alone; successes and 405 must occur.
        for status in sorted({status for status in statuses if status < "400" or status == "405"} - seen[name].keys()):
            print(f"statuses.py: {' '.join(name)} never returned {status}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
