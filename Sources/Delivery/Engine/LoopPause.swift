/// How long a loop rests after a failure: longer after each further one, and not at all once it works again. Pure.
struct LoopPause: Hashable {
    let shortest: Duration
    let longest: Duration
    private var last = Duration.zero

    init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = shortest
        self.longest = longest
    }

    /// The rest after one more failure.
    mutating func next() -> Duration {
        last = last == .zero ? shortest : min(last * 2, longest)
        return last
    }

    mutating func reset() {
        last = .zero
    }
}
