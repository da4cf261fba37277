// Time series as charts and as tables. Charts are drawn by Chart.js, if the server has it (Debian: libjs-chart.js).
// Without it the page shows tables only.

import { element } from "/js/element.js";
import { count } from "/js/numbers.js";
import { clockTime, shortDay, utcText } from "/js/times.js";

let loading = null;
let hasCharts = false;

// Chart.js is not a module. Importing it defines the global name Chart.
export function loadCharts() {
    const loaded = () => { hasCharts = typeof globalThis.Chart === "function"; };
    loading ??= import("/vendor/chart.js").then(loaded, () => {});
    return loading;
}

// series: [label, [[epoch seconds, number], …]]. format: writes a number. isLine: draws lines in place of stacked bars;
// null is a gap. Returns null if the library is missing.
export function drawSeries(description, series, isHourly, { format = count, isLine = false } = {}) {
    if (!hasCharts) return null;
    const canvas = element("canvas", { role: "img", "aria-label": description });
    const box = element("div", { class: "canvas" }, canvas);
    // The chart takes its size from the box, which must be attached to the page first.
    requestAnimationFrame(() => { if (canvas.isConnected) draw(canvas, series, isHourly, format, isLine); });
    return box;
}

export function destroyCharts(container) {
    for (const canvas of container.querySelectorAll("canvas")) globalThis.Chart?.getChart(canvas)?.destroy();
}

// Later lines lie below, and wider: equal lines are all visible.
function lineShape(index) {
    return { order: index, borderWidth: 2 + 3 * index, pointRadius: 2 + 1.5 * index };
}

function draw(canvas, series, isHourly, format, isLine) {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    const starts = series[0][1].map(([epoch]) => new Date(epoch * 1000));
    const hour = (date) => `${shortDay(date)} ${clockTime(date).replace(/:\d\d(?=\D*$)/, "")}`;
    const label = isHourly ? hour : shortDay;
    const ticks = { color: color("--muted"), maxRotation: 0, autoSkipPadding: 24, font: { size: 11 } };
    new globalThis.Chart(canvas, {
        type: isLine ? "line" : "bar",
        data: {
            labels: starts.map(label),
            datasets: series.map(([name, values], index) => ({
                label: name, data: values.map(([, number]) => number), backgroundColor: color(`--series-${index + 1}`),
                ...(isLine
                    ? { borderColor: color(`--series-${index + 1}`), ...lineShape(index), tension: 0 }
                    : { barPercentage: 1, categoryPercentage: 0.86, borderRadius: 1 }),
            })),
        },
        options: {
            animation: false, responsive: true, maintainAspectRatio: false, locale: navigator.language,
            interaction: { mode: "index", intersect: false },
            plugins: {
                legend: {
                    display: series.length > 1, position: "bottom", align: "start",
                    labels: { color: color("--muted"), boxWidth: 10, boxHeight: 10, font: { size: 11 } },
                },
                tooltip: { callbacks: { label: ({ dataset, parsed }) => ` ${dataset.label}: ${format(parsed.y)}` } },
            },
            scales: {
                x: { stacked: !isLine, grid: { display: false, drawBorder: false }, ticks },
                y: {
                    stacked: !isLine, beginAtZero: true, suggestedMax: 4,
                    grid: { color: color("--line"), drawBorder: false },
                    ticks: { ...ticks, precision: 0, maxTicksLimit: 5, callback: (value) => format(value) },
                },
            },
        },
    });
}

// A table of time series, newest first, without rows in which all numbers are zero.
export function seriesTable(title, series, isHourly, format = count) {
    const rows = series[0][1].map(([epoch], index) => ({
        date: new Date(epoch * 1000), numbers: series.map(([, values]) => values[index]?.[1] ?? 0),
    })).filter(({ numbers }) => numbers.some((number) => number > 0)).reverse();
    if (rows.length === 0) return element("p", { class: "muted" }, "No data in this period.");
    const text = (date) => (isHourly ? `${shortDay(date)} ${clockTime(date)}` : shortDay(date));
    return element("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": title },
        element("table", { class: "plain" },
            element("caption", { class: "visually-hidden" }, title),
            element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "From"),
                series.map(([name]) => element("th", { scope: "col", class: "number" }, name)))),
            element("tbody", {}, rows.map(({ date, numbers }) => element("tr", {},
                element("th", { scope: "row" }, element("time", {
                    datetime: date.toISOString(), title: utcText(date),
                }, text(date))),
                numbers.map((number) => element("td", { class: "number" }, format(number))))))));
}
