// An API call that failed, with a message for the user.

const inSeconds = (seconds) => (seconds === 1 ? "1 second" : `${seconds} seconds`);

export class ApiError extends Error {
    // kind: unreachable, timeout, signed-out, forbidden, not-found, invalid, rate-limited, unavailable, server-error.
    // detail: the server's message, or null. retryAfter: seconds, or null. hasRoute: false if the server does not know
    // the path at all. body: the parsed response body, or null if it was not JSON.
    constructor(kind, { status = 0, detail = null, retryAfter = null, hasRoute = true, body = null } = {}) {
        super(ApiError.text(kind, status, detail, retryAfter));
        this.kind = kind;
        this.status = status;
        this.detail = detail;
        this.retryAfter = retryAfter;
        this.hasRoute = hasRoute;
        this.body = body;
    }

    // Whether a retry may succeed without any change.
    get isTransient() {
        return ["unreachable", "timeout", "rate-limited", "unavailable", "server-error"].includes(this.kind);
    }

    // Whether the server does not have the function at all, because it is of an older version.
    get isUnsupported() {
        return this.kind === "not-found" && (!this.hasRoute || this.status === 405);
    }

    // For a call that changes something: whether the change may have been made nevertheless. The server says so if the
    // queue has not confirmed the event.
    get mayHaveSucceeded() {
        return ["unreachable", "timeout", "server-error"].includes(this.kind)
            || /not known whether/.test(this.detail ?? "");
    }

    static ofStatus(status, response) {
        const kinds = {
            401: "signed-out", 403: "forbidden", 404: "not-found", 405: "not-found", 429: "rate-limited",
            503: "unavailable",
        };
        const fallback = status >= 500 ? "server-error" : "invalid";
        return new ApiError(kinds[status] ?? fallback, { status, ...response });
    }

    static text(kind, status, detail, retryAfter) {
        const retry = retryAfter === null ? "" : ` Retry after ${inSeconds(retryAfter)}.`;
        switch (kind) {
            case "unreachable": return "The server is unreachable. It may be down, or your computer may be offline.";
            case "timeout": return "The server did not respond in time.";
            case "signed-out": return "Your sign-in has expired.";
            case "forbidden": return detail ?? "You do not have permission to see this.";
            case "not-found": return detail ?? "Not found.";
            case "rate-limited": return `Too many requests.${retry}`;
            case "unavailable": return `${detail ?? "The request log is temporarily unavailable."}${retry}`;
            case "server-error": return `Server error (status ${status}).${detail ? ` Message: ${detail}` : ""}`;
            default: return detail ?? `The server rejected the request (status ${status}).`;
        }
    }
}

// Why a change was not made. forbidden: which permission it requires. unsupported: what to do where the server does not
// have the function.
export function rejectionText(error, { forbidden, unsupported }) {
    if (error.kind === "signed-out") return "Your sign-in has expired. Reload this page to sign in again.";
    if (error.kind === "forbidden") return `You do not have permission. ${forbidden}`;
    return error.isUnsupported ? unsupported : error.message;
}
