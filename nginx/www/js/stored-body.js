// Bodies as the log stores them: JSON bodies, and every request body, as a JSON string in quotes and cut to 1024
// characters; other response bodies as they came, cut to 1024 bytes.

const limit = 1024;
// Characters that hide or reorder what stands beside them stay escaped.
const deceptive = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

// { text, isCut, isJSON }, or null when nothing is stored.
export function decodeBody(stored) {
    if (typeof stored !== "string") return null;
    const { text, isCut } = unquoted(stored);
    const isJSON = isCut ? /^\s*[[{]/.test(text) : parses(text);
    return { text: isJSON ? indented(text) : text, isCut, isJSON };
}

function unquoted(stored) {
    if (stored.startsWith('"')) {
        const whole = parsedString(stored);
        if (whole !== null) return { text: whole, isCut: false };
        if (stored.length >= limit) {
            // The cut may have gone through an escape.
            const open = stored.replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, (end, at) => (isEscaped(stored, at) ? end : ""));
            const part = parsedString(`${open}"`);
            if (part !== null) return { text: part, isCut: true };
        }
    }
    return { text: stored, isCut: new TextEncoder().encode(stored).length >= limit };
}

// Whether the backslash at this place is itself escaped.
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

// JSON on lines of its own, also when its end is missing. Tokens stay as they are, so that long numbers keep all their
// digits; escapes in texts become the characters they stand for.
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
    return value === null || deceptive.test(value) ? token : JSON.stringify(value);
}
