"""Fails if docs/openapi.yaml and the routes in the source code differ in a path, a method or the support of ETag.

usage: routes.py, in the root of the project. Reads the document line by line, so that it does not need PyYAML.
"""

import pathlib
import re
import sys

HANDLERS = pathlib.Path("Sources/Handlers")
DOCUMENT = pathlib.Path("docs/openapi.yaml")
# Endpoints that Route.swift selects by the number of path segments.
BY_SHAPE = {
    "InfoEndpoint": "/api/0/hookline/info/",
    "StatusEndpoint": "/api/0/hookline/status/",
    "AppListEndpoint": "/api/0/sentry-apps/",
    "AppDetailsEndpoint": "/api/0/sentry-apps/{}/",
    "LoggedEventEndpoint": "/api/0/sentry-apps/{}/requests/{}/",
    "RedeliverEndpoint": "/api/0/sentry-apps/{}/requests/{}/redeliver/",
    "DeadLetterEndpoint": "/api/0/sentry-apps/{}/dead-letters/{}/",
    "DeadLetterRedriveEndpoint": "/api/0/sentry-apps/{}/dead-letters/{}/redrive/",
    "RedeliveryJobEndpoint": "/api/0/sentry-apps/{}/redeliveries/{}/",
    "RelayTargetEnableEndpoint": "/api/0/sentry-apps/{}/targets/{}/enable/",
    "RelayTargetDisableEndpoint": "/api/0/sentry-apps/{}/targets/{}/disable/",
    "InstallationEndpoint": "/api/0/sentry-app-installations/{}/",
    "DirectoryEndpoint": "/api/0/hookline/directory/",
}


def routes(report):
    """By path, with {} for parameters: the methods, and 304 if the endpoint supports ETag."""
    source = (HANDLERS / "Routing/Route.swift").read_text(encoding="utf-8")
    paths = {}
    for collection, name, endpoint in re.findall(r'\("([a-z-]+)", "([a-z-]+)", (\w+)\.self\)', source):
        paths[endpoint] = f"/api/0/{collection}/{{}}/{name}/"
    paths |= BY_SHAPE
    named = set(re.findall(r"\b(\w+Endpoint)\.self", source))
    for endpoint in sorted(named ^ paths.keys()):
        report(f"{endpoint}: routes.py and Route.swift have different paths for it")
    result = {path: {"get"} for path in re.findall(r'path == "([^"]+)"', source)}
    # Not an endpoint of the API: RelayIntake.swift.
    result["/relay/{}/"] = {"post"}
    for endpoint in named & paths.keys():
        text = (HANDLERS / f"Endpoints/{endpoint}.swift").read_text(encoding="utf-8")
        what = set()
        if "acceptsGet = false" not in text:
            what.add("get")
        if "acceptsPost = true" in text:
            what.add("post")
        if "acceptsPut = true" in text:
            what.add("put")
        if "acceptsDelete = true" in text:
            what.add("delete")
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
    implemented = routes(errors.append)
    described = documented()
    for path in sorted(implemented.keys() | described.keys()):
        for what in sorted(implemented.get(path, set()) - described.get(path, set())):
            errors.append(f"{path}: {what} is in the source code, but not in {DOCUMENT}")
        for what in sorted(described.get(path, set()) - implemented.get(path, set())):
            errors.append(f"{path}: {what} is in {DOCUMENT}, but not in the source code")
    for error in errors:
        print(f"routes.py: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
