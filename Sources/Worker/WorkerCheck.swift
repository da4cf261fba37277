import Buffer
import ProgramSupport
import Redis

/// `--check`: shows the settings and tries what they name.
struct WorkerCheck {
    let values: SettingValues

    func run() -> Int32 {
        Console.own.print(SettingListing(values).text)
        var reader = WorkerConfigurationReader(values)
        let configuration = reader.read()
        var problems = reader.errors.map(\.description)
        if let configuration { problems += Self.problems(of: WorkerChecks(configuration: configuration)) }
        for problem in problems { Console.own.printError(problem) }
        Console.own.print(problems.isEmpty ? "configuration is good\n" : "")
        return problems.isEmpty ? ExitStatus.success : ExitStatus.wrongConfiguration
    }

    private static func problems(of checks: WorkerChecks) -> [String] {
        var problems: [String] = []
        do throws(RedisError) {
            for hazard in try checks.hazards() { Console.own.printError("warning: \(hazard)") }
        } catch {
            problems.append(error.description)
        }
        return problems + checks.localProblems()
    }
}
