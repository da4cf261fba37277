// Bodies as the log stores them. Before release 26.9 request bodies and JSON response bodies are stored as JSON strings
// in quotes, truncated to 1024 characters, and other response bodies unchanged, truncated to 1024 bytes. From 26.9 on,
// and in requests/{id}/, all are plain text.

const limit = 1024;

// isKnownTruncated: of a plain body, whether it is cut; undefined for a body as it is stored.
// Returns { body: text or null if nothing is stored, truncated }.
export function storedBody(stored, isKnownTruncated) {
    if (typeof stored !== "string") return { body: null, truncated: false };
    return isKnownTruncated === undefined ? unquoted(stored) : { body: stored, truncated: isKnownTruncated };
}

function unquoted(stored) {
    if (stored.startsWith('"')) {
        const whole = parsedString(stored);
        if (whole !== null) return { body: whole, truncated: false };
        if (stored.length >= limit) {
            // Remove an escape sequence that was cut off in the middle.
            const open = stored.replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, (end, at) => (isEscaped(stored, at) ? end : ""));
            const part = parsedString(`${open}"`);
            if (part !== null) return { body: part, truncated: true };
        }
    }
    return { body: stored, truncated: new TextEncoder().encode(stored).length >= limit };
}

// Whether the backslash at this index is itself escaped.
function isEscaped(text, at) {
    let backslashes = 0;
    while (at - 1 - backslashes >= 0 && text[at - 1 - backslashes] === "\\") backslashes += 1;
    return backslashes % 2 === 1;
}

function parsedString(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === "string" ? value : null;
    } catch {
        return null;
    }
}
