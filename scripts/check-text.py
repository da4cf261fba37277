#!/usr/bin/env python3
"""Fails where a text breaks the house rules: words no longer used, lines that are too long, files that are too long.

usage: scripts/check-text.py [ROOT]

ROOT is the project's folder (default: the one that this script is in). The words are in scripts/old-words.txt.
"""

import pathlib
import re
import subprocess
import sys

FOLDERS = ("Sources", "docs", "nginx/www", "conf")
ROOT_FILES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
MAXIMUM_COLUMNS = 120
MAXIMUM_SOURCE_LINES = 400
BINARY = {".png", ".ico", ".woff2", ".sqlite"}
# Data, not prose: one value a line, however long.
FREE_WIDTH = {".json", ".svg", ".acl"}
# The check's own list of words and the history of names.
HISTORY = {"CHANGELOG.md"}


class Words:
    """What scripts/old-words.txt lists."""

    def __init__(self, text):
        kinds = {"name": [], "type": [], "phrase": []}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            kind, _, word = line.partition(" ")
            if kind not in kinds or not word:
                raise SystemExit(f"old-words.txt:{number}: expected name, type or phrase and a word, got {line!r}")
            kinds[kind].append(word)
        names = [*map(re.escape, kinds["name"]), *map(_phrase, kinds["phrase"])]
        self.everywhere = _pattern(names, r"(?<!\w)(?:%s)(?!\w)")
        types = map(re.escape, kinds["type"])
        self.types = _pattern(types, r"\b(?:struct|class|enum|protocol|actor|typealias) (%s)\b")


def _pattern(words, form):
    words = sorted(words, key=len, reverse=True)
    return re.compile(form % "|".join(words)) if words else re.compile(r"(?!)")


def _phrase(text):
    first = text[0]
    return f"[{first.upper()}{first.lower()}]" + re.escape(text[1:]).replace(r"\ ", r"\s+")


def _files(root):
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
         *FOLDERS, *ROOT_FILES],
        check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


def _is_unbreakable(line):
    """Table rows, regular expressions and lines with one long address cannot be broken."""
    stripped = line.lstrip("/ *#")
    return stripped.startswith(("|", "pattern: ")) or " " not in stripped.strip("<>()`'\"-,")


def problems(root, words):
    """The problems of the project in `root`, each a text that begins with file and line."""
    for name in _files(root):
        path = root / name
        if path.suffix in BINARY:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if len(line) > MAXIMUM_COLUMNS and path.suffix not in FREE_WIDTH and not _is_unbreakable(line):
                yield f"{name}:{number}: {len(line)} columns, at most {MAXIMUM_COLUMNS} are allowed"
            if name not in HISTORY:
                for match in words.everywhere.finditer(line):
                    yield f"{name}:{number}: \"{match.group()}\" is no longer used"
            if path.suffix == ".swift":
                for match in words.types.finditer(line):
                    yield f"{name}:{number}: \"{match.group(1)}\" says too little for the name of a type"
        if name.startswith("Sources/") and len(lines) > MAXIMUM_SOURCE_LINES:
            yield f"{name}: {len(lines)} lines, at most {MAXIMUM_SOURCE_LINES} are allowed"


def main(arguments):
    """Prints the problems; the exit status is 1 where there are any."""
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    found = list(problems(root, Words((root / "scripts/old-words.txt").read_text(encoding="utf-8"))))
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print(f"check-text.py: {len(found)} problems", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
