// The usage of an app: installations, views and component interactions over 90 days, 7 days or 24 hours.

import { appPath, get } from "/js/api.js";
import { element } from "/js/element.js";
import { count } from "/js/numbers.js";
import { PeriodView, chartFigure } from "/js/period-view.js";
import { drawSeries, loadCharts, seriesTable } from "/js/series-chart.js";

const seconds = { "90d": 90 * 86_400, "7d": 7 * 86_400, "24h": 86_400 };
const periodNames = { "90d": "90 days", "7d": "7 days", "24h": "24 hours" };
const sum = (series) => series.reduce((total, [, number]) => total + number, 0);
// An internal app belongs to a single organization and has no public page: no installations and views are shown.
const isInternal = () => document.body.classList.contains("is-internal");

export class UsageView extends PeriodView {
    // periodChanged: called when the user has chosen a period.
    constructor(slug, period, periodChanged) {
        super(slug, "usage", { seconds, failed: "The usage could not be loaded." });
        this.hasStarted = false;
        this.wasToggled = false;
        this.isOpening = false;
        this.form.elements.period.value = period;
        this.form.addEventListener("change", () => periodChanged(this.period));
        this.section.querySelector("summary").addEventListener("click", () => { this.wasToggled = true; });
    }

    // Opens the section, unless there is nothing to see, or the user has opened or closed it meanwhile.
    async start() {
        this.hasStarted = true;
        await this.load();
        if (this.section.open || this.wasToggled || (this.data !== null && this.isEmpty)) return;
        this.isOpening = true;
        this.section.open = true;
    }

    async opened() {
        if (!this.isOpening) {
            super.opened();
            return;
        }
        // By start(), which has just loaded the data.
        this.isOpening = false;
        await loadCharts();
        this.draw();
    }

    setPeriod(period) {
        this.form.elements.period.value = period;
        this.load();
    }

    // Nothing was installed, uninstalled, viewed or used in the period.
    get isEmpty() {
        const { stats, interaction } = this.data;
        const shown = isInternal() ? [] : [stats.installStats, stats.uninstallStats, interaction.views];
        return [...shown, ...Object.values(interaction.componentInteractions)].every((series) => sum(series) === 0);
    }

    async load() {
        if (this.hasStarted) await super.load();
    }

    async read(range) {
        const [stats, interaction] = await Promise.all([
            get(appPath(this.slug, "stats/"), range), get(appPath(this.slug, "interaction/"), range),
        ]);
        return { stats: stats.data, interaction: interaction.data };
    }

    showSummary() {
        this.summary.textContent = this.isEmpty ? `Nothing in the last ${periodNames[this.period]}.` : "";
    }

    figures() {
        const { stats, interaction } = this.data;
        const components = Object.entries(interaction.componentInteractions);
        const totals = `All-time: ${count(stats.totalInstalls)} installed, ${count(stats.totalUninstalls)} uninstalled`;
        const installs = [["Installed", stats.installStats], ["Uninstalled", stats.uninstallStats]];
        const figures = [];
        if (!isInternal()) {
            figures.push(this.figure("installs", "Installations", totals, installs),
                this.figure("views", "App views", null, [["Views", interaction.views]]));
        }
        if (components.length > 0) {
            figures.push(this.figure("components", "Component interactions", null, components));
        }
        return figures.length > 0 ? figures : [element("p", { class: "muted" }, "No component was used.")];
    }

    figure(name, title, note, series) {
        const totals = series.map(([label, values]) => `${label}: ${count(sum(values))}`).join(", ");
        const hourly = this.period !== "90d";
        const table = seriesTable(`${title}, ${periodNames[this.period]}`, series, hourly);
        const chart = drawSeries(`${title} in the last ${periodNames[this.period]}. ${totals}.`, series, hourly);
        return chartFigure(name, [
            element("strong", {}, title), element("span", { class: "totals" }, totals),
            note ? element("span", { class: "muted" }, note) : null,
        ], chart, table);
    }
}
