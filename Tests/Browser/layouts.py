"""Checks of a page in wide and narrow windows, light and dark."""

import access
from demo import HAS_ALL
from page import PageTest

# Width, and whether it is dark. HOOKLINE_BROWSER=all: every combination.
WIDE, NARROW = 1440, 360
LAYOUTS = [(width, dark) for width in [WIDE, NARROW] for dark in [False, True]] if HAS_ALL \
    else [(WIDE, False), (NARROW, True)]
# For a state that differs little from one that another test checks in all of LAYOUTS.
FEWER_LAYOUTS = LAYOUTS if HAS_ALL else LAYOUTS[-1:]


class LayoutTest(PageTest):
    def in_each_layout(self, name, prepare=lambda: None, layouts=tuple(LAYOUTS)):
        """Checks the page in each layout and takes a screenshot of each. prepare: opens it."""
        for width, dark in layouts:
            with self.subTest(page=name, width=width, dark=dark):
                self.resize(width, 900, dark)
                prepare()
                self.screenshot(f"{name}-{width}-{'dark' if dark else 'light'}")
                # axe-core takes most of the time.
                self.assertEqual(access.faults(self, with_axe=HAS_ALL or width == NARROW), [])
                self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), width)
        self.resize(WIDE, 900)
