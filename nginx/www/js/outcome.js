// What became of a request: a tone, a word for the table, a sentence for the details.

const failures = {
    timeout: ["timeout", "The app did not answer in time. The connection was given up when the deadline had passed."],
    connection: ["connection", "No connection to the app's server could be made, or it broke off before the answer."],
    dns: ["DNS", "The name of the app's server could not be resolved."],
    tls: ["TLS", "No secure connection could be made: certificate or TLS settings of the app's server were not accepted."],
    "blocked-address": ["blocked", "The address lies in a network that webhooks may not be sent to. Nothing was sent."],
    "body-too-large": ["too large", "The body of the event was larger than what is sent. Nothing was sent."],
    "invalid-url": ["bad URL", "The app's webhook URL is not one that can be called. Nothing was sent."],
    "invalid-header": ["bad header", "One of the app's own headers cannot be sent. Nothing was sent."],
    protocol: ["protocol", "The app's server answered something that is not HTTP."],
    proxy: ["proxy", "The proxy that webhooks leave through refused or failed. This is not the app's fault."],
    cancelled: ["cancelled", "The worker stopped while it was sending. The event is sent again."],
    internal: ["internal", "Sending failed inside Hookline. This is not the app's fault."],
};

const codes = {
    400: "The app says that the request was malformed.",
    401: "The app refused the request: not authenticated. Often the signature is checked with another secret.",
    403: "The app refused the request. Often a firewall or a signature check stands in between.",
    404: "The app's server does not know this address. Check the webhook URL.",
    405: "The app's server does not take POST at this address. Check the webhook URL.",
    408: "The app's server gave up waiting for the request.",
    410: "The app says that it is gone: it gets no more webhooks.",
    413: "The app's server found the body too large.",
    429: "The app asks for fewer requests at once.",
    500: "The app failed while it handled the request.",
    502: "The proxy before the app got no valid answer from it.",
    503: "The app says that it is unavailable at the moment.",
    504: "The proxy before the app got no answer from it in time.",
};

export function outcome(row) {
    const code = row.responseCode;
    if (code === 0) {
        const [word, sentence] = failures[row.reason]
            ?? (row.reason ? [String(row.reason), `No answer: ${row.reason}.`]
                : ["no answer", "There was no answer: a time-out, or no connection."]);
        return { tone: "bad", word, sentence };
    }
    if (code >= 100 && code < 300) return { tone: "good", word: String(code), sentence: "The app took the request." };
    if (code >= 300 && code < 400) {
        return { tone: "warn", word: String(code), sentence: "The app redirects elsewhere. Webhooks do not follow." };
    }
    const group = code < 500 ? "The app refused the request." : "The app's server failed.";
    return { tone: "bad", word: String(code), sentence: codes[code] ?? group };
}

// Bodies and headers are stored of these requests only.
export function hasDetails(row) {
    return row.responseCode === 0 || row.responseCode >= 400;
}
