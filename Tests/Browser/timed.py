"""Runs tests like `python3 -m unittest --verbose`, and prints how long each class took.

usage: timed.py TEST…
"""

import collections
import sys
import time
import unittest


class TimedResult(unittest.TextTestResult):
    """Measures each test with the set-up of its class: the time since the end of the test before it."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.seconds = collections.Counter()
        self.last = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        now = time.monotonic()
        self.seconds[type(test)] += now - self.last
        self.last = now

    def printErrors(self):
        super().printErrors()
        for kind, seconds in self.seconds.most_common():
            self.stream.writeln(f"{seconds:7.1f} s  {kind.__module__}.{kind.__qualname__}")


def main():
    tests = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:])
    runner = unittest.TextTestRunner(verbosity=2, resultclass=TimedResult)
    sys.exit(not runner.run(tests).wasSuccessful())


if __name__ == "__main__":
    main()
