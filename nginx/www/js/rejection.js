// Shows why a change was not made.

import { showFailure } from "/js/notice.js";

export const managedBySentry = "This installation is managed by Sentry.";

// title: such as "The settings were not saved." reload: a function that reads everything again.
export function showRejection(notice, error, title, reload) {
    const again = [{ text: "Reload settings", run: reload }];
    if (error.status === 412) {
        notice.show("warn", "The app was changed by somebody else meanwhile.",
            `${title} Reload the settings to see the current ones; what you have entered is then lost.`, again);
    } else if (error.kind === "signed-out") {
        showFailure(notice, error, title);
    } else if (error.mayHaveSucceeded) {
        notice.show("warn", "It is not known whether the change was made.", error.message, again);
    } else {
        notice.show("bad", title, error.message);
    }
}
