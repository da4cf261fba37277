"""Checks of a page in wide and narrow windows, light and dark."""

import access
from page import PageTest


class LayoutTest(PageTest):
    def in_each_layout(self, name, prepare):
        """Checks the page in four layouts and takes a screenshot of each. prepare: opens it."""
        for width in [1440, 360]:
            for dark in [False, True]:
                with self.subTest(page=name, width=width, dark=dark):
                    self.resize(width, 900, dark)
                    prepare()
                    self.screenshot(f"{name}-{width}-{'dark' if dark else 'light'}")
                    self.assertEqual(access.faults(self), [])
                    self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), width)
