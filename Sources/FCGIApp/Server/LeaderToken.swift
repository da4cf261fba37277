import ProgramSupport
import Synchronization

/// Who accepts: at most one thread at a time, each time under a new number. Safe to use from many threads.
final class LeaderToken: Sendable {
    /// 0 = nobody leads, and the listening socket is armed.
    private let present = Atomic(0)
    private let last = Atomic(0)
    /// What leaders have done so far.
    private let steps = Tally()
    /// What the last look saw.
    private let seenTerm = Atomic(0)
    private let seenSteps = Atomic(0)

    var isHeld: Bool { present.load(ordering: .sequentiallyConsistent) != 0 }

    /// The calling thread leads from here on; returns the number.
    func begin() -> Int {
        let term = last.add(1, ordering: .relaxed).newValue
        present.store(term, ordering: .sequentiallyConsistent)
        return term
    }

    /// Whether this one has not ended.
    func isHeld(by term: Int) -> Bool {
        term != 0 && present.load(ordering: .sequentiallyConsistent) == term
    }

    /// Returns whether it had not ended already.
    func end(_ term: Int) -> Bool {
        present.compareExchange(expected: term, desired: 0, ordering: .sequentiallyConsistent).exchanged
    }

    /// The leader is at work.
    func noteStep() { steps.add() }

    /// The number of a leader that has done nothing since the last look. For one thread, which looks now and then.
    func stalledTerm() -> Int? {
        let (term, count) = (present.load(ordering: .sequentiallyConsistent), steps.count)
        let isSameTerm = seenTerm.exchange(term, ordering: .relaxed) == term
        let isSameCount = seenSteps.exchange(count, ordering: .relaxed) == count
        return term != 0 && isSameTerm && isSameCount ? term : nil
    }
}
