// Redelivery of a time range: a form that creates a job, and the list of jobs with their progress.

import { appPath, get, newKey, post, remove } from "/js/api.js";
import { ask } from "/js/confirm.js";
import { badge, byId, element, whileBusy } from "/js/element.js";
import { fillEvents } from "/js/events.js";
import { clearFieldErrors, showFieldError, showFieldErrors } from "/js/field-errors.js";
import { Notice, showFailure } from "/js/notice.js";
import { count, counted } from "/js/numbers.js";
import { Refresher } from "/js/refresher.js";
import { ago, fromLocalField, fullTime, parseDate } from "/js/times.js";
import { visibleLine } from "/js/visible-text.js";

const tones = { waiting: "none", running: "none", done: "good", cancelled: "warn", failed: "bad" };
const isActive = ({ state }) => state === "waiting" || state === "running";
const isLimited = ({ eventTypes, organizationSlug }) => Boolean(eventTypes || organizationSlug);
// The names of the API's fields, as fields of the form.
const formFields = { eventTypes: "eventType", organizationSlug: "organization" };

export class RedeliveryJobs {
    constructor(slug) {
        this.slug = slug;
        this.key = null;
        // By the job's id: its row, and the job as text.
        this.rows = new Map();
        this.section = byId("redeliveries");
        this.form = byId("redelivery-form");
        this.question = byId("redelivery-question");
        this.table = byId("redeliveries-table");
        this.notice = new Notice(byId("redeliveries-notice"));
        fillEvents(this.form.elements.eventType, "", element("option", { value: "" }, "All events"));
        this.section.addEventListener("toggle", () => {
            if (this.section.open) this.refresher.resume();
            else this.refresher.stop();
        });
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            if (event.submitter?.value === "count") this.count();
            else this.askAndCreate();
        });
        this.form.addEventListener("input", () => {
            this.key = null;
            this.question.replaceChildren();
        });
        this.refresher = new Refresher(() => this.load(), () => {}, 3);
    }

    // Loads the jobs if the section is open, and again and again until it is closed.
    start() {
        if (this.section.open) this.refresher.resume();
    }

    async load() {
        try {
            const { data: { redeliveries } } = await get(appPath(this.slug, "redeliveries/"));
            this.show(redeliveries);
            if (this.hasFailed) this.notice.clear();
            this.hasFailed = false;
            // Jobs that have ended do not change.
            return redeliveries.some(isActive) ? {} : { nextSeconds: 30 };
        } catch (error) {
            this.hasFailed = true;
            showFailure(this.notice, error, "The redelivery jobs could not be loaded.", () => this.refresher.resume());
            if (!error.isTransient) this.refresher.stop();
            return { hasFailed: true, waitSeconds: error.retryAfter ?? 0 };
        }
    }

    // Rows that have not changed stay as they are: a refresh moves neither the focus nor what is being clicked.
    show(jobs) {
        this.section.dataset.state = jobs.length > 0 ? "rows" : "empty";
        const active = jobs.filter(isActive).length;
        byId("redeliveries-count").textContent = active > 0 ? `${counted(active, "job")} in progress` : "";
        this.table.hidden = jobs.length === 0;
        const before = this.rows;
        this.rows = new Map(jobs.map((job) => {
            const text = JSON.stringify(job);
            const known = before.get(job.id);
            return [job.id, known?.text === text ? known : { text, node: this.row(job) }];
        }));
        const focused = document.activeElement?.closest("#redeliveries-table tr")?.dataset.job;
        const nodes = [...this.rows.values()].map(({ node }) => node);
        const isSame = nodes.length === this.table.tBodies[0].rows.length
            && nodes.every((node, index) => node === this.table.tBodies[0].rows[index]);
        if (isSame) return;
        this.table.tBodies[0].replaceChildren(...nodes);
        if (focused) this.rows.get(focused)?.node.querySelector("button")?.focus();
    }

    row(job) {
        const [since, until, created] = [job.since, job.until, job.createdAt].map(parseDate);
        const limits = [
            job.errorsOnly ? "failed only" : null, job.eventTypes?.join(", "), job.organizationSlug,
        ].filter(Boolean).join(" · ");
        return element("tr", { "data-job": job.id },
            element("th", { scope: "row", class: "range" },
                element("span", {}, `${fullTime(since)} –`), element("span", {}, fullTime(until)),
                limits ? element("span", { class: "muted limits" }, visibleLine(limits)) : null),
            element("td", {}, badge(tones[job.state] ?? "none", job.state, job.reason ?? undefined),
                job.reason ? element("span", { class: "muted limits" }, visibleLine(job.reason)) : null),
            element("td", { "data-label": "Examined" },
                progress(job), ` ${count(job.examined)} of ${count(job.total)}`),
            element("td", { class: "number", "data-label": "Redelivered" }, count(job.redelivered)),
            element("td", { "data-label": "Created" },
                `${ago(created)} by `, visibleLine(job.createdBy)),
            element("td", { class: "row-action" }, isActive(job) ? element("button", {
                type: "button", class: "needs-write", "aria-label": `Cancel the job of ${fullTime(created)}`,
                onclick: () => this.cancel(job),
            }, "Cancel") : null));
    }

    // What the form says, as the body of a call; null if it is incomplete, which the form then shows.
    body() {
        clearFieldErrors(this.form);
        this.notice.clear();
        this.question.replaceChildren();
        const { since, until, eventType, organization, errorsOnly } = this.form.elements;
        const start = fromLocalField(since.value);
        if (!start) {
            showFieldError(this.form, "since", "Enter when the time range starts.");
            return null;
        }
        const body = { since: start.toISOString(), errorsOnly: errorsOnly.checked };
        const end = fromLocalField(until.value);
        if (end) body.until = end.toISOString();
        if (eventType.value) body.eventTypes = [eventType.value];
        if (organization.value.trim()) body.organizationSlug = organization.value.trim();
        return body;
    }

    async count() {
        const body = this.body();
        if (body === null) return;
        const total = await this.counted(body);
        if (total === null) return;
        const hint = isLimited(body) ? "Other event types and organizations included." : "";
        this.notice.show("info", `${counted(total, "stored event")} in this time range.`, hint);
    }

    // The number of stored events in the time range; null if it could not be counted, which is then shown.
    async counted(body) {
        return this.whileBusy(async () => {
            try {
                const { data } = await post(appPath(this.slug, "redeliveries/"), { body: { ...body, dryRun: true } });
                return data.total;
            } catch (error) {
                this.rejected(error, true);
                return null;
            }
        });
    }

    async askAndCreate() {
        const body = this.body();
        if (body === null) return;
        const total = await this.counted(body);
        if (total === null) return;
        if (total === 0) {
            this.notice.show("info", "There are no stored events in this time range.");
            return;
        }
        const button = this.form.querySelector("button[value=create]");
        const close = () => {
            this.question.replaceChildren();
            button.focus();
        };
        // The count knows neither failures nor event types nor organizations.
        const most = body.errorsOnly || isLimited(body) ? "at most " : "";
        ask(this.question, {
            question: `Redeliver ${most}${counted(total, "event")}?`, confirm: "Redeliver", cancel: close,
            run: async () => {
                await this.create(body);
                close();
            },
        });
    }

    async create(body) {
        this.key ??= newKey();
        await this.whileBusy(async () => {
            try {
                await post(appPath(this.slug, "redeliveries/"), { body, key: this.key });
                this.key = null;
                this.notice.show("good", "The job is created.", "Workers redeliver the events, oldest first.");
                await this.refresher.resume();
            } catch (error) {
                this.rejected(error, false);
            }
        });
    }

    // The buttons of the form do nothing until the call has ended.
    whileBusy(call) {
        return whileBusy([...this.form.querySelectorAll("button[type=submit]")], call);
    }

    rejected(error, isDryRun) {
        if (error.mayHaveSucceeded && !isDryRun) {
            this.notice.show("warn", "It is not known whether the job was created.",
                `${error.message} Press the button again: the job is not created twice.`);
            return;
        }
        if (!isDryRun) this.key = null;
        const title = isDryRun ? "The events could not be counted." : "The job was not created.";
        if (error.status === 400 && error.body) {
            const named = Object.entries(error.body).filter(([, value]) => Array.isArray(value))
                .map(([field, messages]) => [formFields[field] ?? field, messages]);
            const others = showFieldErrors(this.form, Object.fromEntries(named));
            if (others.length > 0) this.notice.show("bad", title, others.join(" "));
        } else {
            showFailure(this.notice, error, title);
        }
    }

    async cancel(job) {
        try {
            const { data } = await remove(appPath(this.slug, `redeliveries/${job.id}/`));
            if (data.state === "cancelled") {
                this.notice.show("good", "The job is cancelled.", "What it has put into the queue is delivered.");
            } else {
                this.notice.show("info", `The job had ended already: ${data.state}.`);
            }
        } catch (error) {
            const title = error.mayHaveSucceeded ? "It is not known whether the job was cancelled." : null;
            showFailure(this.notice, error, title ?? "The job was not cancelled.");
        }
        await this.refresher.resume();
        byId("redeliveries-title").focus();
    }
}

function progress({ total, examined }) {
    const max = Math.max(total, examined, 1);
    return element("progress", { max: String(max), value: String(examined), "aria-label": "Progress" });
}
