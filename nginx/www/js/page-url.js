// The state of the app page in its URL, so that a view can be shared, bookmarked and restored by the Back button.

const periods = ["90d", "7d", "24h"];

export function readURL(location = window.location) {
    const query = new URLSearchParams(location.search);
    const date = (name) => {
        const value = query.get(name) ? new Date(query.get(name)) : null;
        return value && !Number.isNaN(value.getTime()) ? value : null;
    };
    return {
        app: query.get("app") ?? "",
        event: query.get("event") ?? "",
        errors: query.get("errors") === "1",
        organization: query.get("organization") ?? "",
        from: date("from"),
        to: date("to"),
        search: query.get("search") ?? "",
        check: query.get("check") ? {
            event: query.get("check"), organization: query.get("check-organization") ?? "",
            project: query.get("check-project") ?? "",
        } : null,
        period: periods.includes(query.get("usage")) ? query.get("usage") : "7d",
    };
}

function pageURL(state) {
    const minute = (date) => `${date.toISOString().slice(0, 16)}Z`;
    const query = new URLSearchParams({ app: state.app });
    if (state.event) query.set("event", state.event);
    if (state.errors) query.set("errors", "1");
    if (state.organization) query.set("organization", state.organization);
    if (state.from) query.set("from", minute(state.from));
    if (state.to) query.set("to", minute(state.to));
    if (state.search) query.set("search", state.search);
    if (state.period !== "7d") query.set("usage", state.period);
    if (state.check) {
        query.set("check", state.check.event);
        if (state.check.organization) query.set("check-organization", state.check.organization);
        if (state.check.project) query.set("check-project", state.check.project);
    }
    return `/app.html?${query}`;
}

// isStep: whether to add an entry to the browser's history. Typing into the search field does not add one.
export function writeURL(state, { isStep }) {
    const next = pageURL(state);
    if (next === window.location.pathname + window.location.search) return;
    if (isStep) window.history.pushState(null, "", next);
    else window.history.replaceState(null, "", next);
}
