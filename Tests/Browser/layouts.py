"""Checks of a page in wide and narrow windows, light and dark."""

import os
import unittest

import access
from page import PageTest

# Width, and whether it is dark. HOOKLINE_BROWSER=all: every combination.
HAS_ALL = os.environ.get("HOOKLINE_BROWSER") == "all"
WIDE, NARROW = 1440, 360
# For tests of states that test_states shows, too: in another way, and without some of their checks.
nightly = unittest.skipUnless(HAS_ALL, "only in make nightly")

LAYOUTS = [(width, dark) for width in [WIDE, NARROW] for dark in [False, True]] if HAS_ALL \
    else [(WIDE, False), (NARROW, True)]


class LayoutTest(PageTest):
    def in_each_layout(self, name, prepare=lambda: None):
        """Checks the page in each layout and takes a screenshot of each. prepare: opens it."""
        for width, dark in LAYOUTS:
            with self.subTest(page=name, width=width, dark=dark):
                self.resize(width, 900, dark)
                prepare()
                self.screenshot(f"{name}-{width}-{'dark' if dark else 'light'}")
                # axe-core takes most of the time.
                self.assertEqual(access.faults(self, with_axe=HAS_ALL or width == NARROW), [])
                self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), width)
        self.resize(WIDE, 900)
