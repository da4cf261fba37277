// What is asked about an event: would the app get it, and what becomes of a test event.

import { appPath, get, post } from "/js/api.js";

// check: { event, organization, project }. Answers { wouldBeDelivered, steps: [{ step, result, text }] }.
export async function askWhy(slug, { event, organization, project }, signal) {
    const parameters = { eventType: event, organizationSlug: organization, project };
    return (await get(appPath(slug, "why/"), parameters, signal)).data;
}

// Answers the test event's id; under the same key it is the same event.
export async function sendTestEvent(slug, { event, organization, project }, key) {
    const body = { eventType: event };
    if (organization) body.organizationSlug = organization;
    if (project) body.project = project;
    return (await post(appPath(slug, "test-event/"), { body, key })).data.id;
}

// A sentence for what the server refused.
export function refusalOfCheck(error, isTest) {
    if (error.kind === "forbidden" && isTest) {
        return "You may not do this: a test event needs the right org:write in the organization that owns the app.";
    }
    if (error.kind === "missing" && (!error.hasRoute || error.status === 405)) {
        return "This server does not answer that. On its command line “hookline why” does.";
    }
    return error.message;
}
