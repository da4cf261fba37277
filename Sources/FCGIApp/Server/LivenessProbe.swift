import CFastCGI
import Glibc
import ProgramSupport
import System

/// A question to all threads of the pool: is one of you free? The first that comes by answers it.
final class LivenessProbe: Sendable {
    /// Readable while a call waits for its answer.
    let bell: Int32
    private let answers = Tally()

    init() throws(SystemCallError) {
        bell = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard bell >= 0 else { throw SystemCallError(call: "eventfd") }
    }

    deinit {
        close(bell)
    }

    /// Asks. A call that nobody has answered yet is not repeated.
    func ask() {
        eventfd_write(bell, 1)
    }

    func answer() {
        var count: eventfd_t = 0
        eventfd_read(bell, &count)
        answers.add()
    }

    /// How many calls were answered.
    var answerCount: Int { answers.count }
}
