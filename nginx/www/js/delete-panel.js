// Deletes the app, after its slug was entered.

import { byId } from "/js/element.js";
import { clearFieldErrors, showFieldError } from "/js/field-errors.js";
import { Notice } from "/js/notice.js";
import { showRejection } from "/js/rejection.js";

export class DeletePanel {
    // isAdministrator: whether the user has the rights of a superuser. deleted: called when the app is deleted. reload:
    // reads everything again.
    constructor(settings, isAdministrator, { deleted, reload }) {
        const form = byId("delete-form");
        const field = form.elements.slug;
        const notice = new Notice(byId("delete-notice"));
        const { slug, status } = settings.app;
        byId("delete-slug").textContent = slug;
        byId("delete-published").hidden = status !== "published";
        byId("delete-confirmation").hidden = status === "published" && !isAdministrator;
        field.value = "";
        notice.clear();
        clearFieldErrors(form);
        form.onsubmit = async (event) => {
            event.preventDefault();
            clearFieldErrors(form);
            notice.clear();
            if (field.value.trim() !== slug) {
                showFieldError(form, "slug", `Enter ${slug}, the slug of the app.`);
                return;
            }
            try {
                await settings.delete();
                deleted();
            } catch (error) {
                showRejection(notice, error, "The app was not deleted.", reload);
            }
        };
    }
}
