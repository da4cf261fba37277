// The page that creates an app.

import { post } from "/js/api.js";
import { AppSettings } from "/js/app-settings.js";
import { byId, element } from "/js/element.js";
import { clearFieldErrors, showFieldErrors } from "/js/field-errors.js";
import { Notice, showFailure } from "/js/notice.js";
import { readOrganizations } from "/js/organizations.js";
import { setTitle } from "/js/product-name.js";
import { managedBySentry } from "/js/rejection.js";
import { secretBox } from "/js/secret-panel.js";
import { loadInfo } from "/js/site-header.js";
import { Subscriptions } from "/js/subscriptions.js";
import { visibleLine } from "/js/visible-text.js";

const pageNotice = new Notice(byId("page-notice"));
const notice = new Notice(byId("create-notice"));
const form = byId("create-form");
const fields = form.elements;
let subscriptions = null;
let isBusy = false;

// state: loading, failed, refused, form or created.
function setState(state) {
    byId("create").dataset.state = state;
    byId("create-loading").hidden = state !== "loading";
    byId("create-refused").hidden = state !== "refused";
    form.hidden = state !== "form";
    byId("created").hidden = state !== "created";
}

async function load() {
    pageNotice.clear();
    setState("loading");
    try {
        const [{ organizations }, info] = await Promise.all([readOrganizations(), loadInfo()]);
        const manageable = organizations.filter(({ canManage }) => canManage);
        const refusal = await reasonAgainst(organizations, manageable, info);
        if (refusal !== null) {
            byId("create-refused").textContent = refusal;
            setState("refused");
            return;
        }
        byId("organizations").replaceChildren(...manageable.map(({ slug }) => element("option", { value: slug })));
        if (manageable.length === 1) fields.organization.value = manageable[0].slug;
        subscriptions = new Subscriptions(byId("subscriptions"), info.events, "events-error", () => {});
        subscriptions.show([]);
        setState("form");
    } catch (error) {
        setState("failed");
        showFailure(pageNotice, error, "The form could not be loaded.", load);
    }
}

// Null if the caller may create apps, or if that is not known because there is none yet.
async function reasonAgainst(organizations, manageable, { managedBy }) {
    if (managedBy === "sentry") return managedBySentry;
    if (organizations.length === 0) return null;
    if (manageable.length === 0) return "Creating an app requires org:write in the organization that is to own it.";
    try {
        // Fails where the responder may only read the directory.
        await new AppSettings(manageable[0].app).read();
        return null;
    } catch (error) {
        if (error.isTransient && !/may not change the directory/.test(error.detail ?? "")) throw error;
        return error.detail ?? error.message;
    }
}

function values() {
    const { organization, name, slug, isInternal, webhookUrl } = fields;
    const text = (field) => field.value.trim() || null;
    return {
        organization: organization.value.trim(), name: name.value.trim(), slug: text(slug),
        isInternal: isInternal.checked, webhookUrl: text(webhookUrl), events: subscriptions.value,
    };
}

async function create() {
    if (isBusy) return;
    clearFieldErrors(form);
    notice.clear();
    setBusy(true);
    try {
        const { data: app } = await post("/api/0/sentry-apps/", { body: values() });
        showCreated(app);
    } catch (error) {
        rejected(error);
    }
    setBusy(false);
}

function rejected(error) {
    const title = "The app was not created.";
    if (error.status === 400) {
        const others = showFieldErrors(form, error.body);
        notice.show("bad", title, others.length > 0 ? others.join(" ") : "The reasons are beside the fields.");
    } else if (error.kind === "forbidden") {
        notice.show("bad", title, `${error.message} This requires org:write in the organization.`);
    } else if (error.mayHaveSucceeded) {
        notice.show("warn", "It is not known whether the app was created.",
            `${error.message} Look at the list of apps before you try again.`, [{ text: "Show the apps", href: "/" }]);
    } else {
        showFailure(notice, error, title);
    }
}

function showCreated(app) {
    const query = new URLSearchParams({ app: app.slug });
    byId("created-title").textContent = `${visibleLine(app.name)} is created`;
    byId("created-settings").href = `/settings.html?${query}`;
    byId("created-log").href = `/app.html?${query}`;
    const box = secretBox(app, null);
    byId("created-secret").replaceChildren(box);
    setState("created");
    box.focus();
}

function setBusy(busy) {
    isBusy = busy;
    byId("save").setAttribute("aria-disabled", String(busy));
}

form.addEventListener("submit", (event) => {
    event.preventDefault();
    create();
});
setTitle("Create an app");
load();
