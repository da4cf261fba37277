"""Accessibility checks of a page: axe-core, and custom rules."""

import os
import pathlib

# Empty if HOOKLINE_SKIP_AXE=1.
AXE = os.environ["HOOKLINE_AXE"]
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

# Interactive elements have accessible names; tables have captions and scopes; references by id exist; ids are unique.
NAMES = """
const faults = [];
const isVisible = (n) => n.offsetParent !== null;
const name = (n) => (n.getAttribute('aria-label') || (n.labels && [...n.labels].map(l => l.textContent).join(' '))
    || n.textContent || n.title || '').trim();
if (!document.documentElement.lang) faults.push('no language');
if (document.querySelectorAll('h1').length !== 1) faults.push('there must be exactly one h1');
if (document.querySelectorAll('main').length !== 1) faults.push('there must be exactly one main');
let level = 0;
for (const h of [...document.querySelectorAll('h1, h2, h3')].filter(isVisible)) {
    const next = Number(h.tagName[1]);
    if (next > level + 1) faults.push(`heading skips a level: ${h.textContent}`);
    level = next;
}
for (const n of document.querySelectorAll('a, button, input, select, summary, [role=img], [tabindex="0"]')) {
    if (isVisible(n) && !name(n)) faults.push(`no name: ${n.outerHTML.slice(0, 120)}`);
}
for (const t of [...document.querySelectorAll('table')].filter(isVisible)) {
    if (!t.caption && !t.getAttribute('aria-labelledby')) faults.push(`table without caption: ${t.id}`);
    for (const th of t.querySelectorAll('th')) if (!th.scope) faults.push(`th without scope: ${th.textContent}`);
}
for (const n of document.querySelectorAll('[aria-controls], [aria-labelledby], [aria-describedby], [for]')) {
    for (const attribute of ['aria-controls', 'aria-labelledby', 'aria-describedby', 'for']) {
        for (const id of (n.getAttribute(attribute) ?? '').split(' ').filter(Boolean)) {
            if (!document.getElementById(id)) faults.push(`${attribute} refers to a missing id: ${id}`);
        }
    }
}
const ids = [...document.querySelectorAll('[id]')].map(n => n.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`duplicate id: #${id}`);
for (const n of document.querySelectorAll('[tabindex]')) if (n.tabIndex > 0) faults.push('tabindex above 0');
return faults;
"""

# Contrast of text and background of at least 4.5:1 (WCAG 2.2).
CONTRAST = """
const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = (n) => {
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
    const [a, b] = [luminance(numbers(getComputedStyle(n).color)), luminance(background(n))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const text = walker.currentNode.data.slice(0, 30);
    if (ratio < 4.5) faults.add(`${ratio.toFixed(2)}: ${n.tagName}.${n.className} ${text}`);
}
return [...faults];
"""

RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, { runOnly: arguments[0], resultTypes: ['violations'] }).then(
    ({ violations }) => done(violations.flatMap(({ id, help, nodes }) => nodes.map(
        ({ html }) => `${id} (${help}): ${html.slice(0, 160)}`))),
    (error) => done([String(error)]));
"""


def faults(page, with_axe=True):
    """Descriptions of all faults, one per element."""
    return page.script(NAMES) + page.script(CONTRAST) + (axe_faults(page.browser) if with_axe else [])


def axe_faults(browser):
    if not AXE:
        return []
    browser.execute_script(pathlib.Path(AXE).read_text(encoding="utf-8"))
    return browser.execute_async_script(RUN_AXE, AXE_RULES)
