import Model

extension Monitor {
    /// Waits until `body` gives something; nil when it has not by `deadline`. `body` is asked at once and after each
    /// change.
    func wait<Result>(until deadline: MonotonicInstant, _ body: (inout Value) -> Result?) -> Result? {
        wait(untilMicroseconds: deadline.microseconds, body)
    }
}
