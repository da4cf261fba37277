// Times in the user's time zone and language; tooltips show the exact UTC.

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const narrow = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });

// Parses a date of the log: "2026-11-21 11:25:21.800655+00:00", as Python writes it. Returns null for other strings.
export function parseDate(text) {
    if (typeof text !== "string") return null;
    const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
    if (!match) return null;
    const [, date, clock, fraction = "", zone = "Z"] = match;
    const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
    const parsed = new Date(`${date}T${clock}${fraction.slice(0, 4)}${offset}`);
    return Number.isNaN(parsed.getTime()) ? null : parsed;
}

export const clockTime = (date) => time.format(date);
export const fullTime = (date) => full.format(date);

// Empty for today, otherwise the day, with the year if it is not the current one.
export function dayUnlessToday(date, now = new Date()) {
    if (date.toDateString() === now.toDateString()) return "";
    return (date.getFullYear() === now.getFullYear() ? day : dayAndYear).format(date);
}

export const shortDay = (date) => day.format(date);

// "2026-11-21 11:25:21.800 UTC"
export function utcText(date) {
    return `${date.toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

// "2026-11-21 11:25:21 UTC"
export function utcSeconds(date) {
    return utcText(date).replace(/\.\d+/, "");
}

// "20 hours ago"; isNarrow: "20h ago".
export function ago(date, { isNarrow = false, now = Date.now() } = {}) {
    const format = isNarrow ? narrow : relative;
    const seconds = Math.round((date.getTime() - now) / 1000);
    const units = [["day", 86_400], ["hour", 3600], ["minute", 60]];
    for (const [unit, size] of units) {
        if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
    }
    return format.format(seconds, "second");
}

// The value of a datetime-local field for a date, and back.
export function localField(date) {
    const pad = (number) => String(number).padStart(2, "0");
    return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
        + `T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export function fromLocalField(text) {
    const date = text ? new Date(text) : null;
    return date && !Number.isNaN(date.getTime()) ? date : null;
}
