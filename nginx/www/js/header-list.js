// Headers that an app's webhooks have. The API shows no values: a value is kept, replaced or removed with its header.

import { hiddenValue } from "/js/app-settings.js";
import { element } from "/js/element.js";
import { visibleLine } from "/js/visible-text.js";

let lastId = 0;

export class HeaderList {
    // describedBy: the id of the place of errors. changed: called after each change.
    constructor(container, describedBy, changed) {
        this.container = container;
        this.describedBy = describedBy;
        this.changed = changed;
        this.list = element("ul", { class: "header-list" });
        this.none = element("p", { class: "muted" }, "None.");
        this.add = element("button", {
            type: "button", class: "small", onclick: () => {
                this.append(this.newHeader()).querySelector("input").focus();
                this.update();
            },
        }, "Add header");
        container.replaceChildren(this.none, this.list, this.add);
    }

    // headers: strings "Name: ***" as the API shows them.
    show(headers) {
        this.list.replaceChildren();
        for (const text of headers) this.append(this.currentHeader(text.slice(0, text.indexOf(":"))));
        this.none.hidden = headers.length > 0;
    }

    append(item) {
        this.list.append(item);
        return item;
    }

    currentHeader(name) {
        const item = element("li", {}, element("code", {}, visibleLine(name)),
            element("span", { class: "muted" }, "value not shown"),
            element("button", {
                type: "button", class: "small", "aria-label": `Replace the value of ${name}`,
                onclick: () => {
                    const field = this.valueField(`New value of ${name}`);
                    item.replaceChildren(element("code", {}, visibleLine(name)), ...field, this.removeButton(name));
                    item.querySelector("input").focus();
                    this.update();
                },
            }, "Replace value"), this.removeButton(name));
        item.dataset.name = name;
        return item;
    }

    newHeader() {
        lastId += 1;
        const id = `header-name-${lastId}`;
        return element("li", {}, element("label", { class: "visually-hidden", for: id }, "Header name"),
            element("input", {
                id, class: "header-name", placeholder: "Name", autocomplete: "off", autocapitalize: "none",
                spellcheck: "false", "aria-describedby": this.describedBy, oninput: () => this.changed(),
            }), this.valueField("Header value"), this.removeButton("the new header"));
    }

    valueField(label) {
        lastId += 1;
        const id = `header-value-${lastId}`;
        return [element("label", { class: "visually-hidden", for: id }, label), element("input", {
            id, class: "header-value", placeholder: "Value", autocomplete: "off", autocapitalize: "none",
            spellcheck: "false", "aria-describedby": this.describedBy, oninput: () => this.changed(),
        })];
    }

    removeButton(name) {
        return element("button", {
            type: "button", class: "small", "aria-label": `Remove ${name}`,
            onclick: (event) => {
                event.target.closest("li").remove();
                this.add.focus();
                this.update();
            },
        }, "Remove");
    }

    update() {
        this.none.hidden = this.list.childElementCount > 0;
        this.changed();
    }

    // Strings as the API wants them.
    get value() {
        return [...this.list.children].map((item) => {
            const name = item.dataset.name ?? item.querySelector(".header-name").value.trim();
            const field = item.querySelector(".header-value");
            return `${name}: ${field ? field.value.trim() : hiddenValue}`;
        });
    }
}
