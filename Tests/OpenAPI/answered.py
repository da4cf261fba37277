"""Shows which statuses nginx' log has for every operation of the document, and fails where one is missing that
means success: then the check has asked less than it seems.

usage: answered.py DOCUMENT ACCESS-LOG
"""

import collections
import re
import sys

import yaml

METHODS = {"get", "post"}
LINE = re.compile(r'"([A-Z]+) (\S+) HTTP/[0-9.]+" ([0-9]{3}) ')


def operations(document):
    """By method and path, the path's pattern and the documented statuses."""
    for path, item in document["paths"].items():
        pattern = re.compile(re.sub(r"\\\{[A-Za-z]+\\\}", "[^/]+", re.escape(path)))
        for method in METHODS & item.keys():
            yield (method.upper(), path), pattern, {str(status) for status in item[method]["responses"]}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        known = list(operations(yaml.safe_load(file)))
    seen = collections.defaultdict(collections.Counter)
    with open(sys.argv[2], encoding="utf-8", errors="replace") as file:
        for method, target, status in (match.groups() for match in map(LINE.search, file) if match):
            for name, pattern, _ in known:
                # A method that the path has not shows in the 405 of those that it has.
                if pattern.fullmatch(target.split("?")[0]) and (name[0] == method or status == "405"):
                    seen[name][status] += 1
    missing = 0
    for name, _, statuses in sorted(known, key=lambda operation: operation[0][::-1]):
        counts = "  ".join(f"{status}: {count}" for status, count in sorted(seen[name].items()))
        print(f"{name[0]:4} {name[1]}\n       {counts}")
        # Some errors need harm to be done; what goes well must be there.
        for status in sorted({status for status in statuses if status < "400" or status == "405"} - seen[name].keys()):
            print(f"answered.py: {' '.join(name)} was never answered {status}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
