// How the attempts to deliver an app's webhooks ended over time, and how long they took.

import { appPath, get } from "/js/api.js";
import { byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";
import { count, counted, duration, percent } from "/js/numbers.js";
import { destroyCharts, drawSeries, loadCharts, seriesTable } from "/js/series-chart.js";

const seconds = { "24h": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400 };
const periodNames = { "24h": "24 hours", "7d": "7 days", "30d": "30 days" };

export class DeliveriesView {
    constructor(slug) {
        this.slug = slug;
        this.data = null;
        this.section = byId("deliveries");
        this.form = byId("deliveries-period");
        this.notice = new Notice(byId("deliveries-notice"));
        this.form.addEventListener("submit", (event) => event.preventDefault());
        this.form.addEventListener("change", () => this.load());
        this.section.addEventListener("toggle", () => { if (this.section.open) this.load(); });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }

    get period() {
        return this.form.elements.span.value;
    }

    async load() {
        const { period } = this;
        const until = Math.floor(Date.now() / 1000);
        const range = { since: String(until - seconds[period] + 1), until: String(until) };
        try {
            const [{ data }] = await Promise.all([get(appPath(this.slug, "deliveries/"), range), loadCharts()]);
            if (period !== this.period) return;
            this.data = data;
            this.notice.clear();
            this.draw();
        } catch (error) {
            if (period !== this.period) return;
            this.data = null;
            destroyCharts(byId("deliveries-charts"));
            byId("deliveries-charts").replaceChildren();
            showFailure(this.notice, error, "The deliveries could not be loaded.", () => this.load());
        }
    }

    draw() {
        if (!this.data) return;
        const { total, points, resolution } = this.data;
        const container = byId("deliveries-charts");
        destroyCharts(container);
        byId("deliveries-summary").textContent = summary(total, this.period);
        if (total.succeeded + total.failed === 0) {
            container.replaceChildren(element("p", { class: "muted" }, "No attempts in this period."));
            return;
        }
        const series = (name) => points.map((point) => [point.start, point[name]]);
        const hourly = resolution === "1h";
        container.replaceChildren(
            figure("attempts", "Attempts", this.period, hourly,
                [["Succeeded", series("succeeded")], ["Failed", series("failed")]], count),
            figure("durations", "Duration", this.period, hourly,
                [["Half took at most", series("p50Ms")], ["95% took at most", series("p95Ms")]], duration, true));
    }
}

function summary({ succeeded, failed, timeouts, p50Ms, p95Ms }, period) {
    const all = succeeded + failed;
    if (all === 0) return `None in the last ${periodNames[period]}.`;
    const slow = p50Ms === null ? "" : ` Half took at most ${duration(p50Ms)}, 95% at most ${duration(p95Ms)}.`;
    const late = timeouts > 0 ? `, ${counted(timeouts, "timeout")}` : "";
    return `${percent(succeeded / all)} of ${counted(all, "attempt")} succeeded${late}.${slow}`;
}

// isLine: values are not sums; null is a gap.
function figure(name, title, period, hourly, series, format, isLine = false) {
    const caption = `${title}, last ${periodNames[period]}`;
    const table = seriesTable(caption, series, hourly, format);
    const chart = drawSeries(`${caption}.`, series, hourly, { format, isLine });
    return element("figure", { class: `chart chart-${name}` },
        element("figcaption", {}, element("strong", {}, title)),
        chart ? [chart, element("details", { class: "as-table" }, element("summary", {}, "Show as table"), table)]
            : table);
}
