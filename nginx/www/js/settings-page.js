// The page with the settings of an app.

import { appPath, get } from "/js/api.js";
import { AppSettings, readPermission } from "/js/app-settings.js";
import { DeletePanel } from "/js/delete-panel.js";
import { badge, byId, element } from "/js/element.js";
import { InstallationPanel } from "/js/installation-panel.js";
import { KeyPanel, keyList } from "/js/key-panel.js";
import { Notice, showFailure } from "/js/notice.js";
import { setTitle } from "/js/product-name.js";
import { managedBySentry } from "/js/rejection.js";
import { SecretPanel } from "/js/secret-panel.js";
import { SettingsForm } from "/js/settings-form.js";
import { loadInfo } from "/js/site-header.js";
import { visibleLine } from "/js/visible-text.js";

const slug = new URLSearchParams(window.location.search).get("app") ?? "";
const notice = new Notice(byId("page-notice"));
const appPage = `/app.html?${new URLSearchParams({ app: slug })}`;
const noInfo = { policy: "unknown", events: [], managedBy: "hookline" };

// state: loading, failed, read-only, editable or deleted.
function setState(state) {
    byId("settings").dataset.state = state;
    byId("settings-loading").hidden = state !== "loading";
    byId("read-only").hidden = state !== "read-only";
    byId("editor").hidden = state !== "editable";
    byId("delete").hidden = state !== "editable";
    byId("installations").hidden = !["editable", "read-only"].includes(state);
}

async function load() {
    notice.clear();
    setState("loading");
    try {
        const [{ data: app }, mayWrite, info] = await Promise.all([
            get(appPath(slug)), readPermission(slug), readInfo(),
        ]);
        showHead(app);
        if (info.managedBy === "sentry") {
            showReadOnly(app, managedBySentry);
            byId("installations").hidden = true;
            return;
        }
        const isAdministrator = info.user?.isSuperuser === true;
        if (!mayWrite) {
            showReadOnly(app, "Changing these settings requires org:write in the organization that owns the app"
                + `${app.owner?.slug ? `, ${app.owner.slug}` : ""}.`);
            await showInstallations(app, isAdministrator);
            return;
        }
        await edit(app, info, isAdministrator);
    } catch (error) {
        failed(error);
    }
}

async function readInfo() {
    try {
        return await loadInfo();
    } catch (error) {
        // An older server does not have it.
        if (error.isTransient || error.kind === "signed-out") throw error;
        return noInfo;
    }
}

async function edit(app, info, isAdministrator) {
    const settings = new AppSettings(slug);
    try {
        await settings.read();
    } catch (error) {
        // Where the responder may not change the directory.
        const isFixed = error.kind === "forbidden" || error.kind === "not-found"
            || (error.kind === "unavailable" && /may not change the directory/.test(error.detail ?? ""));
        if (!isFixed) throw error;
        showReadOnly(app, error.kind === "not-found" && !error.hasRoute
            ? "This server cannot change apps through its API." : error.detail ?? error.message);
        byId("installations").hidden = true;
        return;
    }
    setState("editable");
    showHead(settings.app);
    const lacking = missingScopes(app);
    const reload = () => {
        byId("app-name").focus();
        load();
    };
    new SettingsForm(settings, info, { saved: () => showHead(settings.app), reload });
    new SecretPanel(settings, lacking, reload);
    new KeyPanel(settings, lacking, reload);
    new DeletePanel(settings, isAdministrator, { deleted, reload });
    await showInstallations(settings.app, isAdministrator);
}

let installations = null;

async function showInstallations(app, isAdministrator) {
    installations ??= new InstallationPanel(app, isAdministrator);
    await installations.load();
}

// The details mask the secret of callers who lack a scope of the app.
function missingScopes({ clientSecret, scopes }) {
    if (!/^\*+$/.test(clientSecret ?? "")) return null;
    return `Changing secrets and keys requires every scope that the app has: ${scopes.join(", ")}.`;
}

function showHead(app) {
    setTitle(`Settings of ${visibleLine(app.name)}`);
    byId("app-name").textContent = `Settings of ${visibleLine(app.name)}`;
    byId("app-status").replaceChildren(badge("none", app.status));
    byId("app-link").textContent = visibleLine(app.name);
    byId("app-facts").replaceChildren(
        element("span", {}, "Slug: ", element("code", {}, app.slug)),
        app.owner?.slug ? element("span", {}, `Owner: ${app.owner.slug}`) : "",
        app.clientId ? element("span", {}, "Client ID: ", element("code", {}, app.clientId)) : "");
}

function showReadOnly(app, reason) {
    setState("read-only");
    byId("read-only-reason").textContent = reason;
    const fields = [
        ["Name", visibleLine(app.name)],
        ["Webhook URL", app.webhookUrl ? element("code", {}, visibleLine(app.webhookUrl)) : "none"],
        ["Subscriptions", (app.webhookEvents ?? app.events).join(", ") || "none"],
        ["Alert rules can call it", app.isAlertable ? "yes" : "no"],
        ["Headers", app.webhookHeaders?.map((text) => visibleLine(text.slice(0, text.indexOf(":")))).join(", ")],
        ["Key pair", app.hookline ? keyList(app.hookline) : undefined],
    ];
    byId("read-only-facts").replaceChildren(...fields.filter(([, value]) => value !== undefined)
        .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function failed(error) {
    setState("failed");
    if (error.kind === "not-found") {
        notice.show("bad", `The app “${slug}” does not exist, or you do not have access to it.`, "",
            [{ text: "Show the apps", href: "/" }]);
        return;
    }
    showFailure(notice, error, "The settings could not be loaded.", load);
}

function deleted() {
    setState("deleted");
    byId("app-link").removeAttribute("href");
    notice.show("good", "The app is deleted.",
        "It gets no webhook any more. Its slug stays taken. Lists may show it for some more seconds.",
        [{ text: "Show the apps", href: "/" }]);
    byId("app-name").focus();
}

byId("app-name").textContent = `Settings of ${slug}`;
setTitle(`Settings of ${slug}`);
byId("app-link").href = appPage;
byId("app-link").textContent = slug;
if (slug === "") window.location.replace("/");
else load();
