import Directory
import ProgramSupport
import ResponderSupport

/// `hookline-cgi`: the responder as a plain CGI program, one static file.
@main
enum CGIProgram: RespondingProgram {
    static let name = ProgramName.cgi

    /// A static program links no PostgreSQL client.
    static let opener: any DirectoryOpening = EmbeddedDirectoryOpener()

    static let help = ProgramHelp(
        purpose: "responds to one request of Hookline's HTTP API that a web server starts it for (CGI).",
        check: "tries Redis (reads and writes) and the directory, and exits 0 if all succeeds.",
        notes: """
            Started by a web server, it takes settings only from the environment and from the settings file named there.

            """,
        exitStatuses: """
            0 responded, 64 invalid arguments, or not started by a web server, 71 a system call failed, 73 output
            cannot be written, 78 invalid configuration.
            """)

    private static let noRequest = """
        no request: a web server starts this program for each one (see docs/shared-hosting.md); --check tests the \
        settings
        """

    static func main() {
        start()
    }

    static func check(_ configuration: Configuration) -> CheckResult {
        checkStores(configuration)
    }

    static func serve(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32 {
        start.refuse([Self.noRequest], status: ExitStatus.wrongUsage)
    }
}
