// API calls of “Check an event”.

import { appPath, get, post } from "/js/api.js";

// check: { event, organization, project }. Returns { wouldBeDelivered, steps: [{ step, result, text }] }.
export async function checkEvent(slug, { event, organization, project }, signal) {
    const parameters = { eventType: event, organizationSlug: organization, project };
    return (await get(appPath(slug, "why/"), parameters, signal)).data;
}

// Returns the id of the test event. A retry with the same key returns the same id and queues nothing.
export async function sendTestEvent(slug, { event, organization, project }, key) {
    const body = { eventType: event };
    if (organization) body.organizationSlug = organization;
    if (project) body.project = project;
    return (await post(appPath(slug, "test-event/"), { body, key })).data.id;
}

export function rejectionText(error, isTest) {
    if (error.kind === "forbidden" && isTest) {
        return "You do not have permission. A test event requires org:write in the organization that owns the app.";
    }
    if (error.kind === "not-found" && (!error.hasRoute || error.status === 405)) {
        return "This server does not have this function in its API. Use “hookline why” on the server.";
    }
    return error.message;
}
