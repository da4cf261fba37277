// The page of one app.

import { appPath, get } from "/js/api.js";
import { followHealth, showApp } from "/js/app-header.js";
import { byId, element } from "/js/element.js";
import { addEvents, loadEvents } from "/js/events.js";
import { awaitScripts } from "/js/load-failure.js";
import { LogView } from "/js/log-view.js";
import { Notice, showFailure } from "/js/notice.js";
import { offerOrganizations } from "/js/organization-choice.js";
import { readURL, writeURL } from "/js/page-url.js";
import { setTitle } from "/js/product-name.js";
import { Refresher } from "/js/refresher.js";
import { UsageView } from "/js/usage-view.js";

// The sections below the log, which can be closed.
const belowLog = ["deliveries", "check", "dead-letters", "redeliveries", "relay", "usage"];

let state = readURL();
const notice = new Notice(byId("page-notice"));

function changed(change, isStep) {
    state = { ...state, ...change };
    writeURL(state, { isStep });
}

async function readApp() {
    const { data: app } = await get(appPath(state.app));
    showApp(app);
}

// An older server does not list its events.
async function readEvents() {
    try {
        await loadEvents();
    } catch (error) {
        if (error.isTransient) throw error;
    }
}

// Returns false if the app does not exist. Retries after transient errors; the request log reports them meanwhile.
async function showDetails() {
    try {
        await Promise.all([readApp(), readEvents()]);
    } catch (error) {
        if (error.isTransient) retry.start();
        else retry.stop();
        if (error.isTransient || error.kind === "signed-out") return true;
        const title = error.kind === "not-found"
            ? `The app “${state.app}” does not exist, or you do not have access to it.`
            : "The app could not be loaded.";
        showFailure(notice, error, title);
        return error.kind !== "not-found";
    }
    retry.stop();
    return true;
}

const retry = new Refresher(async () => { await showDetails(); }, () => {});

async function start() {
    byId("app-name").textContent = state.app;
    setTitle(state.app);
    if (state.app === "") {
        window.location.replace("/");
        return;
    }
    linkSections();
    const log = new LogView(state.app, state, changed);
    const usage = new UsageView(state.app, state.period, (period) => changed({ period }, true));
    whenOpened("relay", async () => {
        addStyles("/redelivery.css");
        const { RelayView } = await import("/js/relay-view.js");
        new RelayView(state.app);
    });
    whenOpened("deliveries", async () => {
        const { DeliveriesView } = await import("/js/deliveries-view.js");
        new DeliveriesView(state.app).load();
    });
    whenOpened("dead-letters", async () => {
        addStyles("/redelivery.css");
        const { DeadLetters } = await import("/js/dead-letters.js");
        new DeadLetters(state.app, () => log.refresher.resume());
    });
    whenOpened("redeliveries", async () => {
        addStyles("/redelivery.css");
        const { RedeliveryJobs } = await import("/js/redelivery-jobs.js");
        new RedeliveryJobs(state.app).start();
    });
    let check = null;
    byId("check-form").addEventListener("submit", (event) => event.preventDefault());
    whenOpened("check", async () => {
        const { CheckPanel } = await import("/js/check-panel.js");
        check = new CheckPanel(state.app, state.check, {
            checkChanged: (values) => changed({ check: values }, true), showRequest: (id) => log.reveal(id),
        });
    });
    if (state.check) byId("check").open = true;
    window.addEventListener("popstate", () => {
        const before = state;
        state = readURL();
        // A link within the page, such as the skip link.
        if (JSON.stringify(state) === JSON.stringify(before)) return;
        if (state.period !== before.period) usage.setPeriod(state.period);
        if (JSON.stringify(state.check) !== JSON.stringify(before.check)) {
            if (check) check.show(state.check);
            else byId("check").open = state.check !== null;
        }
        log.setFilters(state);
    });
    const [exists] = await Promise.all([showDetails(), log.load()]);
    if (!exists) {
        for (const id of ["sections", ...belowLog, "log"]) byId(id).hidden = true;
        log.refresher.stop();
        return;
    }
    // An internal app belongs to a single organization.
    if (!document.body.classList.contains("is-internal")) offerOrganizations(state.app);
    showSection(state.check ? "#check" : window.location.hash);
    await followHealth(state.app, notice, { changed: readApp, shown: (health) => showRelay(health.relay) });
    usage.start();
}

// relay: of the app's health; undefined if it has none.
function showRelay(relay) {
    for (const id of ["relay", "relay-link"]) byId(id).hidden = !relay;
    if (!relay) return;
    addEvents(relay.events ?? []);
    const failing = relay.targets.filter(({ status }) => status !== "ok").map(({ name }) => name);
    byId("relay-summary").textContent = failing.length > 0 ? `Not delivered: ${failing.join(", ")}`
        : relay.targets.length === 1 ? "1 target" : `${relay.targets.length} targets`;
}

function addStyles(href) {
    if (document.querySelector(`link[href="${href}"]`)) return;
    document.head.append(element("link", { rel: "stylesheet", href }));
}

// Calls load, which loads the scripts of a section, when the section is opened for the first time.
function whenOpened(id, load) {
    const section = byId(id);
    const opened = async () => {
        if (!section.open) return;
        section.removeEventListener("toggle", opened);
        await awaitScripts(
            load(), new Notice(byId(`${id}-notice`)), "This section could not be loaded.",
            (hasFailed) => section.classList.toggle("is-without-script", hasFailed));
    };
    section.addEventListener("toggle", opened);
}

// Shows the section below the log that a link names, opened.
function showSection(hash) {
    if (!belowLog.includes(hash.slice(1))) return;
    const section = byId(hash.slice(1));
    section.open = true;
    section.querySelector("summary").scrollIntoView();
}

function linkSections() {
    byId("settings-link").href = `/settings.html?${new URLSearchParams({ app: state.app })}`;
    // Also links that are made later, as in an open row.
    byId("main").addEventListener("click", (event) => {
        const link = event.target.closest("a[href^='#']");
        // The keys open another tab or window.
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (!belowLog.includes(link.hash.slice(1))) return;
        event.preventDefault();
        const section = byId(link.hash.slice(1));
        section.open = true;
        section.querySelector("summary").focus();
    });
}

start();
