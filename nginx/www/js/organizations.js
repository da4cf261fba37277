// The organizations that own the apps which the caller sees. The API has no list of organizations.

import { appPath, get } from "/js/api.js";
import { nextCursor } from "/js/log-source.js";

const maximumPages = 10;
const concurrentCalls = 4;

// Returns [{ slug, app, canManage }], sorted. app: the slug of one of its apps. canManage: the caller has org:write.
export async function readOrganizations() {
    const apps = await pages("/api/0/sentry-apps/");
    const example = new Map();
    for (const app of apps) if (app.owner?.slug && !example.has(app.owner.slug)) example.set(app.owner.slug, app.slug);
    const pending = [...example];
    const found = [];
    const work = async () => {
        for (let next = pending.shift(); next; next = pending.shift()) {
            const { data } = await get(appPath(next[1], "health/"));
            found.push({ slug: next[0], app: next[1], canManage: data.canManage === true });
        }
    };
    await Promise.all(Array.from({ length: concurrentCalls }, work));
    return found.sort((one, other) => one.slug.localeCompare(other.slug));
}

// Whether this server changes apps, to judge from an app of an organization that the caller manages: beside an original
// its details have no ETag.
export async function hasManagement(app) {
    return (await get(appPath(app))).tag !== null;
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
