"""The name of the program on the pages, which is a setting (HOOKLINE_PRODUCT_NAME)."""

import json

from page import PageTest

# Changes the name in the server's response. Undefined: the response has none.
RENAME = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (!url.endsWith("/api/0/hookline/info/")) return response;
    const body = { ...await response.json(), name: NAME };
    // After the page has used it.
    response.text = async () => {
        setTimeout(() => { window.isRenamed = true; });
        return JSON.stringify(body);
    };
    return response;
};
"""
PAGES = {"/": "Apps", "/app.html?app=night-watch": "Night Watch", "/status.html": "Status",
         "/api.html": "API", "/settings.html?app=night-watch": "Settings of Night Watch",
         "/create.html": "Create an app"}


class NameTests(PageTest):
    def rename(self, name):
        self.before_load(RENAME.replace("NAME", name))

    def shown(self):
        return self.browser.title, self.one(".brand").text

    def test_every_page_shows_the_name_of_the_deployment(self):
        self.rename(json.dumps("Hooks <b>& more"))
        for path, title in PAGES.items():
            with self.subTest(page=path):
                self.open(path)

                expected = (f"{title} – Hooks <b>& more", "Hooks <b>& more")
                self.until(lambda expected=expected: self.shown() == expected, "the name")

    def check_that_the_name_stays(self):
        for path, title in PAGES.items():
            with self.subTest(page=path):
                self.open(path)
                self.until(lambda: self.script("return window.isRenamed"), "the response")

                expected = (f"{title} – Hookline", "Hookline")
                self.until(lambda expected=expected: self.shown() == expected, "the title")

    def test_a_response_of_an_older_version_has_no_name(self):
        self.rename("undefined")

        self.check_that_the_name_stays()

    def test_an_empty_name_is_ignored(self):
        self.rename('""')

        self.check_that_the_name_stays()
