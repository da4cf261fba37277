// The outcome of a request: a tone, a label for the table, and a text for the details.

const failures = {
    timeout: ["timeout", "The app did not respond before the deadline."],
    connection: ["connection", "The connection to the app's server failed or closed before the end of the response."],
    dns: ["DNS", "The host name of the app's server could not be resolved."],
    tls: ["TLS", "The TLS handshake failed: check the certificate and the TLS settings of the app's server."],
    "blocked-address": ["blocked", "The address is in a network that webhooks must not be sent to. Nothing was sent."],
    "body-too-large": ["too large", "The event's body exceeds the size limit. Nothing was sent."],
    "invalid-url": ["bad URL", "The app's webhook URL is invalid. Nothing was sent."],
    "invalid-header": ["bad header", "A custom header of the app is invalid. Nothing was sent."],
    protocol: ["protocol", "The response of the app's server is not valid HTTP."],
    proxy: ["proxy", "The outgoing proxy failed or refused the connection. The app did not cause this."],
    cancelled: ["cancelled", "The worker stopped during the attempt. The attempt is repeated."],
    "lease-lost": ["lease lost", "The worker stood still. Another one has taken the event over and delivers it."],
    "breaker-open": ["held back", "The circuit breaker of the app was open. The event is sent when it closes."],
    internal: ["internal", "The request was not sent because of an internal error. The app did not cause this."],
};

// Reasons that say nothing about the app. The log does not list such rows as errors.
const neutralReasons = ["breaker-open", "lease-lost"];

const codes = {
    400: "Bad request: the app considers the request malformed.",
    401: "Unauthorized. Often the app verifies the signature with a different secret.",
    403: "Forbidden. Often a firewall or a signature check rejects the request.",
    404: "Not found. Check the webhook URL.",
    405: "Method not allowed: the app does not accept POST at this URL. Check the webhook URL.",
    408: "The app's server timed out while it waited for the request.",
    410: "Gone: the app asks for no more webhooks and is disabled.",
    413: "The app's server rejected the body as too large.",
    429: "Too many requests: the app limits the request rate.",
    500: "Internal error of the app.",
    502: "Bad gateway: the proxy in front of the app got no valid response.",
    503: "The app is temporarily unavailable.",
    504: "Gateway timeout: the app did not respond to the proxy in front of it in time.",
};

export function outcome(row) {
    const code = row.responseCode;
    // -1: no response and no timeout, in rows of release 26.9 and later.
    if (code === 0 || code === -1) {
        const [label, text] = failures[row.reason]
            ?? (row.reason ? [String(row.reason), `No response: ${row.reason}.`]
                : code === 0 ? ["no response", "There was no response: timeout or connection failure."]
                    : failures.connection);
        const detail = row.reasonDetail ? ` Details: ${row.reasonDetail}.` : "";
        return { tone: neutralReasons.includes(row.reason) ? "none" : "bad", label, text: text + detail };
    }
    if (code >= 200 && code < 300) return { tone: "good", label: String(code), text: "Delivered." };
    if (code >= 300 && code < 400) {
        return {
            tone: "bad", label: String(code),
            text: "Not delivered: the app redirects, and redirects are not followed. Change its webhook URL to the "
                + "redirect's target.",
        };
    }
    const fallback = code < 500 ? "The app rejected the request." : "The app's server failed.";
    return { tone: "bad", label: String(code), text: codes[code] ?? fallback };
}

// Whether the log stores headers and bodies of the request.
export function hasDetails(row) {
    return row.responseCode <= 0 || row.responseCode >= 400;
}
