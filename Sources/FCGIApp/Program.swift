import Glibc

/// The program from its arguments to its exit status.
struct Program {
    let environment: [String: String]
    private let log = LogWriter.standardError

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// - Parameter words: the arguments without the program's name.
    func run(_ words: [String]) -> Int32 {
        // A web server may make arguments out of a client's query: as a CGI program there are none.
        if Invocation(environment: environment).isPlainCGI { return runAsCGI() }
        do {
            let arguments = try Arguments(words)
            let values = SettingValues(flags: arguments.flags, environment: environment)
            switch arguments.action {
            case .help: return printed(HelpText.text)
            case .version: return printed("hookline-fcgi \(FCGIApp.version)\n")
            case .check: return Check(values: values, invocation: Invocation(environment: environment)).run()
            case .serve: return serve(values)
            }
        } catch {
            return refused([error])
        }
    }

    private func serve(_ values: SettingValues) -> Int32 {
        var reader = ConfigurationReader(values)
        guard let configuration = reader.read() else { return refused(reader.errors) }
        return Serving(configuration: configuration, environment: environment, log: log).run()
    }

    private func runAsCGI() -> Int32 {
        var reader = ConfigurationReader(SettingValues(flags: [:], environment: environment))
        let configuration = reader.read()
        if configuration == nil { _ = refused(reader.errors) }
        return CGIServing(configuration: configuration, log: log).run()
    }

    private func refused(_ errors: [ConfigurationError]) -> Int32 {
        for error in errors { printError(error.description) }
        return errors.allSatisfy(\.isUsage) ? ExitStatus.wrongUsage : ExitStatus.wrongConfiguration
    }

    private func printed(_ text: String) -> Int32 {
        printText(text, to: STDOUT_FILENO)
        return ExitStatus.success
    }
}

/// One line for the person who starts the program.
func printError(_ text: String) {
    printText("hookline-fcgi: \(text)\n", to: STDERR_FILENO)
}

func printText(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
