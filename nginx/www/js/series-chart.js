// Charts by Chart.js, where the server has it (Debian: libjs-chart.js). Without it there are only the tables.

import { element } from "/js/element.js";
import { count } from "/js/numbers.js";
import { clockTime, shortDay } from "/js/times.js";

let loading = null;
let hasCharts = false;

// The library is a script of the older kind: loaded as a module it still leaves its name to all.
export function loadCharts() {
    loading ??= import("/vendor/chart.js").then(() => { hasCharts = typeof globalThis.Chart === "function"; }, () => {});
    return loading;
}

// series: [label, [[epoch seconds, number], …]]. Null without the library.
export function drawSeries(description, series, isHourly) {
    if (!hasCharts) return null;
    const canvas = element("canvas", { role: "img", "aria-label": description });
    const box = element("div", { class: "canvas" }, canvas);
    // Its size is that of the box, which must be on the page first.
    requestAnimationFrame(() => { if (canvas.isConnected) draw(canvas, series, isHourly); });
    return box;
}

export function eraseSeries(place) {
    for (const canvas of place.querySelectorAll("canvas")) globalThis.Chart?.getChart(canvas)?.destroy();
}

function draw(canvas, series, isHourly) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const starts = series[0][1].map(([epoch]) => new Date(epoch * 1000));
    const label = (date) => (isHourly ? `${shortDay(date)} ${clockTime(date).replace(/:\d\d(?=\D*$)/, "")}` : shortDay(date));
    const ticks = { color: colour("--muted"), maxRotation: 0, autoSkipPadding: 24, font: { size: 11 } };
    new globalThis.Chart(canvas, {
        type: "bar",
        data: {
            labels: starts.map(label),
            datasets: series.map(([name, values], index) => ({
                label: name, data: values.map(([, number]) => number), backgroundColor: colour(`--series-${index + 1}`),
                barPercentage: 1, categoryPercentage: 0.86, borderRadius: 1,
            })),
        },
        options: {
            animation: false, responsive: true, maintainAspectRatio: false, locale: navigator.language,
            interaction: { mode: "index", intersect: false },
            plugins: {
                legend: {
                    display: series.length > 1, position: "bottom", align: "start",
                    labels: { color: colour("--muted"), boxWidth: 10, boxHeight: 10, font: { size: 11 } },
                },
                tooltip: { callbacks: { label: ({ dataset, parsed }) => ` ${dataset.label}: ${count(parsed.y)}` } },
            },
            scales: {
                x: { stacked: true, grid: { display: false, drawBorder: false }, ticks },
                y: {
                    stacked: true, beginAtZero: true, suggestedMax: 4, grid: { color: colour("--line"), drawBorder: false },
                    ticks: { ...ticks, precision: 0, maxTicksLimit: 5 },
                },
            },
        },
    });
}
