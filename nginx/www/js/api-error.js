// What went wrong with a call, in words for the person who looks at the page.

const bySeconds = (seconds) => (seconds === 1 ? "a second" : `${seconds} seconds`);

export class ApiError extends Error {
    // kind: unreachable, slow, signed-out, forbidden, missing, invalid, busy, unavailable, broken.
    // detail: the server's own sentence, or null. retryAfter: seconds, or null. hasRoute: false when the server does not
    // know the address at all. body: the whole answer, or null when it was no JSON.
    constructor(kind, { status = 0, detail = null, retryAfter = null, hasRoute = true, body = null } = {}) {
        super(ApiError.words(kind, status, detail, retryAfter));
        this.kind = kind;
        this.status = status;
        this.detail = detail;
        this.retryAfter = retryAfter;
        this.hasRoute = hasRoute;
        this.body = body;
    }

    // Whether asking again may help without anybody doing anything.
    get isPassing() {
        return ["unreachable", "slow", "busy", "unavailable", "broken"].includes(this.kind);
    }

    // Of a call that changes something: whether it may have done so all the same. The server says it of a queue that took
    // the event, as far as anybody knows, and did not answer.
    get mayHaveBeenDone() {
        return ["unreachable", "slow", "broken"].includes(this.kind) || /not known whether/.test(this.detail ?? "");
    }

    static ofStatus(status, answer) {
        const kind = { 401: "signed-out", 403: "forbidden", 404: "missing", 405: "missing", 429: "busy", 503: "unavailable" };
        const rough = status >= 500 ? "broken" : "invalid";
        return new ApiError(kind[status] ?? rough, { status, ...answer });
    }

    static words(kind, status, detail, retryAfter) {
        const later = retryAfter === null ? "" : ` The server asks to wait ${bySeconds(retryAfter)}.`;
        switch (kind) {
            case "unreachable": return "The server did not answer. It may be down, or this computer is offline.";
            case "slow": return "The server took too long to answer.";
            case "signed-out": return "You are no longer signed in.";
            case "forbidden": return detail ?? "You may not see this.";
            case "missing": return detail ?? "There is nothing at this address.";
            case "busy": return `Too many requests at once.${later}`;
            case "unavailable": return `${detail ?? "The request log is not available at the moment."}${later}`;
            case "broken": return `The server failed to answer (status ${status}).${detail ? ` It says: ${detail}` : ""}`;
            default: return detail ?? `The server refused the question (status ${status}).`;
        }
    }
}
