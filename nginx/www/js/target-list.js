// The targets of an app's relay in the form of its settings.

import { element } from "/js/element.js";
import { visibleLine } from "/js/visible-text.js";

let lastId = 0;

export class TargetList {
    // describedBy: the id of the place of errors. changed: called after each change.
    constructor(container, describedBy, changed) {
        this.describedBy = describedBy;
        this.changed = changed;
        this.list = element("ul", { class: "target-list" });
        this.none = element("p", { class: "muted" }, "None: nothing is relayed.");
        this.add = element("button", {
            type: "button", class: "small", onclick: () => {
                this.append(empty).querySelector("input").focus();
                this.update();
            },
        }, "Add target");
        container.replaceChildren(this.none, this.list, this.add);
    }

    // targets: as the API has them.
    show(targets) {
        this.list.replaceChildren();
        for (const target of targets) this.append(target);
        this.none.hidden = targets.length > 0;
    }

    append(target) {
        const conditions = Object.entries(target.conditions).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
        const item = element("li", {},
            this.field("Name", "name", target.name),
            this.field("URL", "url", target.url, { inputmode: "url" }),
            this.field("Events", "events", target.events.join(", "), { placeholder: "all" }),
            this.field("Conditions", "conditions", conditions.join("; "), {
                placeholder: "data.issue.project.slug=\"web\"",
            }),
            this.field("Timeout (ms)", "timeoutMs", target.timeoutMs ?? "", { inputmode: "numeric" }),
            target.headers.length > 0
                ? element("p", { class: "muted" }, `Headers: ${visibleLine(target.headers.map(headerName).join(", "))}`)
                : null,
            element("button", {
                type: "button", class: "small", "aria-label": `Remove ${target.name || "the new target"}`,
                onclick: () => {
                    item.remove();
                    this.add.focus();
                    this.update();
                },
            }, "Remove"));
        item.headers = target.headers;
        this.list.append(item);
        return item;
    }

    field(label, name, value, attributes = {}) {
        lastId += 1;
        const id = `target-${name}-${lastId}`;
        const input = element("input", {
            id, "data-name": name, autocomplete: "off", autocapitalize: "none", spellcheck: "false",
            "aria-describedby": this.describedBy, oninput: () => this.changed(), ...attributes,
        });
        input.value = value;
        return element("div", { class: "field" }, element("label", { for: id }, label), input);
    }

    update() {
        this.none.hidden = this.list.childElementCount > 0;
        this.changed();
    }

    // As the API wants them.
    get value() {
        return [...this.list.children].map((item) => {
            const text = (name) => item.querySelector(`[data-name=${name}]`).value.trim();
            const timeout = text("timeoutMs");
            return {
                name: text("name"), url: text("url"), events: parts(text("events"), ","),
                conditions: Object.fromEntries(parts(text("conditions"), ";").map(condition)),
                // Other text than a number is for the API to refuse.
                timeoutMs: timeout === "" ? null : /^\d{1,9}$/.test(timeout) ? Number(timeout) : timeout,
                headers: item.headers,
            };
        });
    }
}

const empty = { name: "", url: "", events: [], conditions: {}, timeoutMs: null, headers: [] };
const headerName = (header) => header.slice(0, header.indexOf(":"));
const parts = (text, separator) => text.split(separator).map((part) => part.trim()).filter(Boolean);

// "path=value" as [path, value]; a value that is no JSON is a string.
function condition(text) {
    const equals = text.indexOf("=");
    const [path, value] = equals < 0 ? [text, ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
    try {
        return [path, JSON.parse(value)];
    } catch {
        return [path, value];
    }
}
