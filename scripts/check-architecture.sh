#!/usr/bin/env bash
# Fails unless the arrows in docs/architecture.md are the dependencies between the targets of Package.swift after
# transitive reduction. C libraries, tests and external packages do not count.
# Usage: scripts/check-architecture.sh [ROOT]
set -eu

cd "${1:-"$(dirname "$0")/.."}"
exec /usr/bin/python3 - Package.swift docs/architecture.md <<'PYTHON'
import re
import sys
from typing import NoReturn

package_path, document_path = sys.argv[1:]


def fail(*lines) -> NoReturn:
    for line in lines:
        print(f"check-architecture.sh: {line}", file=sys.stderr)
    sys.exit(1)


def closing(text, start):
    """The index behind the bracket that closes the one at `start`. Brackets in strings do not count."""
    depth = 0
    for match in re.compile(r'"(?:\\.|[^"\\])*"|[()\[\]]').finditer(text, start):
        if match[0] in "([":
            depth += 1
        elif match[0] in ")]":
            depth -= 1
            if depth == 0:
                return match.end()
    fail(f"{package_path}: a bracket is not closed")


def calls(text, name):
    """The arguments of each call of `name`, without the outer parentheses."""
    for match in re.finditer(rf"(?<![A-Za-z]){re.escape(name)}\(", text):
        if not text[: match.start()].endswith("func "):
            yield text[match.end() : closing(text, match.end() - 1) - 1]


def without_calls(text):
    """Without `.product(…)` and other calls."""
    while match := re.search(r"\.[A-Za-z]+\(", text):
        text = text[: match.start()] + text[closing(text, match.end() - 1) :]
    return text


def read_package():
    with open(package_path, encoding="utf-8") as file:
        text = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda match: match[1] or "", file.read())
    targets = {}
    for name in ["target", ".target", ".executableTarget"]:
        for arguments in calls(text, name):
            title = re.match(r'\s*(?:name:\s*)?"(\w+)"', arguments)
            start = arguments.find("[")
            if title is None or re.search(r'path:\s*"(Tests|Benchmarks)/', arguments):
                continue
            if start < 0:
                fail(f"{package_path}: {title[1]} has no list of dependencies")
            dependencies = without_calls(arguments[start : closing(arguments, start)])
            targets[title[1]] = set(re.findall(r'"(\w+)"', dependencies))
    return {name: dependencies & targets.keys() for name, dependencies in targets.items()}


def reachable(targets, name):
    found = set()
    waiting = [name]
    while waiting:
        for next_name in targets[waiting.pop()] - found:
            found.add(next_name)
            waiting.append(next_name)
    return found


def reduced(targets):
    """The arrows that no longer path replaces."""
    return {
        (name, dependency)
        for name, dependencies in targets.items()
        for dependency in dependencies
        if not any(dependency in reachable(targets, other) for other in dependencies - {dependency})
    }


def read_document():
    """The nodes and arrows of the first flow chart."""
    with open(document_path, encoding="utf-8") as file:
        chart = re.search(r"^```mermaid\nflowchart[^\n]*\n(.*?)^```", file.read(), re.DOTALL | re.MULTILINE)
    if chart is None:
        fail(f"{document_path} has no flow chart")
    nodes, arrows = set(), set()
    for line in chart[1].splitlines():
        if arrow := re.fullmatch(r"\s*(\w+) --> (\w+)", line):
            arrows.add(arrow.groups())
        elif "-->" in line:
            fail(f"{document_path}: not an arrow of the form A --> B: {line.strip()}")
        elif node := re.fullmatch(r'\s*(?!end$)(\w+)(?:\[".*"\])?', line):
            nodes.add(node[1])
    return nodes, arrows


targets = read_package()
if not targets:
    fail(f"{package_path} has no targets that this script can read")
cyclic = sorted(name for name in targets if name in reachable(targets, name))
if cyclic:
    fail(f"{package_path}: cyclic dependencies of {', '.join(cyclic)}")
nodes, arrows = read_document()
expected = reduced(targets)
problems = [
    *(f"{document_path} does not show the target {name}" for name in sorted(targets.keys() - nodes)),
    *(f"{document_path} shows {name}, which is not a target" for name in sorted(nodes - targets.keys())),
    *(f"{document_path} lacks {a} --> {b}" for a, b in sorted(expected - arrows)),
    *(
        f"{document_path} has {a} --> {b}: "
        + ("a longer path replaces it" if b in targets.get(a, ()) else f"{package_path} has no such dependency")
        for a, b in sorted(arrows - expected)
    ),
]
if problems:
    fail(*problems)
PYTHON
