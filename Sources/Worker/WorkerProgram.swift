import ProgramSupport

/// The program from its arguments to its exit status.
struct WorkerProgram {
    let start: ProgramStart

    func run() -> Int32 {
        do throws(ConfigurationError) {
            let arguments = try Arguments(start.arguments, program: .worker)
            let values = SettingValues(program: .worker, flags: arguments.flags, environment: start.environment)
            switch arguments.action {
            case .help: return printed(WorkerHelp.text)
            case .version: return printed(ProgramName.worker.versionText + "\n")
            case .check: return WorkerCheck(values: values).run()
            case .serve: return serve(values)
            }
        } catch {
            return Console.own.refuse([error])
        }
    }

    private func serve(_ values: SettingValues) -> Int32 {
        var reader = WorkerConfigurationReader(values)
        guard let configuration = reader.read() else { return start.refuse(reader.errors, console: .own) }
        do throws(LogFile.Failure) {
            let log = try LogWriter(appendingTo: configuration.process.logFile)
            return WorkerMain(configuration: configuration, start: start, log: log).run()
        } catch {
            return start.refuse([error.description], console: .own, status: ExitStatus.wrongConfiguration)
        }
    }

    private func printed(_ text: String) -> Int32 {
        Console.own.print(text)
        return ExitStatus.success
    }
}

extension Console {
    /// This program's.
    static let own = Console(.worker)
}
