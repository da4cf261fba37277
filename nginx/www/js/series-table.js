// A table of time series, newest first, without rows in which all numbers are zero.

import { element } from "/js/element.js";
import { count } from "/js/numbers.js";
import { clockTime, shortDay, utcText } from "/js/times.js";

export function seriesTable(title, series, isHourly) {
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
                numbers.map((number) => element("td", { class: "number" }, count(number))))))));
}
