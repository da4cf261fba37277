package import Model

extension SQLiteDirectory: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try app(by: .appByID, .integer(id))
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try rows(of: .installationByUUID, .text(uuid)) { row throws(DirectoryError) in try row.installation() }.first
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        try withDatabase { database throws(DirectoryError) in
            let hooks = try rows(of: .serviceHooks, [.integer(installationID), .integer(organizationID)], in: database)
            {
                row throws(DirectoryError) in row.serviceHook()
            }
            guard hooks.count < 2 else {
                throw .corrupt(
                    table: "service_hooks", reason: "installation \(installationID) has more than one service hook")
            }
            guard var hook = hooks.first else { return nil }
            hook.projectIDs = try rows(of: .serviceHookProjects, [.integer(hook.id)], in: database) {
                row throws(DirectoryError) in row.integer(0)
            }
            return hook
        }
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try rows(of: .projectBySlug, .integer(organizationID), .text(slug)) { row throws(DirectoryError) in
            row.project()
        }.first
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try rows(of: .owners, .integer(organizationID)) { row throws(DirectoryError) in row.user() }
    }
}
