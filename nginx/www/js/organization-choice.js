// The fields for an organization: each becomes a list of the organizations where the app is installed, as far as the
// user may know them. Where there are too many, or they cannot be loaded, it stays a text field with suggestions.

import { appPath, get, nextCursor } from "/js/api.js";
import { byId, element } from "/js/element.js";

const maximumOrganizations = 100;
// By the id of a field: the option that stands for no organization.
const withoutOrganization = {
    organization: "All organizations", "check-organization": "Not chosen",
    "redelivery-organization": "All organizations",
};

const option = (slug) => element("option", { value: slug }, slug);
const hasOption = (field, slug) => [...field.options].some(({ value }) => value === slug);

// Makes the fields lists of the app's organizations; they keep their values.
export async function offerOrganizations(app) {
    try {
        const { data, link } = await get(appPath(app, "installations/"), { per_page: String(maximumOrganizations) });
        if (nextCursor(link) !== null) return;
        const slugs = [...new Set(data.map(({ organization }) => organization.slug))].sort();
        for (const [id, none] of Object.entries(withoutOrganization)) replace(byId(id), none, slugs);
    } catch {
        // The text fields stay.
    }
}

// Not while the user types into it.
function replace(field, none, slugs) {
    if (field === document.activeElement) {
        field.addEventListener("blur", () => replace(field, none, slugs), { once: true });
        return;
    }
    const list = element("select", { id: field.id, name: field.name });
    for (const name of ["aria-describedby", "aria-invalid"]) {
        if (field.hasAttribute(name)) list.setAttribute(name, field.getAttribute(name));
    }
    list.append(element("option", { value: "" }, none), ...slugs.map(option));
    // The log also has rows of organizations where the app was installed before.
    if (field.id === "organization") for (const { value } of field.list.options) addOrganization(list, value);
    chooseOrganization(list, field.value.trim());
    field.replaceWith(list);
}

// Sets the value of a field, whatever it is; a list gets an option for a slug that it does not have.
export function chooseOrganization(field, slug) {
    addOrganization(field, slug);
    field.value = slug;
}

// Adds an organization to a list, for example one where the app was installed before.
export function addOrganization(field, slug) {
    if (slug && field instanceof HTMLSelectElement && !hasOption(field, slug)) field.append(option(slug));
}
