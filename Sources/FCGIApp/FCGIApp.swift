import Glibc

/// `hookline-fcgi`: the responder behind the web server.
@main
enum FCGIApp {
    /// As `--version` prints it.
    static let version = "0.1.0"

    static func main() {
        let environment = ProcessEnvironment.all()
        exit(Program(environment: environment).run(Array(CommandLine.arguments.dropFirst())))
    }
}
