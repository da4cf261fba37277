package import Model

extension SQLiteDirectoryWriter {
    /// Adds a token, and gives it with its number.
    ///
    /// - Throws: `conflict` when the user does not exist or the token does already.
    package func addToken(_ entry: DirectoryDocument.TokenEntry, at now: Timestamp) throws(DirectoryError) -> APIToken {
        return try transaction(failing: directoryError) { () throws(DirectoryError) in
            let importer = DirectoryImporter(database: database, now: now, problemLimit: 1)
            do throws(SQLiteError) {
                try importer.remember(DirectoryDocument())
                try importer.insertToken(entry, path: "token")
            } catch {
                throw directoryError(error)
            }
            if let problem = importer.problems.first { throw .conflict(reason: problem.message) }
            let tokens = try database.rows(DirectoryQuery.token.sql, [.text(entry.digest.rawValue)], location: path) {
                row throws(DirectoryError) in try row.token()
            }
            guard let token = tokens.first else {
                throw .corrupt(table: "api_tokens", reason: "a token just written is not there")
            }
            return token
        }
    }

    /// Removes the tokens with these numbers, all or none.
    ///
    /// - Throws: `conflict` naming the first number that no token has.
    package func removeTokens(ids: [Int64]) throws(DirectoryError) {
        try transaction(failing: directoryError) { () throws(DirectoryError) in
            for id in ids {
                do throws(SQLiteError) {
                    try database.run("DELETE FROM api_tokens WHERE id = ?1", .integer(id))
                } catch {
                    throw directoryError(error)
                }
                guard database.changeCount == 1 else { throw .conflict(reason: "there is no token \(id)") }
            }
        }
    }
}

extension SQLiteDirectory {
    /// Every token with its user, in the order of the tokens' numbers.
    package func tokens() throws(DirectoryError) -> [(token: APIToken, user: User)] {
        try withDatabase { database throws(DirectoryError) in
            let tokens = try database.rows(
                "SELECT \(DirectoryQuery.Columns.token) FROM api_tokens ORDER BY id", location: path
            ) { row throws(DirectoryError) in try row.token() }
            var result: [(token: APIToken, user: User)] = []
            for token in tokens {
                let users = try rows(of: .userByID, [.integer(token.userID)], in: database) {
                    row throws(DirectoryError) in row.user()
                }
                if let user = users.first { result.append((token, user)) }
            }
            return result
        }
    }
}
