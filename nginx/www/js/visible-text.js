// Shows characters that a browser would not: control characters, and those that change the direction of text or take
// no space. Data of receivers and of other people's apps could hide or reorder text with them.

// Without the joiners, which emoji and some scripts need.
const invisible = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

// Whether a text has characters that a browser or a terminal would not show.
export const hasInvisible = (text) => text.search(invisible) !== -1;

const code = (character) => `⟨U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

// Text of several lines: keeps line breaks and tabs.
export function visible(text) {
    return String(text).replace(invisible, (character, at, whole) => {
        const isKept = character === "\n" || character === "\t" || (character === "\r" && whole[at + 1] === "\n");
        return isKept ? character : code(character);
    });
}

// Text of one line, such as a header's value.
export function visibleLine(text) {
    return String(text).replace(invisible, code);
}

// The first characters, without half a surrogate pair at the end.
export function firstCharacters(text, limit) {
    if (text.length <= limit) return text;
    return text.slice(0, /[\ud800-\udbff]/.test(text[limit - 1]) ? limit - 1 : limit);
}
