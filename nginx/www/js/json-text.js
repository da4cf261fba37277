// JSON for people: indented, with escape sequences decoded.

import { visible } from "/js/visible-text.js";

// Deeper levels are not indented further: a body may consist of brackets alone.
const maximumDepth = 32;

// isTruncated: the end is missing, so that only the beginning tells.
export function isJSON(text, isTruncated) {
    if (isTruncated) return /^\s*[[{]/.test(text);
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

// Even if its end is missing. Tokens are not converted, so that long numbers keep all their digits.
export function indented(text) {
    const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"?|[[\]{},:]|[^\s[\]{},:"]+/gs) ?? [];
    let output = "";
    let depth = 0;
    const line = () => `\n${"  ".repeat(Math.min(depth, maximumDepth))}`;
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

// Escape sequences of characters that cannot be seen stay.
function readable(token) {
    if (!token.startsWith('"') || !token.includes("\\u")) return token;
    try {
        const value = JSON.parse(token);
        return visible(value) === value ? JSON.stringify(value) : token;
    } catch {
        return token;
    }
}
