// A bar chart of seven days: all requests, and on top of each bar the failed ones. The label contains the numbers.

import { count } from "/js/numbers.js";
import { shortDay } from "/js/times.js";

const height = 22;
const bar = 8;
const gap = 3;

// days: [{ date: "2026-11-21", requests, errors }], oldest first.
export function sparkline(days) {
    const most = Math.max(1, ...days.map((day) => day.requests));
    const label = days.map(({ date, requests, errors }) => `${shortDay(new Date(`${date}T12:00:00Z`))}: `
        + `${count(requests)}, ${count(errors)} failed`).join("; ");
    const drawing = shape("svg", {
        class: "sparkline", role: "img", "aria-label": label, width: days.length * (bar + gap), height,
        viewBox: `0 0 ${days.length * (bar + gap)} ${height}`,
    });
    const title = shape("title", {});
    title.textContent = label;
    drawing.append(title);
    days.forEach(({ requests, errors }, index) => {
        const size = (number) => (number === 0 ? 0 : Math.max(2, Math.round((number / most) * height)));
        const whole = size(requests);
        const failed = Math.min(whole, size(errors));
        const x = index * (bar + gap);
        drawing.append(shape("rect", { class: "spark-base", x, y: height - 1, width: bar, height: 1 }));
        drawing.append(shape("rect", { class: "spark-good", x, y: height - whole, width: bar, height: whole }));
        drawing.append(shape("rect", { class: "spark-bad", x, y: height - whole, width: bar, height: failed }));
    });
    return drawing;
}

function shape(name, attributes) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
    return node;
}
