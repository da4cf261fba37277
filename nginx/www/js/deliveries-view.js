// How the attempts to deliver an app's webhooks ended over time, and how long they took.

import { appPath, get } from "/js/api.js";
import { element } from "/js/element.js";
import { count, counted, duration, percent } from "/js/numbers.js";
import { PeriodView, chartFigure } from "/js/period-view.js";
import { drawSeries, seriesTable } from "/js/series-chart.js";

const seconds = { "24h": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400 };
const periodNames = { "24h": "24 hours", "7d": "7 days", "30d": "30 days" };

export class DeliveriesView extends PeriodView {
    constructor(slug) {
        super(slug, "deliveries", { seconds, failed: "The deliveries could not be loaded." });
    }

    async read(range) {
        return (await get(appPath(this.slug, "deliveries/"), range)).data;
    }

    showSummary() {
        this.summary.textContent = summary(this.data.total, this.period);
    }

    figures() {
        const { total, points, resolution } = this.data;
        if (total.succeeded + total.failed === 0) {
            return [element("p", { class: "muted" }, "No attempts in this period.")];
        }
        const series = (name) => points.map((point) => [point.start, point[name]]);
        const hourly = resolution === "1h";
        return [
            figure("attempts", "Attempts", this.period, hourly,
                [["Succeeded", series("succeeded")], ["Failed", series("failed")]], count),
            figure("durations", "Duration", this.period, hourly,
                [["Half took at most", series("p50Ms")], ["95% took at most", series("p95Ms")]], duration, true),
        ];
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
    return chartFigure(name, [element("strong", {}, title)], chart, table);
}
