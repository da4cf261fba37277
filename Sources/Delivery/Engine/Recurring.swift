import System

/// Something that is done now and then. Pure.
struct Recurring: Hashable {
    let interval: Duration
    private var next: MonotonicTime
    /// To be done again as soon as possible.
    var isOverdue = false

    init(every interval: Duration, isDueAtOnce: Bool = false, now: MonotonicTime = .now()) {
        self.interval = interval
        next = isDueAtOnce ? now : now.adding(interval)
    }

    func isDue(_ now: MonotonicTime) -> Bool { isOverdue || next <= now }

    /// Whether it is due; if so, it is taken for done.
    mutating func take(_ now: MonotonicTime) -> Bool {
        guard isDue(now) else { return false }
        skip(now)
        return true
    }

    /// Not before the interval is over again.
    mutating func skip(_ now: MonotonicTime) {
        isOverdue = false
        next = now.adding(interval)
    }

    /// How long until it is due.
    func wait(_ now: MonotonicTime) -> Duration {
        isDue(now) ? .zero : .microseconds(next.microseconds - now.microseconds)
    }
}
