"""Fails where docs/openapi.yaml and the routes of the program differ: a path, a method, or whether an answer has a tag.

usage: routes.py, in the project's folder. Knows the document by its lines, so that it needs nothing but Python.
"""

import pathlib
import re
import sys

HANDLERS = pathlib.Path("Sources/Handlers")
DOCUMENT = pathlib.Path("docs/openapi.yaml")
# Those that Route.swift finds by the number of a path's segments.
BY_SHAPE = {
    "AppListEndpoint": "/api/0/sentry-apps/",
    "AppDetailsEndpoint": "/api/0/sentry-apps/{}/",
    "RedeliverEndpoint": "/api/0/sentry-apps/{}/requests/{}/redeliver/",
}


def routes(complain):
    """By path with {} for names: the methods, and 304 for those with a tag."""
    source = (HANDLERS / "Routing/Route.swift").read_text(encoding="utf-8")
    paths = dict(BY_SHAPE)
    for collection, name, endpoint in re.findall(r'\("([a-z-]+)", "([a-z-]+)", (\w+)\.self\)', source):
        paths[endpoint] = f"/api/0/{collection}/{{}}/{name}/"
    named = set(re.findall(r"\b(\w+Endpoint)\.self", source))
    for endpoint in sorted(named ^ paths.keys()):
        complain(f"{endpoint}: routes.py and Route.swift do not agree where it is")
    result = {path: {"get"} for path in re.findall(r'path == "([^"]+)"', source)}
    for endpoint in named & paths.keys():
        text = (HANDLERS / f"Endpoints/{endpoint}.swift").read_text(encoding="utf-8")
        what = set()
        if "acceptsGet = false" not in text:
            what.add("get")
        if "acceptsPost = true" in text:
            what.add("post")
        if "isConditional = true" in text:
            what.add("304")
        result[paths[endpoint]] = what
    return result


def documented():
    result = {}
    what = set()
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"  (/\S*):", line):
            what = result.setdefault(re.sub(r"\{[^}]*\}", "{}", match[1]), set())
        elif match := re.fullmatch(r"    (get|put|post|delete|options|head|patch|trace):", line):
            what.add(match[1])
        elif line.startswith("        '304':"):
            what.add("304")
    return result


def main():
    errors = []
    there = routes(errors.append)
    described = documented()
    for path in sorted(there.keys() | described.keys()):
        for what in sorted(there.get(path, set()) - described.get(path, set())):
            errors.append(f"{path}: the program has {what}, {DOCUMENT} does not")
        for what in sorted(described.get(path, set()) - there.get(path, set())):
            errors.append(f"{path}: {DOCUMENT} has {what}, the program does not")
    for error in errors:
        print(f"routes.py: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
