// Calls a function periodically: never while the page is hidden, at once when it becomes visible, and with exponential
// backoff after failures.

const maximumSeconds = 120;

export class Refresher {
    // Does nothing until start() or resume().
    //
    // run: an async function that may return { hasFailed, waitSeconds, nextSeconds }; waitSeconds is the minimum delay
    // before the next call, nextSeconds the delay itself. onSchedule: called with the seconds until the next call, or
    // null if none is scheduled, and with isPaused.
    constructor(run, onSchedule, periodSeconds = 10) {
        this.run = run;
        this.onSchedule = onSchedule;
        this.periodSeconds = periodSeconds;
        this.isPaused = false;
        this.isStopped = true;
        this.failures = 0;
        this.timer = null;
        document.addEventListener("visibilitychange", () => this.visibilityChanged());
    }

    start(firstSeconds = this.periodSeconds) {
        this.isStopped = false;
        this.schedule(firstSeconds);
    }

    // Calls the function now and then periodically, even after stop().
    resume() {
        this.isStopped = false;
        return this.now();
    }

    // Stops until start() or resume().
    stop() {
        this.isStopped = true;
        this.schedule(null);
    }

    setPaused(isPaused) {
        this.isPaused = isPaused;
        if (isPaused) this.schedule(null);
        else this.now();
    }

    async now() {
        if (this.isStopped) return;
        this.schedule(null);
        const { hasFailed = false, waitSeconds = 0, nextSeconds = null } = await this.run() ?? {};
        this.failures = hasFailed ? this.failures + 1 : 0;
        const backoff = Math.min(this.periodSeconds * 2 ** Math.min(this.failures, 5), maximumSeconds);
        this.schedule(nextSeconds ?? Math.max(waitSeconds, this.failures > 1 ? backoff : this.periodSeconds));
    }

    schedule(seconds) {
        clearTimeout(this.timer);
        const isScheduled = seconds !== null && !this.isPaused && !this.isStopped && !document.hidden;
        this.timer = isScheduled ? setTimeout(() => this.now(), seconds * 1000) : null;
        this.onSchedule(isScheduled ? seconds : null, this.isPaused);
    }

    visibilityChanged() {
        if (document.hidden) this.schedule(null);
        else if (!this.isPaused) this.now();
    }
}
