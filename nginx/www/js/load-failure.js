// Scripts that a page loads later, and why they cannot be loaded.

import { get } from "/js/api.js";
import { showFailure } from "/js/notice.js";

// After it the server is asked. A browser that wants a password does not end the loading.
const patienceMilliseconds = 3000;
const timeoutMilliseconds = 5000;

// Waits for scripts and returns what they give, or null after a failure, which is shown. setFailed: called with true
// before a message is shown, and with false if the scripts are loaded nevertheless.
export async function awaitScripts(loading, notice, title, setFailed) {
    let isWaiting = true;
    let isShown = false;
    const timer = setTimeout(async () => {
        const error = await refusal();
        if (!error || !isWaiting) return;
        isShown = true;
        setFailed(true);
        showFailure(notice, error, title);
    }, patienceMilliseconds);
    try {
        const loaded = await loading;
        isWaiting = false;
        if (isShown) {
            setFailed(false);
            notice.clear();
        }
        return loaded;
    } catch {
        isWaiting = false;
        const error = await refusal();
        setFailed(true);
        if (error) {
            showFailure(notice, error, title);
        } else {
            // The browser remembers scripts that could not be loaded until the page is reloaded.
            notice.show("bad", title, "Reload the page to try again; it keeps its view.",
                [{ text: "Reload page", run: () => window.location.reload() }]);
        }
        return null;
    } finally {
        clearTimeout(timer);
    }
}

// The error if the sign-in has expired; otherwise null.
async function refusal() {
    try {
        await get("/api/0/hookline/info/", {}, AbortSignal.timeout(timeoutMilliseconds));
        return null;
    } catch (error) {
        return error.kind === "signed-out" ? error : null;
    }
}
