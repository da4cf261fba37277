import Glibc
import ProgramSupport

/// `hookline-fcgi`: the responder behind the web server.
@main
enum ResponderEntryPoint {
    static func main() {
        HeapPolicy.apply()
        let environment = ProcessEnvironment.all()
        exit(Program(environment: environment).run(CommandLine.arguments))
    }
}
