// What the server says of itself and of the user, loaded once for the whole page; and what the page's header shows of
// it: the name of this program, who is signed in, and a link to sign out.

import { get } from "/js/api.js";
import { byId, element } from "/js/element.js";
import { showProductName } from "/js/product-name.js";
import { visibleLine } from "/js/visible-text.js";

const superuserHint = "You have the rights of an administrator for every app and organization.";

let loading = null;

// Returns { name, version, policy, events, managedBy, signOutUrl, user }; throws an ApiError. After a failure the next
// call tries again.
export function loadInfo() {
    loading ??= read();
    return loading;
}

async function read() {
    try {
        const { data: info } = await get("/api/0/hookline/info/");
        showProductName(info.name);
        showAccount(info);
        return info;
    } catch (error) {
        loading = null;
        throw error;
    }
}

// For pages that need nothing else of it: without a response the header stays as it is.
export async function showHeader() {
    try {
        await loadInfo();
    } catch {
        // See above.
    }
}

function showAccount({ user, signOutUrl }) {
    const link = signOutLink(signOutUrl);
    byId("account").replaceChildren(...(user ? accountOf(user) : []), ...(link ? [link] : []));
}

function accountOf({ username, name, isSuperuser }) {
    const shown = visibleLine(name || username);
    const text = element("span", { class: "account-name muted", title: visibleLine(username) },
        "Signed in as ", element("bdi", {}, shown));
    return isSuperuser
        ? [text, element("span", { class: "badge badge-warn", title: superuserHint }, "Superuser")] : [text];
}

// Null unless it is an address of the web: nothing else may become a link, whatever the server says.
function signOutLink(url) {
    if (!url) return null;
    const link = element("a", { href: url }, "Sign out");
    return ["https:", "http:"].includes(link.protocol) ? link : null;
}
