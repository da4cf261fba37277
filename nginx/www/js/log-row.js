// A row of the log and its panel.

import { badge, element } from "/js/element.js";
import { duration } from "/js/numbers.js";
import { outcome } from "/js/outcome.js";
import { clockTime, dayUnlessToday, fullTime, parseDate, utcText } from "/js/times.js";
import { visibleLine } from "/js/visible-text.js";

let lastId = 0;

export class LogRow {
    // open: called with this row when it is opened for the first time.
    constructor(row, open) {
        lastId += 1;
        this.row = row;
        this.outcome = outcome(row);
        this.date = parseDate(row.date);
        this.open = open;
        this.panel = element("td", { class: "panel" });
        this.details = element("tr", { class: "details", id: `details-${lastId}`, hidden: true }, this.panel);
        this.toggle = element(
            "button", {
                type: "button", class: "row-toggle", "aria-expanded": "false", "aria-controls": this.details.id,
                onclick: () => this.setOpen(!this.isOpen),
            },
            element("span", { class: "chevron", "aria-hidden": "true" }), this.timeText());
        this.main = element("tr", { class: `row row-${this.outcome.tone}`, onclick: (event) => this.clicked(event) },
            element("th", { scope: "row", class: "time" }, this.toggle), ...this.cells());
    }

    get isOpen() {
        return !this.details.hidden;
    }

    setOpen(isOpen) {
        this.details.hidden = !isOpen;
        this.toggle.setAttribute("aria-expanded", String(isOpen));
        if (isOpen && this.panel.childElementCount === 0) this.open(this);
    }

    // A click anywhere in the row works like the button, unless it selects text.
    clicked(event) {
        if (event.target.closest("button, a") || String(window.getSelection()) !== "") return;
        this.setOpen(!this.isOpen);
    }

    timeText() {
        if (!this.date) return element("span", {}, this.row.date ?? "no date");
        const day = dayUnlessToday(this.date);
        return element(
            "time",
            { datetime: this.date.toISOString(), title: `${utcText(this.date)} (local: ${fullTime(this.date)})` },
            day ? element("span", { class: "day" }, `${day} `) : null, clockTime(this.date));
    }

    cells() {
        const { row } = this;
        const target = row.target ? `${row.target}: ` : "";
        const url = visibleLine(`${target}${row.webhookUrl ?? ""}`);
        const took = typeof row.durationMs === "number" ? duration(row.durationMs) : "";
        return [
            element("td", { class: "status" },
                badge(this.outcome.tone, visibleLine(this.outcome.label), visibleLine(this.outcome.text))),
            element("td", { class: "event" }, breakable(row.eventType)),
            element("td", { class: "organization", title: row.organization?.slug },
                visibleLine(row.organization?.name ?? "")),
            element("td", { class: "url", title: url }, url),
            element("td", { class: "number duration" }, took),
            element("td", { class: "number attempt" }, row.attempt ?? ""),
        ];
    }
}

// Allows line breaks after dots and underscores.
function breakable(name) {
    return visibleLine(name).split(/(?<=[._])/).flatMap((part, index) => (index > 0 ? [element("wbr"), part] : [part]));
}
