// A request as a curl command for a POSIX shell. The text is safe to paste into a terminal: it has no control
// characters but line breaks that this module makes, and nothing of the data is outside of quotes.

import { hasInvisible } from "/js/visible-text.js";

// A name of RFC 9110. curl takes anything else for something else, such as "@" for a file.
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// curl makes them itself.
const ownHeaders = ["host", "content-length", "transfer-encoding", "connection", "expect"];
// What an API shows in place of a secret value.
const mask = /^\*{3,}$/;
// Arguments may have at most 128 KiB (Linux); printf is a command of the shell and has no limit.
const maximumArgument = 100_000;
export const isMasked = (value) => mask.test(value);

// headers: [{ name, value }], or null if they are not stored. body: text, or null. isTruncated: the body is.
// lacksHeaders: there were more. Returns null if curl cannot call the URL.
export function curlCommand({ url, headers, body, isTruncated = false, lacksHeaders = false }) {
    const address = callable(url);
    if (address === null) return null;
    const entries = (headers ?? []).filter(({ name }) => !ownHeaders.includes(name.toLowerCase()));
    const sent = entries.filter(({ name, value }) => headerName.test(name) && !/[\0\r\n]/.test(value));
    const lines = ["curl --globoff --request POST", `--url ${quoted(address)}`];
    for (const { name, value } of sent) {
        lines.push(`--header ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
    }
    // curl would add a type of its own.
    if (headers !== null && !sent.some(({ name }) => name.toLowerCase() === "content-type")) {
        lines.push("--header 'Content-Type:'");
    }
    const isPiped = body !== null && (hasInvisible(body) || body.length > maximumArgument);
    if (isPiped) lines.push("--data-binary @-");
    else if (body !== null) lines.push(`--data-raw ${quoted(body)}`);
    const command = `${isPiped ? `printf ${octal(body)} |\n` : ""}${lines.join(" \\\n    ")}`;
    const notes = remarks({ sent, entries, headers, body, isTruncated, lacksHeaders });
    return `${notes.map((text) => `# ${text}\n`).join("")}${command}\n`;
}

// The URL as every client calls it, with control characters encoded; null unless it is one of HTTP.
function callable(url) {
    try {
        const { protocol, href } = new URL(url);
        return ["http:", "https:"].includes(protocol) ? href : null;
    } catch {
        return null;
    }
}

// Sentences without quotes, backslashes and data: some interactive shells do not take # for a comment.
function remarks({ sent, entries, headers, body, isTruncated, lacksHeaders }) {
    const masked = sent.filter(({ value }) => isMasked(value)).map(({ name }) => name.replace(/[^A-Za-z0-9_-]/g, "-"));
    const missing = entries.length - sent.length;
    return [
        masked.length > 0 ? `Replace the masked values of these headers: ${masked.join(", ")}` : null,
        missing > 0 ? `Left out: ${missing} headers that are not valid in HTTP` : null,
        headers === null ? "The headers are not stored" : null,
        lacksHeaders ? "Headers are missing: only the first ones are stored" : null,
        body === null ? "The body is not stored" : null,
        isTruncated ? "The body is truncated: only its beginning is stored" : null,
        body?.includes("\ufffd") ? "The body has replacement characters, perhaps for bytes that were not UTF-8" : null,
    ].filter((text) => text !== null);
}

// One word of the shell.
function quoted(text) {
    if (hasInvisible(text)) return `"$(printf ${octal(text)})"`;
    return `'${text.replaceAll("'", "'\\''")}'`;
}

// A format of printf that prints exactly these bytes, as one word of the shell. It has only printable ASCII.
function octal(text) {
    let word = "";
    for (const byte of new TextEncoder().encode(text)) {
        const character = String.fromCharCode(byte);
        const isPlain = byte >= 0x20 && byte < 0x7f && !"'\\%".includes(character) && !(word === "" && byte === 0x2d);
        word += isPlain ? character : `\\${byte.toString(8).padStart(3, "0")}`;
    }
    return `'${word}'`;
}
