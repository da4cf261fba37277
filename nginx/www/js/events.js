// The events that the server can send and query (HOOKLINE_EVENTS), for filters and checks, grouped by resource.

import { element } from "/js/element.js";
import { loadInfo } from "/js/site-header.js";

// The select elements that list the events, and the groups of the last list.
const selects = new Set();
let groups = [];

const option = (event) => element("option", { value: event }, event);
const hasOption = (select, event) => [...select.options].some((one) => one.value === event);

// Makes a select element list the events, also those that are loaded later. event: added to the list if it is not in
// it, for example an event in the page's URL. first: an option before all others.
export function fillEvents(select, event = "", first = null) {
    if (!selects.has(select)) {
        selects.add(select);
        if (first) select.append(first);
        select.append(...optionGroups());
    }
    if (event && !hasOption(select, event)) select.append(option(event));
}

// Loads the list; throws an ApiError.
export async function loadEvents() {
    const { events } = await loadInfo();
    groups = grouped(events);
    for (const select of selects) refill(select);
}

// Adds events that only one app has, such as those that its relay has received.
export function addEvents(events) {
    const known = new Set(groups.flatMap(([, names]) => names));
    const added = events.filter((event) => !known.has(event));
    if (added.length === 0) return;
    groups = grouped([...known, ...added]);
    for (const select of selects) refill(select);
}

function grouped(events) {
    const byResource = new Map();
    for (const event of events) {
        const [resource] = event.split(".");
        byResource.set(resource, [...byResource.get(resource) ?? [], event]);
    }
    return [...byResource];
}

// "event_alert" is "Event alert".
const title = (resource) => resource.charAt(0).toUpperCase() + resource.slice(1).replaceAll("_", " ");

const optionGroups = () => groups.map(
    ([resource, events]) => element("optgroup", { label: title(resource) }, events.map(option)));

// Keeps the selection, and an option before all others.
function refill(select) {
    const { value } = select;
    const first = [...select.children].filter((one) => one.value === "");
    select.replaceChildren(...first, ...optionGroups());
    if (value === "") return;
    fillEvents(select, value);
    select.value = value;
}
