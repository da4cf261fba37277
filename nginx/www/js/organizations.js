// The organizations that own the apps which the caller sees. The API has no list of organizations.

import { appPath, get } from "/js/api.js";
import { nextCursor } from "/js/log-source.js";

const maximumPages = 10;
// Each takes two calls.
const maximumOrganizations = 20;
const concurrentCalls = 4;

// Returns { organizations: [{ slug, app, canManage }], hasMore }. app: the slug of one of its apps. canManage: the
// caller has org:write in it. first: the slug of an organization that comes before all others, or null.
export async function readOrganizations(first = null) {
    const apps = await pages("/api/0/sentry-apps/");
    const examples = new Map();
    for (const { owner, slug } of apps) if (owner?.slug && !examples.has(owner.slug)) examples.set(owner.slug, slug);
    const slugs = [...examples.keys()].sort((one, other) => (other === first) - (one === first)
        || one.localeCompare(other));
    const organizations = await each(slugs.slice(0, maximumOrganizations), async (slug) => {
        const app = examples.get(slug);
        const { data } = await get(appPath(app, "health/"));
        return { slug, app, canManage: data.canManage === true };
    });
    return { organizations, hasMore: slugs.length > maximumOrganizations };
}

// Calls an async function for each item, for some at a time; returns the results in the order of the items.
export async function each(items, call) {
    const results = [];
    const pending = [...items.entries()];
    const work = async () => {
        for (let next = pending.shift(); next; next = pending.shift()) results[next[0]] = await call(next[1]);
    };
    await Promise.all(Array.from({ length: concurrentCalls }, work));
    return results;
}

// The installations of an organization: [{ app: { slug }, organization: { slug }, uuid, status }].
export function readInstallations(organization) {
    return pages(`/api/0/organizations/${encodeURIComponent(organization)}/sentry-app-installations/`);
}

async function pages(path) {
    const rows = [];
    let cursor = "";
    for (let page = 0; page < maximumPages && cursor !== null; page += 1) {
        const { data, link } = await get(path, { cursor });
        rows.push(...data);
        cursor = nextCursor(link);
    }
    return rows;
}
