// The usage of an app: installations, views and component interactions over 90 days, 7 days or 24 hours.

import { appPath, get } from "/js/api.js";
import { byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";
import { count } from "/js/numbers.js";
import { destroyCharts, drawSeries, loadCharts, seriesTable } from "/js/series-chart.js";

const seconds = { "90d": 90 * 86_400, "7d": 7 * 86_400, "24h": 86_400 };
const periodNames = { "90d": "90 days", "7d": "7 days", "24h": "24 hours" };
const sum = (series) => series.reduce((total, [, number]) => total + number, 0);
// An internal app belongs to a single organization and has no public page: no installations and views are shown.
const isInternal = () => document.body.classList.contains("is-internal");

export class UsageView {
    constructor(slug, period, periodChanged) {
        this.slug = slug;
        this.period = period;
        this.hasStarted = false;
        this.wasToggled = false;
        this.data = null;
        this.notice = new Notice(byId("usage-notice"));
        this.section = byId("usage");
        this.form = byId("usage-period");
        this.form.elements.period.value = period;
        this.form.addEventListener("submit", (event) => event.preventDefault());
        this.form.addEventListener("change", () => {
            this.setPeriod(this.form.elements.period.value);
            periodChanged(this.period);
        });
        this.section.addEventListener("toggle", () => { if (this.section.open) this.load(); });
        byId("usage").querySelector("summary").addEventListener("click", () => { this.wasToggled = true; });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }

    // Opens the section, unless there is nothing to see, or the user has opened or closed it meanwhile.
    async start() {
        this.hasStarted = true;
        await this.load();
        if (!this.wasToggled && (this.data === null || !this.isEmpty)) this.section.open = true;
    }

    setPeriod(period) {
        this.period = period;
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
        if (!this.hasStarted) return;
        const { period } = this;
        const until = Math.floor(Date.now() / 1000);
        const range = { since: String(until - seconds[period] + 1), until: String(until) };
        try {
            const [stats, interaction] = await Promise.all([
                get(appPath(this.slug, "stats/"), range), get(appPath(this.slug, "interaction/"), range),
            ]);
            if (period !== this.period) return;
            this.data = { stats: stats.data, interaction: interaction.data };
            this.notice.clear();
            byId("usage-summary").textContent = this.isEmpty ? `Nothing in the last ${periodNames[period]}.` : "";
            if (this.section.open) await loadCharts();
            this.draw();
        } catch (error) {
            if (period !== this.period) return;
            this.data = null;
            byId("usage-summary").textContent = "";
            destroyCharts(byId("usage-charts"));
            byId("usage-charts").replaceChildren();
            showFailure(this.notice, error, "The usage could not be loaded.", () => this.load());
        }
    }

    draw() {
        if (!this.data || !this.section.open) return;
        const { stats, interaction } = this.data;
        const components = Object.entries(interaction.componentInteractions);
        const charts = [
            ["installs", "Installations", `All-time: ${count(stats.totalInstalls)} installed, `
                + `${count(stats.totalUninstalls)} uninstalled`, [
                ["Installed", stats.installStats], ["Uninstalled", stats.uninstallStats],
            ]],
            ["views", "App views", null, [["Views", interaction.views]]],
            components.length > 0 ? ["components", "Component interactions", null, components] : null,
        ];
        const container = byId("usage-charts");
        destroyCharts(container);
        const shown = charts.filter((chart) => chart && !(isInternal() && chart[0] !== "components"));
        container.replaceChildren(...shown.map((chart) => this.figure(...chart)));
        if (shown.length === 0) container.append(element("p", { class: "muted" }, "No component was used."));
    }

    figure(name, title, note, series) {
        const totals = series.map(([label, values]) => `${label}: ${count(sum(values))}`).join(", ");
        const hourly = this.period !== "90d";
        const table = seriesTable(`${title}, ${periodNames[this.period]}`, series, hourly);
        const chart = drawSeries(`${title} in the last ${periodNames[this.period]}. ${totals}.`, series, hourly);
        return element("figure", { class: `chart chart-${name}` },
            element("figcaption", {}, element("strong", {}, title), element("span", { class: "totals" }, totals),
                note ? element("span", { class: "muted" }, note) : null),
            chart ? [chart, asTable(table)] : table);
    }
}

function asTable(table) {
    return element("details", { class: "as-table" }, element("summary", {}, "Show as table"), table);
}
