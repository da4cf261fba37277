// Calls a function again and again: never while the page is hidden, at once when it is seen again, later when it failed.

const longestSeconds = 120;

export class Refresher {
    // run: an asynchronous function; the seconds that it answers are waited at least (0 or nothing: as usual, a number
    // after a failure). told: called with the seconds until the next call, or null while there will be none, and
    // whether somebody paused it.
    constructor(run, told, periodSeconds = 10) {
        this.run = run;
        this.told = told;
        this.periodSeconds = periodSeconds;
        this.isPaused = false;
        this.isStopped = false;
        this.failures = 0;
        this.timer = null;
        document.addEventListener("visibilitychange", () => this.visibilityChanged());
    }

    start() {
        this.isStopped = false;
        this.schedule(this.periodSeconds);
    }

    // At once, and then as usual, also after stop().
    resume() {
        this.isStopped = false;
        return this.now();
    }

    // Until start() or resume() is called.
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
        const { hasFailed = false, waitSeconds = 0 } = await this.run() ?? {};
        this.failures = hasFailed ? this.failures + 1 : 0;
        const usual = Math.min(this.periodSeconds * 2 ** Math.min(this.failures, 5), longestSeconds);
        this.schedule(Math.max(waitSeconds, this.failures > 1 ? usual : this.periodSeconds));
    }

    schedule(seconds) {
        clearTimeout(this.timer);
        const isDue = seconds !== null && !this.isPaused && !this.isStopped && !document.hidden;
        this.timer = isDue ? setTimeout(() => this.now(), seconds * 1000) : null;
        this.told(isDue ? seconds : null, this.isPaused);
    }

    visibilityChanged() {
        if (document.hidden) this.schedule(null);
        else if (!this.isPaused) this.now();
    }
}
