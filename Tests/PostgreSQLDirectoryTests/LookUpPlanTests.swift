import Directory
import Model
import TestSupport
import Testing
import WireJSON

@testable import PostgreSQLDirectory

@Suite struct LookUpPlanTests {
    /// Look-ups that requests and delivery make, with parameters of the right types. The original has no index for
    /// installations by uuid.
    private static let parameters: [LookUp: String] = [
        .appBySlug: "'a'", .appByProxyUser: "1", .appByID: "1", .anyAppBySlug: "'a'", .components: "1",
        .userByLogin: "'a'", .userByID: "1", .sessionUser: "1", .membership: "1, 2", .memberCopy: "1, 2",
        .organizationCopy: "1", .organizationByID: "1", .organizationBySlug: "'a'", .token: "'a', 'b'",
        .apiKey: "'a'", .organizationToken: "'a'", .project: "1", .projectBySlug: "1, 'a'",
        .issueNode: "'1', 'a', 1", .issueGroup: "1, '{a,b}'", .ownIssueEvent: "1, 'a'", .hasInstallation: "1, 2",
        .installationStatistics: "1, '2023-01-01', '2023-02-01'", .installationByUUID: "'a'", .serviceHook: "1, 2",
        .owners: "1",
    ]

    enum Store: CaseIterable, Sendable { case release23, release26, standalone }

    @Test(arguments: Store.allCases) func everyLookUpIsServedByAnIndex(store: Store) throws {
        let (database, directory) = try Self.open(store)
        try Self.pretendLargeTables(database)
        let facts = try directory.freshFacts()
        // The settings are of this session: one connection for all.
        let connection = try database.connection()

        var planned = 0
        for (lookUp, parameters) in Self.parameters {
            guard case .sql(let sql) = facts.statement(lookUp) else { continue }
            if lookUp == .installationByUUID, store != .standalone { continue }
            try connection.execute("PREPARE planned AS \(sql)")
            // The plan for any parameter, not for the ones here.
            try connection.execute("SET plan_cache_mode = force_generic_plan")
            let values = lookUp == .token && store == .standalone ? "'a', NULL" : parameters
            let plan = try connection.rows("EXPLAIN (FORMAT JSON) EXECUTE planned(\(values))").first?.first ?? nil
            try connection.execute("DEALLOCATE planned")
            let scanned = try Self.scannedTables(JSONValue(parsing: try #require(plan)))
            #expect(scanned.isEmpty, "\(lookUp)")
            planned += 1
        }
        #expect(planned >= (store == .standalone ? 18 : 24))
    }

    private static func open(_ store: Store) throws -> (PostgreSQLDatabase, PostgreSQLDirectory) {
        switch store {
        case .release23, .release26:
            let fixture = try OriginalFixture(store == .release23 ? .release23 : .release26)
            return (fixture.database, fixture.directory)
        case .standalone:
            let database = try PostgreSQLDatabase.standalone()
            return (database, try OriginalFixture.directory(database, user: "postgres"))
        }
    }

    /// Makes the planner believe in ten million rows: it multiplies a table's pages, which it counts, by the rows for
    /// each, which it takes from here. A table without pages has no rows whatever the catalog says. No look-up reads
    /// targets.
    private static func pretendLargeTables(_ database: PostgreSQLDatabase) throws {
        try database.execute(
            """
            SET session_replication_role = replica;
            DO $$
            DECLARE
                entry record;
                is_empty boolean;
            BEGIN
                FOR entry IN
                    SELECT a.attrelid::regclass AS target, string_agg(quote_ident(a.attname), ', ') AS names,
                        string_agg(
                            CASE t.typcategory WHEN 'N' THEN '1' WHEN 'S' THEN quote_literal('a') WHEN 'B' THEN 'false'
                                WHEN 'D' THEN 'now()' WHEN 'A' THEN quote_literal('{}') ELSE
                                CASE t.typname WHEN 'uuid' THEN 'gen_random_uuid()' ELSE quote_literal('{}') END
                            END, ', ') AS contents
                    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
                    JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname IN ('public', 'hookline') AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull
                    GROUP BY a.attrelid
                LOOP
                    EXECUTE format('SELECT NOT EXISTS (SELECT 1 FROM %s)', entry.target) INTO is_empty;
                    IF is_empty THEN
                        EXECUTE format(
                            'INSERT INTO %s (%s) VALUES (%s)', entry.target, entry.names, entry.contents);
                    END IF;
                END LOOP;
            END
            $$;
            DELETE FROM pg_statistic;
            UPDATE pg_class SET reltuples = 10000000, relpages = 1 WHERE relkind = 'r'
            """)
    }

    /// The tables that a plan reads from end to end, by themselves or by an index.
    private static func scannedTables(_ plan: JSONValue) throws -> [String] {
        switch plan {
        case .array(let elements): return try elements.flatMap(scannedTables)
        case .object(let members):
            let isScan: Bool
            switch plan["Node Type"]?.string {
            case "Seq Scan": isScan = true
            case "Index Scan", "Index Only Scan", "Bitmap Index Scan": isScan = plan["Index Cond"] == nil
            default: isScan = false
            }
            let own = isScan ? [plan["Relation Name"]?.string ?? plan["Index Name"]?.string ?? ""] : []
            return try own + members.map(\.value).flatMap(scannedTables)
        case .null, .bool, .number, .string: return []
        }
    }
}
