// Decodes bodies of the log. Before release 26.9 request bodies and JSON response bodies are stored as JSON strings in
// quotes, truncated to 1024 characters, and other response bodies unchanged, truncated to 1024 bytes. From 26.9 on, and
// in requests/{id}/, all are plain text.

const limit = 1024;
// Invisible characters and characters that change the text direction stay escaped.
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

// isKnownTruncated: of a plain body, whether it is cut; undefined for a body as it is stored.
// Returns { text, isTruncated, isJSON }, or null if nothing is stored.
export function decodeBody(stored, isKnownTruncated) {
    if (typeof stored !== "string") return null;
    const { text, isTruncated } = isKnownTruncated === undefined
        ? unquoted(stored) : { text: stored, isTruncated: isKnownTruncated };
    const isJSON = isTruncated ? /^\s*[[{]/.test(text) : parses(text);
    return { text: isJSON ? indented(text) : text, isTruncated, isJSON };
}

function unquoted(stored) {
    if (stored.startsWith('"')) {
        const whole = parsedString(stored);
        if (whole !== null) return { text: whole, isTruncated: false };
        if (stored.length >= limit) {
            // Remove an escape sequence that was cut off in the middle.
            const open = stored.replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, (end, at) => (isEscaped(stored, at) ? end : ""));
            const part = parsedString(`${open}"`);
            if (part !== null) return { text: part, isTruncated: true };
        }
    }
    return { text: stored, isTruncated: new TextEncoder().encode(stored).length >= limit };
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

function parses(text) {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

// Indents JSON, even if its end is missing. Tokens are not converted, so that long numbers keep all their digits.
// Escape sequences in strings are decoded.
export function indented(text) {
    const tokens = text.match(/"(?:[^"\\]|\\.)*"?|[[\]{},:]|[^\s[\]{},:"]+/gs) ?? [];
    let output = "";
    let depth = 0;
    const line = () => `\n${"  ".repeat(depth)}`;
    tokens.forEach((token, index) => {
        const previous = tokens[index - 1];
        if (token === "}" || token === "]") {
            depth = Math.max(0, depth - 1);
            output += previous === "{" || previous === "[" ? token : line() + token;
            return;
        }
        if (previous === "{" || previous === "[" || previous === ",") output += line();
        if (token === "{" || token === "[") depth += 1;
        output += token === ":" ? ": " : readable(token);
    });
    return output;
}

function readable(token) {
    if (!token.startsWith('"') || !token.includes("\\u")) return token;
    const value = parsedString(token);
    return value === null || invisible.test(value) ? token : JSON.stringify(value);
}
