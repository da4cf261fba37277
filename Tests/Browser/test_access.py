"""Keyboard, names, contrast, width; with pictures of every page for people to look at."""

from page import Keys, PageTest

# Everything that a person acts on has a name; what has a role has what belongs to it.
FAULTS = """
const faults = [];
const seen = (n) => n.offsetParent !== null;
const name = (n) => (n.getAttribute('aria-label') || (n.labels && [...n.labels].map(l => l.textContent).join(' '))
    || n.textContent || n.title || '').trim();
if (!document.documentElement.lang) faults.push('no language');
if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
let level = 0;
for (const h of [...document.querySelectorAll('h1, h2, h3')].filter(seen)) {
    const next = Number(h.tagName[1]);
    if (next > level + 1) faults.push(`heading ${h.textContent} skips a level`);
    level = next;
}
for (const n of document.querySelectorAll('a, button, input, select, summary, [role=img], [tabindex="0"]')) {
    if (seen(n) && !name(n)) faults.push(`no name: ${n.outerHTML.slice(0, 120)}`);
}
for (const t of [...document.querySelectorAll('table')].filter(seen)) {
    if (!t.caption && !t.getAttribute('aria-labelledby')) faults.push(`table without caption: ${t.id}`);
    for (const th of t.querySelectorAll('th')) if (!th.scope) faults.push(`th without scope: ${th.textContent}`);
}
for (const n of document.querySelectorAll('[aria-controls], [aria-labelledby], [for]')) {
    for (const attribute of ['aria-controls', 'aria-labelledby', 'for']) {
        const id = n.getAttribute(attribute);
        if (id && !document.getElementById(id)) faults.push(`${attribute} leads nowhere: ${id}`);
    }
}
const ids = [...document.querySelectorAll('[id]')].map(n => n.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`twice: #${id}`);
for (const n of document.querySelectorAll('[tabindex]')) if (n.tabIndex > 0) faults.push('a tabindex above 0');
return faults;
"""

# Text and what stands behind it, by WCAG 2.2: 4.5 to 1.
CONTRAST = """
const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (n) => {
    for (; n; n = n.parentElement) {
        const c = numbers(getComputedStyle(n).backgroundColor);
        if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
};
const faults = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const n = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || n.offsetParent === null || n.closest('.visually-hidden, .skip')) continue;
    if (n.closest(':disabled')) continue;
    const [a, b] = [luminance(numbers(getComputedStyle(n).color)), luminance(behind(n))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faults.add(`${ratio.toFixed(2)}: ${n.tagName}.${n.className} ${walker.currentNode.data.slice(0, 30)}`);
}
return [...faults];
"""


class PictureTests(PageTest):
    """Each page in four shapes: checked, and kept as a picture."""

    def each_shape(self, name, prepare):
        for width in [1440, 360]:
            for dark in [False, True]:
                with self.subTest(page=name, width=width, dark=dark):
                    self.resize(width, 900, dark)
                    prepare()
                    self.screenshot(f"{name}-{width}-{'dark' if dark else 'light'}")
                    self.assertEqual(self.script(FAULTS), [])
                    self.assertEqual(self.script(CONTRAST), [])
                    self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), width)

    def test_the_list_of_apps(self):
        def prepare():
            self.open("/")
            self.until(lambda: self.texts("#apps-table .health") and "…" not in self.texts("#apps-table .health"), "health")
        self.each_shape("list", prepare)

    def test_an_app_with_its_log(self):
        def prepare():
            self.open_log()
            self.until(lambda: self.texts("#app-last"), "health")
            if self.script("return innerWidth") > 1000:
                self.until(lambda: len(self.all("#usage-charts canvas")) == 3, "charts")
        self.each_shape("log", prepare)

    def test_an_opened_row(self):
        def prepare():
            self.open_log(query="&errors=1&event=issue.created")
            self.open_row()
        self.each_shape("row", prepare)

    def test_usage(self):
        def prepare():
            self.open_log("night-watch", "&usage=90d")
            self.until(lambda: self.texts("#app-last"), "health")
            if not self.one("#usage").get_attribute("open"):
                self.one("#usage > summary").click()
            self.until(lambda: self.all("#usage-charts canvas"), "charts")
            self.one("#usage-charts .as-table summary").click()
        self.each_shape("usage", prepare)

    def test_no_match(self):
        self.each_shape("no-match", lambda: self.open_log(query="&to=2020-01-02T00:00Z&from=2020-01-01T00:00Z"))

    def test_the_status(self):
        def prepare():
            self.open("/status.html")
            self.until(lambda: self.one("#status").is_displayed(), "the status")
        self.each_shape("status", prepare)

    def test_the_description_of_the_api(self):
        self.each_shape("api", lambda: self.open("/api.html"))


class KeyboardTests(PageTest):
    def test_the_log_is_walked_and_opened_by_keys_alone(self):
        self.open_log()

        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.text, "Skip to the request log")
        self.keys(Keys.ENTER)
        seen = []
        # A date is several stops.
        for _ in range(40):
            self.tab()
            focused = self.browser.switch_to.active_element
            seen.append(focused.get_attribute("id") or focused.get_attribute("class"))
            if "row-toggle" in seen[-1]:
                break
        self.assertEqual(seen[:3], ["pause", "refresh", "event"])
        self.assertEqual(seen[-1], "row-toggle")
        self.assertNotEqual(self.script("return getComputedStyle(document.activeElement).outlineStyle"), "none")

        self.keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
        toggles = self.all("#log-table .row-toggle")
        self.assertEqual(self.browser.switch_to.active_element, toggles[1])
        self.keys(Keys.ENTER)
        self.assertEqual(toggles[1].get_attribute("aria-expanded"), "true")
        self.assertTrue(self.one("#" + toggles[1].get_attribute("aria-controls")).is_displayed())
        self.keys(Keys.SPACE)
        self.assertEqual(toggles[1].get_attribute("aria-expanded"), "false")
        self.keys(Keys.END)
        self.assertEqual(self.browser.switch_to.active_element, toggles[-1])

    def test_reading_again_leaves_the_focus_where_it_is(self):
        self.open_log("night-watch")
        toggle = self.all("#log-table .row-toggle")[3]
        self.script("arguments[0].focus()", toggle)
        age = self.one("#log-age").text

        self.until(lambda: self.one("#log-age").text not in (age, ""), "the next reading")

        self.assertEqual(self.browser.switch_to.active_element, toggle)
