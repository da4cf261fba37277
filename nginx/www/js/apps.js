// The list of apps.

import { appPath, each, get, pages } from "/js/api.js";
import { badge, byId, element } from "/js/element.js";
import { breakerBadge } from "/js/health-notices.js";
import { failedText, healthBadge } from "/js/health.js";
import { Notice, showFailure } from "/js/notice.js";
import { counted } from "/js/numbers.js";
import { Refresher } from "/js/refresher.js";
import { loadInfo, showHeader } from "/js/site-header.js";
import { sparkline } from "/js/sparkline.js";
import { ago, clockTime, fullTime, parseDate, utcText } from "/js/times.js";
import { visibleLine } from "/js/visible-text.js";

const notice = new Notice(byId("page-notice"));
const owner = new URLSearchParams(window.location.search).get("owner") ?? "";
let hasRows = false;

async function loadApps() {
    try {
        const { rows: apps, hasMore } = await pages("/api/0/sentry-apps/", { owner });
        notice.clear();
        await show(apps, hasMore);
        await loadHealth(apps);
        byId("age").textContent = `Updated ${clockTime(new Date())}`;
        return {};
    } catch (error) {
        return failed(error);
    }
}

function failed(error) {
    // The server has no list of apps. It may still have the log of an app.
    if (error.isUnsupported) {
        notice.show("info", "This server does not list its apps.", "Enter the slug of an app to open its log.");
        setState("unlisted");
        refresher.stop();
        return {};
    }
    showFailure(notice, error, hasRows ? "The list could not be refreshed." : "The apps could not be loaded.",
        () => refresher.resume());
    if (!hasRows) setState("failed");
    if (!error.isTransient) refresher.stop();
    return { hasFailed: true, waitSeconds: error.retryAfter ?? 0 };
}

function setState(state) {
    byId("apps-loading").hidden = state !== "loading";
    byId("apps-table").hidden = state !== "rows";
    byId("apps-empty").hidden = state !== "empty";
    byId("open").hidden = state !== "unlisted";
    byId("apps-area").setAttribute("aria-busy", String(state === "loading"));
}

async function show(apps, hasMore) {
    hasRows = true;
    if (apps.length === 0) byId("create-hint").hidden = !await isManagedHere();
    setState(apps.length > 0 ? "rows" : "empty");
    const number = `${hasMore ? "the first " : ""}${counted(apps.length, "app")}`;
    byId("apps-count").textContent = apps.length > 0 ? number : "";
    const body = byId("apps-table").tBodies[0];
    const before = new Map([...body.rows].map((row) => [row.dataset.slug, row]));
    const rows = apps.map((app) => before.get(app.slug) ?? appRow(app));
    if (rows.some((row, index) => body.rows[index] !== row) || rows.length !== body.rows.length) {
        body.replaceChildren(...rows);
    }
}

function appRow(app) {
    return element("tr", { "data-slug": app.slug },
        element("th", { scope: "row", class: "name" },
            element("a", { href: `/app.html?${new URLSearchParams({ app: app.slug })}` }, visibleLine(app.name)),
            element("span", { class: "slug" }, app.owner ? `${app.owner.slug} / ${app.slug}` : app.slug),
            element("span", { class: "brief" }, app.status)),
        element("td", { class: "health" }, "…"),
        element("td", { class: "errors number" }),
        element("td", { class: "last" }),
        element("td", { class: "week" }),
        element("td", { class: "app-status" }, app.status));
}

// With limited concurrency: the list may be long, and each call makes the server read a whole log.
async function loadHealth(apps) {
    const rows = [...byId("apps-table").tBodies[0].rows];
    const all = await each(apps.map((app, index) => [app, rows[index]]), (pair) => showHealth(...pair));
    const mayCreate = all.some((health) => health?.canManage === true);
    byId("create-link").hidden = !mayCreate || !await isManagedHere();
}

// Whether apps are created here, and not by the original.
async function isManagedHere() {
    try {
        return (await loadInfo()).managedBy === "hookline";
    } catch {
        return false;
    }
}

// Returns the health, or null if it could not be read.
async function showHealth(app, row) {
    const cell = (name) => row.querySelector(`.${name}`);
    try {
        const { data: health } = await get(appPath(app.slug, "health/"));
        cell("health").replaceChildren(...[healthBadge(health), breakerBadge(health)].filter(Boolean));
        cell("errors").textContent = failedText(health);
        cell("errors").classList.toggle("is-bad", health.errors24h > 0);
        const last = parseDate(health.lastRequest);
        cell("last").replaceChildren(last ? timeElement(last) : element("span", { class: "muted" }, "never"));
        cell("week").replaceChildren(sparkline(health.days));
        cell("brief").textContent = `${app.status} · ${last ? ago(last, { isNarrow: true }) : "no requests yet"}`;
        return health;
    } catch (error) {
        if (error.kind === "signed-out") throw error;
        cell("health").replaceChildren(error.hasRoute && error.kind !== "not-found"
            ? badge("warn", "unknown", error.message) : healthBadge(null));
        return null;
    }
}

function timeElement(date) {
    return element("time", { datetime: date.toISOString(), title: `${fullTime(date)} – ${utcText(date)}` }, ago(date));
}

const refresher = new Refresher(loadApps, () => {}, 30);

byId("open").addEventListener("submit", (event) => {
    event.preventDefault();
    const slug = event.target.elements.slug.value.trim();
    if (slug) window.location.assign(`/app.html?${new URLSearchParams({ app: slug })}`);
});

setState("loading");
showHeader();
refresher.resume();
