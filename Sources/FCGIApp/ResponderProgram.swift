import Directory
import PostgreSQLDirectory
import ProgramSupport
import ResponderSupport

/// `hookline-fcgi`: the responder behind the web server.
@main
enum ResponderProgram: RespondingProgram {
    static let name = ProgramName.responder

    static let opener: any DirectoryOpening = PostgreSQLDirectoryOpener()

    static let help = ProgramHelp(
        purpose: "serves Hookline's HTTP API behind a web server (FastCGI or CGI).",
        check: "tries Redis (reads and writes) and the directory, and exits 0 if all succeeds.",
        session: """
            makes it read a session cookie of the original, too (the value of sentrysid), from
            standard input, and say whose session it is, or why it is not accepted.
            """,
        notes: """
            As a CGI program it takes settings only from the environment and from the settings file named there.

            Signals: TERM, INT, QUIT finish the requests in progress; a second one stops at once. USR1 reopens the log.
            USR2 checks the configuration, starts a new process on the same socket and hands over to it.
            """)

    static func main() {
        start()
    }

    static func check(_ configuration: Configuration) -> CheckResult {
        var result = checkStores(configuration)
        let descriptors = DescriptorBudget(threadCount: configuration.threadCount)
        result.warnings += configuration.warnings + [descriptors.warning].compactMap(\.self)
        result.problems += [descriptors.problem].compactMap(\.self)
        return result
    }

    static func checkSession(_ cookie: String, _ configuration: Configuration) -> CheckResult {
        SessionCheck(cookie: cookie, configuration: configuration).run()
    }

    static func serve(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32 {
        ServerMain(configuration: configuration, start: start, log: log).run()
    }
}
