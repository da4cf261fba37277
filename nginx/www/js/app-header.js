// The header of an app's page: name, status, health, and a notice if the app is disabled.

import { appPath, get, post } from "/js/api.js";
import { badge, byId, element } from "/js/element.js";
import { HealthNotices } from "/js/health-notices.js";
import { failedText, healthBadge } from "/js/health.js";
import { setTitle } from "/js/product-name.js";
import { redriveAll, rejection } from "/js/redrive.js";
import { Refresher } from "/js/refresher.js";
import { ago, fullTime, parseDate, utcText } from "/js/times.js";
import { visibleLine } from "/js/visible-text.js";

const healthPeriodSeconds = 30;
// After the app was enabled: how often to read its health as long as that is the former one, and how long at most,
// which is longer than responders cache the directory by default (HOOKLINE_DIRECTORY_CACHE_SECONDS).
const stalePeriodSeconds = 1;
const staleSeconds = 20;

export function showApp(app) {
    const name = visibleLine(app.name);
    setTitle(name);
    byId("app-name").textContent = name;
    byId("app-status").replaceChildren(badge("none", app.status));
    byId("app-facts").replaceChildren(
        element("span", {}, "Webhook URL: ",
            app.webhookUrl ? element("code", {}, visibleLine(app.webhookUrl)) : "none"),
        element("span", { id: "app-subscriptions" }));
    showSubscriptions(app.events);
    // An internal app belongs to a single organization.
    document.body.classList.toggle("is-internal", app.status === "internal");
    for (const id of ["organization-field", "check-organization-field", "redelivery-organization-field"]) {
        byId(id).hidden = app.status === "internal";
    }
}

// Refreshes the health while the page is visible. changed: an async function that is called when the app was disabled
// or enabled.
export function followHealth(slug, notice, changed) {
    const notices = new HealthNotices(slug);
    let before = null;
    let staleUntil = 0;
    const refresher = new Refresher(async () => {
        try {
            const { data: health } = await get(appPath(slug, "health/"));
            const isDisabled = health.status === "disabled";
            if (isDisabled && Date.now() < staleUntil) return { nextSeconds: stalePeriodSeconds };
            showHealth(health);
            notices.show(health);
            if (before !== null && isDisabled !== (before === "disabled")) await changed();
            // Somebody else has enabled it.
            if (!isDisabled && before === "disabled") notice.clear();
            if (isDisabled && before !== "disabled") offerEnabling(slug, health, notice, enabled);
            before = health.status;
            return {};
        } catch (error) {
            // Who may not even read the app's health may change nothing.
            if (error.kind === "forbidden") document.body.classList.add("is-read-only", "is-forbidden", "no-erase");
            // No message: the request log below reports the same failure.
            if (!error.isTransient) refresher.stop();
            return { hasFailed: true, waitSeconds: error.retryAfter ?? 0 };
        }
    }, () => {}, healthPeriodSeconds);
    // Other responders may have the app's former state in their caches for some seconds.
    const enabled = ({ events }) => {
        byId("app-health").replaceChildren(badge("good", "enabled", "The app has just been enabled."));
        // Its causes were those of the former state.
        notices.clear();
        showSubscriptions(events);
        staleUntil = Date.now() + staleSeconds * 1000;
        before = "enabled";
        refresher.resume();
    };
    return refresher.resume();
}

function showSubscriptions(events) {
    byId("app-subscriptions").textContent = events?.length > 0 ? `Subscriptions: ${events.join(", ")}` : "";
}

function showHealth(health) {
    const { classList } = document.body;
    classList.toggle("is-read-only", health.canManage === false);
    classList.toggle("may-write", health.canManage !== false);
    classList.toggle("may-erase", health.canErase === true);
    classList.toggle("no-erase", health.canErase !== true);
    const last = parseDate(health.lastRequest);
    byId("app-health").replaceChildren(healthBadge(health));
    byId("app-last").replaceChildren(
        `${failedText(health)} failed in 24 h`,
        last ? element("span", { title: utcText(last) }, `, last request ${ago(last)}`) : ", no requests yet");
}

function offerEnabling(slug, health, notice, enabled) {
    const since = parseDate(health.disabledSince);
    const rule = health.canManage === false ? " To enable it requires org:write in the organization that owns it." : "";
    notice.show(
        "warn", "This app is disabled. It receives no webhooks.",
        `${since ? `Disabled since ${fullTime(since)}. ` : ""}Reason: ${health.disabledReason || "not given"}.${rule}`,
        rule ? [] : [{ text: "Enable app", run: () => enable(slug, health, notice, enabled) }]);
}

async function enable(slug, health, notice, enabled) {
    const redrive = { text: "Redrive dead letters", run: () => redriveAll(slug, notice, redrive) };
    const again = () => enable(slug, health, notice, enabled);
    try {
        const { data: app } = await post(appPath(slug, "enable/"));
        notice.show("good", "The app is enabled.",
            "It receives new events from now on. Events that were waiting when it was disabled are dead letters, which "
                + "can be sent now.", [redrive]);
        enabled(app);
    } catch (error) {
        if (error.mayHaveSucceeded) {
            notice.show("warn", "It is not known whether the app was enabled.", error.message,
                [{ text: "Try again", run: again }]);
            return;
        }
        notice.show("bad", "The app could not be enabled.", rejection(error, "hookline app enable"),
            [{ text: "Back", run: () => offerEnabling(slug, health, notice, enabled) }]);
    }
}
