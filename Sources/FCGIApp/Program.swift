import ProgramSupport

/// The program from its arguments to its exit status.
struct Program {
    let environment: [String: String]

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// - Parameter words: the arguments, the program's name first.
    func run(_ words: [String]) -> Int32 {
        // A web server may make arguments out of a client's query: as a CGI program there are none.
        if Invocation(environment: environment).isPlainCGI { return runAsCGI() }
        do throws(ConfigurationError) {
            let start = ProgramStart(words: words, environment: environment)
            let arguments = try Arguments(start.arguments, program: .responder)
            let values = SettingValues(program: .responder, flags: arguments.flags, environment: start.environment)
            switch arguments.action {
            case .help: return printed(HelpText.text)
            case .version: return printed(ProgramName.responder.versionText + "\n")
            case .check: return Check(values: values, environment: start.environment).run()
            case .serve: return serve(values, start)
            }
        } catch {
            return Console.own.refuse([error])
        }
    }

    private func serve(_ values: SettingValues, _ start: ProgramStart) -> Int32 {
        var reader = ConfigurationReader(values, environment: start.environment)
        guard let configuration = reader.read() else { return start.refuse(reader.errors, console: .own) }
        do throws(LogFile.Failure) {
            let log = try LogWriter(appendingTo: configuration.process.logFile)
            return ServerMain(configuration: configuration, start: start, log: log).run()
        } catch {
            return start.refuse([error.description], console: .own, status: ExitStatus.wrongConfiguration)
        }
    }

    private func runAsCGI() -> Int32 {
        let values = SettingValues(program: .responder, flags: [:], environment: environment)
        var reader = ConfigurationReader(values, environment: environment)
        let configuration = reader.read()
        if configuration == nil { _ = Console.own.refuse(reader.errors) }
        return CGIMain(configuration: configuration, log: .standardError).run()
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
