// The head of an app's page: name, status, health, and what to do about a disabled app.

import { appPath, get, post } from "/js/api.js";
import { badge, byId, element } from "/js/element.js";
import { failedText, healthBadge } from "/js/health.js";
import { Refresher } from "/js/refresher.js";
import { ago, fullTime, parseDate, utcText } from "/js/times.js";

const healthEverySeconds = 30;

export function showApp(app) {
    document.title = `${app.name} – Hookline`;
    byId("app-name").textContent = app.name;
    byId("app-status").replaceChildren(badge("none", app.status));
    byId("app-facts").replaceChildren(
        element("span", {}, "Webhooks to ", element("code", {}, app.webhookUrl ?? "nowhere")),
        app.events?.length > 0 ? element("span", {}, `Subscribed to ${app.events.join(", ")}`) : null ?? "");
    // An internal app has one organization only.
    document.body.classList.toggle("is-internal", app.status === "internal");
    for (const id of ["organization-field", "check-organization-field"]) byId(id).hidden = app.status === "internal";
}

// Reads the health now and then while the page is seen.
export function followHealth(slug, notice) {
    let before = null;
    const refresher = new Refresher(async () => {
        try {
            const { data: health } = await get(appPath(slug, "health/"));
            showHealth(health);
            if (health.status === "disabled" && before !== "disabled") offerEnabling(slug, health, notice, refresher);
            before = health.status;
            return {};
        } catch (error) {
            // Quiet: the log is there all the same, and says by itself what is wrong with the server.
            if (!error.isPassing) refresher.stop();
            return { hasFailed: true, waitSeconds: error.retryAfter ?? 0 };
        }
    }, () => {}, healthEverySeconds);
    return refresher.now();
}

function showHealth(health) {
    const last = parseDate(health.lastRequest);
    byId("app-health").replaceChildren(healthBadge(health));
    byId("app-last").replaceChildren(
        `${failedText(health)} failed in 24 h`,
        last ? element("span", { title: utcText(last) }, `, last request ${ago(last)}`) : ", no request yet");
}

function offerEnabling(slug, health, notice, refresher) {
    const since = parseDate(health.disabledSince);
    notice.show(
        "warn", "This app is disabled: nothing is sent to it.",
        `${since ? `Since ${fullTime(since)}. ` : ""}The reason: ${health.disabledReason || "none was given"}.`,
        [{ text: "Enable it", run: () => enable(slug, health, notice, refresher) }]);
}

async function enable(slug, health, notice, refresher) {
    try {
        await post(appPath(slug, "enable/"));
        notice.show("good", "The app is enabled.", "Events from now on are sent to it.");
        refresher.resume();
    } catch (error) {
        const sentence = error.kind === "forbidden"
            ? "You may not do this: it needs the right org:write in the organization that owns the app."
            : error.kind === "missing" && (!error.hasRoute || error.status === 405)
                ? "This server does not offer it: use hookline app enable." : error.message;
        notice.show("bad", "The app could not be enabled.", sentence,
            [{ text: "Back", run: () => offerEnabling(slug, health, notice, refresher) }]);
    }
}
