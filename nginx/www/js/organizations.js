// The organizations that own the apps which the caller sees. The API has no list of organizations.

import { appPath, each, get, pages } from "/js/api.js";

// Each takes two calls.
const maximumOrganizations = 20;

// Returns { organizations: [{ slug, app, canManage }], hasMore }. app: the slug of one of its apps. canManage: the
// caller has org:write in it. first: the slug of an organization that comes before all others, or null.
export async function readOrganizations(first = null) {
    const { rows: apps } = await pages("/api/0/sentry-apps/");
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

// The installations of an organization: [{ app: { slug }, organization: { slug }, uuid, status }].
export async function readInstallations(organization) {
    return (await pages(`/api/0/organizations/${encodeURIComponent(organization)}/sentry-app-installations/`)).rows;
}
