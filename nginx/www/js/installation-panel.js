// Where the app is installed, as far as the caller may see that, and installing and uninstalling it.

import { each, post, remove } from "/js/api.js";
import { confirmButton } from "/js/confirm.js";
import { byId, element } from "/js/element.js";
import { clearFieldErrors, showFieldError, showFieldErrors } from "/js/field-errors.js";
import { Notice, showFailure } from "/js/notice.js";
import { readInstallations, readOrganizations } from "/js/organizations.js";
import { visibleLine } from "/js/visible-text.js";

const permission = "This requires org:write in the organization that installs the app.";

export class InstallationPanel {
    // app: { slug, status, owner }. isAdministrator: whether the user has the rights of a superuser.
    constructor(app, isAdministrator) {
        this.app = app;
        this.isAdministrator = isAdministrator;
        this.notice = new Notice(byId("installations-notice"));
        this.form = byId("install-form");
        this.field = this.form.elements.organization;
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.install();
        });
        byId("install-note").textContent = app.status === "published"
            ? permission
            : `Only the organization that owns the app can install it until it is published. ${permission}`;
        if (app.status !== "published" && app.owner?.slug) this.field.value = app.owner.slug;
    }

    // Returns whether the list could be loaded.
    async load() {
        this.show("loading", []);
        try {
            const { organizations, hasMore } = await readOrganizations(this.app.owner?.slug);
            const lists = await each(organizations, ({ slug }) => readInstallations(slug));
            const rows = lists.flatMap((list, index) => list.filter(({ app }) => app.slug === this.app.slug)
                .map((row) => ({ ...row, canManage: organizations[index].canManage })));
            const manageable = organizations.filter((one) => one.canManage && this.mayBeInstalledIn(one));
            byId("install-organizations").replaceChildren(
                ...manageable.map(({ slug }) => element("option", { value: slug })));
            this.form.hidden = manageable.length === 0;
            this.notice.clear();
            byId("installations-note").textContent = hasMore
                ? `Those in the first ${organizations.length} of the organizations whose apps you can read.`
                : "Those in organizations whose apps you can read.";
            this.show("loaded", rows);
            return true;
        } catch (error) {
            this.show("failed", []);
            showFailure(this.notice, error, "The installations could not be loaded.", () => this.load());
            return false;
        }
    }

    // Loads the list after a change and says what was done.
    async showDone(text) {
        if (await this.load()) this.notice.show("good", text);
        else this.notice.show("warn", text, "The installations could not be loaded.", [this.reloading]);
    }

    get reloading() {
        return { text: "Reload installations", run: () => this.load() };
    }

    // Before it is published, only its owner and administrators install it.
    mayBeInstalledIn({ slug }) {
        return this.app.status === "published" || this.isAdministrator || slug === this.app.owner?.slug;
    }

    show(state, rows) {
        byId("installations").dataset.state = state;
        byId("installations-loading").hidden = state !== "loading";
        byId("installations-empty").hidden = state !== "loaded" || rows.length > 0;
        byId("installations-table").hidden = rows.length === 0;
        byId("installations-table").tBodies[0].replaceChildren(...rows.map((row) => this.row(row)));
    }

    row({ organization, uuid, status, canManage }) {
        return element("tr", {},
            element("th", { scope: "row" }, visibleLine(organization.slug)), element("td", {}, status),
            element("td", { class: "uuid" }, element("code", {}, uuid)),
            element("td", { class: "row-action" }, canManage ? confirmButton({
                text: "Uninstall", isDanger: true, name: `Uninstall from ${organization.slug}`,
                question: () => `Uninstall the app from ${organization.slug}? It then gets none of its events.`,
                run: () => this.uninstall(organization.slug, uuid),
            }) : element("span", { class: "muted" },
                `Uninstalling requires org:write in ${visibleLine(organization.slug)}.`)));
    }

    async install() {
        const organization = this.field.value.trim();
        clearFieldErrors(this.form);
        this.notice.clear();
        if (organization === "") {
            showFieldError(this.form, "organization", "Enter the slug of an organization.");
            return;
        }
        const path = `/api/0/organizations/${encodeURIComponent(organization)}/sentry-app-installations/`;
        try {
            const { status } = await post(path, { body: { slug: this.app.slug } });
            await this.showDone(status === 200
                ? `The app was already installed in ${organization}.` : `The app is installed in ${organization}.`);
        } catch (error) {
            this.rejected(error, organization);
        }
    }

    rejected(error, organization) {
        if (error.status === 404) {
            showFieldError(this.form, "organization", `There is no organization ${organization}.`);
        } else if (error.kind === "forbidden") {
            showFieldError(this.form, "organization", `${error.message} ${permission}`);
        } else if (error.status === 400) {
            const others = showFieldErrors(this.form, { organization: Object.values(error.body ?? {}).flat() });
            if (others.length > 0) this.notice.show("bad", "The app was not installed.", others.join(" "));
        } else if (error.mayHaveSucceeded) {
            this.notice.show(
                "warn", "It is not known whether the app was installed.", error.message, [this.reloading]);
        } else {
            showFailure(this.notice, error, "The app was not installed.");
        }
    }

    async uninstall(organization, uuid) {
        try {
            await remove(`/api/0/sentry-app-installations/${encodeURIComponent(uuid)}/`);
            await this.showDone(`The app is uninstalled from ${organization}.`);
        } catch (error) {
            if (error.mayHaveSucceeded) {
                this.notice.show(
                    "warn", "It is not known whether the app was uninstalled.", error.message, [this.reloading]);
            } else {
                showFailure(this.notice, error, "The app was not uninstalled.", () => this.load());
            }
        }
        byId("installations-title").focus();
    }
}
