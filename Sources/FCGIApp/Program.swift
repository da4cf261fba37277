import ProgramSupport

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
        do throws(ConfigurationError) {
            let arguments = try Arguments(words, program: .responder)
            let values = SettingValues(program: .responder, flags: arguments.flags, environment: environment)
            switch arguments.action {
            case .help: return printed(HelpText.text)
            case .version: return printed(ProgramName.responder.versionText + "\n")
            case .check: return Check(values: values, environment: environment).run()
            case .serve: return serve(values)
            }
        } catch {
            return Console.own.refuse([error])
        }
    }

    private func serve(_ values: SettingValues) -> Int32 {
        var reader = ConfigurationReader(values, environment: environment)
        guard let configuration = reader.read() else { return Console.own.refuse(reader.errors) }
        return Serving(configuration: configuration, environment: environment, log: log).run()
    }

    private func runAsCGI() -> Int32 {
        let values = SettingValues(program: .responder, flags: [:], environment: environment)
        var reader = ConfigurationReader(values, environment: environment)
        let configuration = reader.read()
        if configuration == nil { _ = Console.own.refuse(reader.errors) }
        return CGIServing(configuration: configuration, log: log).run()
    }

    private func printed(_ text: String) -> Int32 {
        Console.own.print(text)
        return ExitStatus.success
    }
}

extension Console {
    /// This program's.
    static let own = Console(.responder)
}
