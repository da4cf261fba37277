import CFastCGI
import Glibc
import ProgramSupport

/// `hookline-fcgi`: the responder behind the web server.
@main
enum FCGIApp {
    static func main() {
        keepFreedMemory()
        let environment = ProcessEnvironment.all()
        exit(Program(environment: environment).run(CommandLine.arguments))
    }

    /// Lets each thread keep what it frees, up to this many bytes, for its next request.
    ///
    /// By default the C library gives the end of a thread's heap back after each answer: a system call, page faults when the
    /// next request takes it again, and an interrupt to every other processor that runs a thread of this program.
    private static let keptBytesPerThread: Int32 = 512 << 10

    private static func keepFreedMemory() {
        mallopt(M_TRIM_THRESHOLD, keptBytesPerThread)
    }
}
