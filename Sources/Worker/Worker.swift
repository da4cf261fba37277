import Glibc
import ProgramSupport

/// The program `hookline-worker`: delivers what is in the queue.
@main
enum Worker {
    static func main() {
        let program = WorkerProgram(
            start: ProgramStart(words: CommandLine.arguments, environment: ProcessEnvironment.all()))
        // Without the handlers that libraries run at an ordinary exit: threads that still send would lose what they use.
        _exit(program.run())
    }
}
