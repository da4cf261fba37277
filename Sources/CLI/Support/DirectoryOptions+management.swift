import Directory
import Management
import Model
import WebhookRules

/// Changing the directory row by row, by the rules of the management API and with an administrator's rights.
extension DirectoryOptions {
    /// The directory, for changes.
    ///
    /// - Throws: why it cannot be changed, such as that its tables are an original's; before anything else is looked
    ///   up.
    func manager() throws(CommandFailure) -> any DirectoryDatabase {
        let directory = try reader()
        if let problem = try reportingDirectoryErrors(try directory.managementProblem()) {
            throw CommandFailure(problem)
        }
        return directory
    }

    /// The rules for apps that the organization owns.
    func appRules(in organizationID: Int64) throws(CommandFailure) -> AppRules {
        let settings = settings()
        return AppRules(
            events: try settings.events(),
            webhookURL: WebhookURLRule(hosts: .ofWorker, addresses: try settings.addresses()),
            organizationID: organizationID, ownScopes: .all, isAdministrator: true)
    }

    /// The installation with this UUID that is not deleted.
    func installation(uuid: String) throws(CommandFailure) -> Installation {
        let directory = try reader()
        let found = try reportingDirectoryErrors(try directory.installation(uuid: uuid))
        guard let found, found.dateDeleted == nil else {
            throw CommandFailure(.data, "no such installation: \(uuid)")
        }
        return found
    }
}

extension DirectoryDatabase {
    /// Makes a change in one transaction; nothing is changed when it is refused.
    ///
    /// - Parameter arguments: the fields that are arguments of the command and no options.
    func change<Result>(
        at now: Timestamp, arguments: Set<String> = [],
        _ body: (any DirectoryRows) throws(ManagementRefusal) -> Result
    ) throws(CommandFailure) -> Result {
        try reportingManagementRefusals(arguments: arguments) { () throws(ManagementRefusal) in
            try changeRows(at: now, failing: { .directory($0) }, body)
        }
    }
}

extension ChangeAuthor {
    /// The operator who runs the command.
    static var currentOperator: ChangeAuthor { ChangeAuthor(label: OperatorName.current()) }
}
