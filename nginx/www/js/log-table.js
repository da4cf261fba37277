// The table of the log. A refresh keeps the existing row elements, so that open rows, the focus and the scroll position
// do not change.

import { LogRow } from "/js/log-row.js";

export class LogTable {
    constructor(table, open) {
        this.table = table;
        this.body = table.tBodies[0];
        this.open = open;
        this.rows = new Map();
        new ResizeObserver(() => this.spanPanels()).observe(table);
        this.body.addEventListener("keydown", (event) => this.moveFocus(event));
    }

    get count() {
        return this.rows.size;
    }

    // Shows exactly these rows, in this order; returns the new ones.
    show(rows) {
        const before = this.rows;
        this.rows = new Map(rows.map((row) => [row.key, before.get(row.key) ?? new LogRow(row, this.open)]));
        for (const [key, row] of before) {
            if (this.rows.has(key)) continue;
            row.main.remove();
            row.details.remove();
        }
        let next = this.body.firstChild;
        for (const row of this.rows.values()) {
            for (const node of [row.main, row.details]) {
                if (node === next) next = next.nextSibling;
                else this.body.insertBefore(node, next);
            }
        }
        this.spanPanels();
        return rows.filter((row) => !before.has(row.key));
    }

    // Sets the width of the panels to the visible columns. Narrow pages hide some; a wider panel would show them empty.
    spanPanels() {
        const columns = [...this.table.tHead.rows[0].cells].filter((cell) => cell.offsetParent !== null).length;
        if (columns === 0) return;
        for (const row of this.rows.values()) row.panel.colSpan = columns;
    }

    // Marks this row and no other.
    highlight(key) {
        for (const row of this.rows.values()) row.main.classList.remove("is-new");
        this.rows.get(key)?.main.classList.add("is-new");
    }

    row(key) {
        return this.rows.get(key);
    }

    list() {
        return [...this.rows.values()].map((row) => row.row);
    }

    // Arrow keys, Home and End move between rows; Tab is unchanged.
    moveFocus(event) {
        if (!event.target.classList.contains("row-toggle")) return;
        const toggles = [...this.body.querySelectorAll(".row-toggle")];
        const index = toggles.indexOf(event.target);
        const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: toggles.length - 1 }[event.key];
        if (next === undefined || !toggles[next]) return;
        event.preventDefault();
        toggles[next].focus();
    }
}
