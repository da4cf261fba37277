// The page of one app.

import { appPath, get } from "/js/api.js";
import { readAddress, writeAddress } from "/js/address.js";
import { followHealth, showApp } from "/js/app-header.js";
import { CheckPanel } from "/js/check-panel.js";
import { byId } from "/js/element.js";
import { LogView } from "/js/log-view.js";
import { Notice, showFailure } from "/js/notice.js";
import { Refresher } from "/js/refresher.js";
import { UsageView } from "/js/usage-view.js";

let state = readAddress();
const notice = new Notice(byId("page-notice"));

function changed(change, isStep) {
    state = { ...state, ...change };
    writeAddress(state, { isStep });
}

// Whether the app is there, as far as is known. What may pass is tried again; the log says what is wrong meanwhile.
async function showDetails() {
    try {
        const { data: app } = await get(appPath(state.app));
        showApp(app);
    } catch (error) {
        if (error.isPassing) later.start();
        if (error.isPassing || error.kind === "signed-out") return true;
        const title = error.kind === "missing" ? `There is no app “${state.app}”, or you may not read it.`
            : "The app could not be shown.";
        showFailure(notice, error, title);
        return error.kind !== "missing";
    }
    later.stop();
    return true;
}

const later = new Refresher(async () => { await showDetails(); }, () => {});

async function start() {
    byId("app-name").textContent = state.app;
    document.title = `${state.app} – Hookline`;
    if (state.app === "") {
        window.location.replace("/");
        return;
    }
    const log = new LogView(state.app, state, changed);
    const usage = new UsageView(state.app, state.period, (period) => changed({ period }, true));
    const check = new CheckPanel(state.app, state.check, {
        asked: (asked) => changed({ check: asked }, true), showRequest: (id) => log.reveal(id),
    });
    window.addEventListener("popstate", () => {
        const before = state;
        state = readAddress();
        if (state.period !== before.period) usage.setPeriod(state.period);
        if (JSON.stringify(state.check) !== JSON.stringify(before.check)) check.show(state.check);
        log.setFilters(state);
    });
    const [isThere] = await Promise.all([showDetails(), log.read()]);
    if (!isThere) {
        for (const id of ["usage", "check", "log"]) byId(id).hidden = true;
        log.refresher.stop();
        return;
    }
    await followHealth(state.app, notice);
    usage.start();
}

start();
