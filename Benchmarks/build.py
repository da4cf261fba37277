"""The row of a build from nothing: as `make build` does it, into a folder of its own."""

import os
import shutil
import time

from report import Row

LIMIT_SECONDS = 300
TIMEOUT_SECONDS = 3600
PRODUCTS = ("hookline-fcgi", "hookline-cgi", "hookline-worker", "hookline")


def rows(fixture, root):
    scratch = fixture.path("build")
    options = ["--package-path", root, "--scratch-path", scratch, "-c", "release", "--static-swift-stdlib"]
    # The package manager leaves lock files in the folder for temporary files.
    swift = ["env", f"TMPDIR={fixture.folder}", os.environ.get("SWIFT", "swift")]
    begin = time.monotonic()
    for product in PRODUCTS:
        fixture.run([*swift, "build", *options, "--product", product], timeout=TIMEOUT_SECONDS)
    seconds = time.monotonic() - begin
    shutil.rmtree(scratch, ignore_errors=True)
    return [
        Row("clean build", "limit", seconds, LIMIT_SECONDS, "s", limit=1, is_maximum=True,
            reason=f"The limit is for two processors with nothing else to do; this machine has {os.cpu_count()}."),
    ]
