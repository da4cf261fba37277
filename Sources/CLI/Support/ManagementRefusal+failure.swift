import Directory
import Management
import Model
import System

/// Runs `body` and turns a refusal into a failure of the command.
///
/// - Parameter arguments: the fields that are arguments of the command and no options.
func reportingManagementRefusals<Result>(
    arguments: Set<String> = [], _ body: () throws(ManagementRefusal) -> Result
) throws(CommandFailure) -> Result {
    do throws(ManagementRefusal) {
        return try body()
    } catch {
        throw CommandFailure(error, arguments: arguments)
    }
}

extension CommandFailure {
    /// The words are those of the API, the names those of the options. No message contains a secret.
    init(_ refusal: ManagementRefusal, arguments: Set<String> = []) {
        switch refusal {
        case .fields(let problems):
            self.init(.data, problems.map { Self.message($0, arguments) }.joined(separator: "\n"))
        case .notFound: self.init(.data, "it does not exist any more: somebody has removed it meanwhile")
        case .changedMeanwhile: self.init(.data, "it was changed meanwhile: repeat the command")
        case .forbidden(let reason), .damagedSecrets(let reason): self.init(.data, reason)
        case .directory(let error): self.init(error)
        }
    }

    private static func message(_ problem: DocumentProblem, _ arguments: Set<String>) -> String {
        let text = TerminalText.escaped(problem.message)
        if arguments.contains(problem.path) { return "\(problem.path): \(text)" }
        guard let option = option(problem.path) else { return text }
        return option.isRepeated ? "\(option.name): \(withoutIndex(text))" : "\(option.name): \(text)"
    }

    /// The option for a field of the API, and whether each of its elements is given by one; nil for what is about no
    /// field.
    private static func option(_ field: String) -> (name: String, isRepeated: Bool)? {
        switch field {
        case "", "non_field_errors": nil
        case "events": ("--event", true)
        case "scopes": ("--scope", true)
        case "allowedOrigins": ("--allowed-origin", true)
        case "isAlertable": ("--alertable", false)
        // Options have hyphens in place of capital letters.
        default: ("--" + field.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined(), false)
        }
    }

    /// A message about an element of a list, such as `[0]: "x" is …`, without the place of the element, which it
    /// quotes.
    private static func withoutIndex(_ text: String) -> String {
        guard text.hasPrefix("["), let end = text.firstRange(of: "]: ")?.upperBound else { return text }
        return String(text[end...])
    }
}
