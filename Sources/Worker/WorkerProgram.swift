import ProgramSupport

/// The program from its arguments to its exit status.
struct WorkerProgram {
    let environment: [String: String]

    /// - Parameter words: the arguments without the program's name.
    func run(_ words: [String]) -> Int32 {
        do throws(ConfigurationError) {
            let arguments = try Arguments(words, program: .worker)
            let values = SettingValues(program: .worker, flags: arguments.flags, environment: environment)
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
        guard let configuration = reader.read() else { return Console.own.refuse(reader.errors) }
        return Delivering(configuration: configuration).run()
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
