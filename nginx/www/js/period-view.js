// A section that can be closed, with charts of a period that the user chooses.

import { byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";
import { destroyCharts, loadCharts } from "/js/series-chart.js";

// Subclasses have read(range), which returns the data of { since, until }; showSummary(); and figures(), which returns
// what the section contains.
export class PeriodView {
    // id: of the section; the ids of its parts begin with it. seconds: the length of each period by its name. failed:
    // the title of a message.
    constructor(slug, id, { seconds, failed }) {
        this.slug = slug;
        this.seconds = seconds;
        this.failed = failed;
        this.data = null;
        this.section = byId(id);
        this.summary = byId(`${id}-summary`);
        this.charts = byId(`${id}-charts`);
        this.form = byId(`${id}-period`);
        this.notice = new Notice(byId(`${id}-notice`));
        this.form.addEventListener("submit", (event) => event.preventDefault());
        this.form.addEventListener("change", () => this.load());
        this.section.addEventListener("toggle", () => { if (this.section.open) this.opened(); });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }

    get period() {
        return this.form.querySelector(":checked").value;
    }

    opened() {
        this.load();
    }

    async load() {
        const { period } = this;
        const until = Math.floor(Date.now() / 1000);
        try {
            const data = await this.read({ since: String(until - this.seconds[period] + 1), until: String(until) });
            if (this.section.open) await loadCharts();
            if (period !== this.period) return;
            this.data = data;
            this.notice.clear();
            this.showSummary();
            this.draw();
        } catch (error) {
            if (period !== this.period) return;
            this.data = null;
            this.summary.textContent = "";
            destroyCharts(this.charts);
            this.charts.replaceChildren();
            showFailure(this.notice, error, this.failed, () => this.load());
        }
    }

    draw() {
        if (!this.data || !this.section.open) return;
        destroyCharts(this.charts);
        this.charts.replaceChildren(...this.figures());
    }
}

// caption: nodes. chart: null without the library; the table is then all there is.
export function chartFigure(name, caption, chart, table) {
    return element("figure", { class: `chart chart-${name}` }, element("figcaption", {}, caption),
        chart ? [chart, element("details", { class: "as-table" }, element("summary", {}, "Show as table"), table)]
            : table);
}
