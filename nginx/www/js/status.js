// The status page for operators: queues, workers, counters.

import { get } from "/js/api.js";
import { badge, byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";
import { count } from "/js/numbers.js";
import { Refresher } from "/js/refresher.js";
import { loadInfo, showHeader } from "/js/site-header.js";
import { ago, clockTime, fullTime, parseDate, utcText } from "/js/times.js";

const notice = new Notice(byId("page-notice"));
let hasLoaded = false;
// The page of the operators, which only some addresses may read.
let path = "/-/status";
const pathForSuperusers = "/api/0/hookline/status/";

const cell = (content, attributes = {}) => element("td", attributes, content ?? "–");
const number = (value) => cell(typeof value === "number" ? count(value) : null, { class: "number" });
const time = (date) => (date ? element(
    "time", { datetime: date.toISOString(), title: `${fullTime(date)} – ${utcText(date)}` }, ago(date)) : null);

async function load() {
    try {
        const { data: status } = await read();
        notice.clear();
        show(status);
        return {};
    } catch (error) {
        if (error.kind === "forbidden" || error.kind === "not-found") {
            byId("status").hidden = true;
            notice.show("info", "You may not see the status.", "It requires the rights of a superuser, or an address "
                + "in nginx's file hookline.monitors. On the server itself: curl -s https://…/-/status");
            refresher.stop();
            return {};
        }
        showFailure(notice, error, hasLoaded ? "The status could not be refreshed." : "The status could not be loaded.",
            () => refresher.resume());
        if (!error.isTransient) refresher.stop();
        return { hasFailed: true, waitSeconds: error.retryAfter ?? 0 };
    }
}

// Where the address of the user may not read the page, a superuser may by the API.
async function read() {
    try {
        return await get(path, path === pathForSuperusers ? {} : { json: "1" });
    } catch (error) {
        const isRefused = error.kind === "forbidden" || error.kind === "not-found";
        if (!isRefused || path === pathForSuperusers || !(await loadInfo()).user?.isSuperuser) throw error;
        path = pathForSuperusers;
        return get(path);
    }
}

function show(status) {
    hasLoaded = true;
    byId("status").hidden = false;
    byId("version").textContent = `Version ${status.version} · Updated ${clockTime(new Date())}`;
    const isReachable = status.redis === "reachable";
    const isRefusing = status.redis === "refusing";
    const fault = isRefusing ? "Redis refuses commands" : "Redis unreachable";
    byId("redis").replaceChildren(isReachable ? badge("good", "Redis connected") : badge("bad", fault));
    byId("fleet").hidden = !isReachable;
    if (!isReachable) {
        notice.show("bad", isRefusing ? "Redis refuses commands." : "Redis is unreachable.", status.redis_error ?? "");
        return;
    }
    rows("queues", status.queues, (queue) => [
        element("th", { scope: "row" }, queue.name), number(queue.waiting), number(queue.pending),
        number(queue.scheduled), number(queue.dead), cell(overdue(queue), { class: "number" }),
        cell(time(parseDate(queue.next_due_time))),
    ]);
    rows("workers", status.workers, (worker) => [
        element("th", { scope: "row" }, worker.consumer), cell(worker.version), number(worker.in_flight),
        cell(time(parseDate(worker.start_time))), cell(time(parseDate(worker.last_seen))),
    ]);
    rows("counters", status.counters, (counter) => [
        element("th", { scope: "row" }, counter.name.replaceAll("_", " ")),
        cell(Object.entries(counter.tags).map(([name, value]) => `${name}=${value}`).join(", ") || null),
        number(counter.count),
    ]);
    byId("no-workers").hidden = status.workers.length > 0;
}

// How long the oldest entry has been due.
function overdue(queue) {
    return queue.waiting > 0 ? `${count(Math.round(queue.oldest_due_seconds))} s` : null;
}

function rows(id, values, cells) {
    const table = byId(id);
    table.hidden = values.length === 0;
    table.tBodies[0].replaceChildren(...values.map((value) => element("tr", {}, cells(value))));
}

const refresher = new Refresher(load, () => {});
showHeader();
refresher.resume();
