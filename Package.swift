// swift-tools-version: 6.3
import PackageDescription

/// Settings shared by every Swift target of the package.
let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// The CGI program is one file without run-time dependencies: it runs on hosts where nothing can be installed, and starts
/// in about a millisecond. lld because it does not repeat glibc's remarks about name service libraries in static programs
/// (docs/shared-hosting.md says what follows from them).
let staticExecutable: [LinkerSetting] = [
    .unsafeFlags(["-static-executable", "-use-ld=lld"], .when(configuration: .release))
]

/// All other programs link C libraries of the system: Debian has no static libpq and libcurl that need nothing else.
let dynamicExecutable: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(configuration: .release))]

func target(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil, exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: swiftSettings)
}

func testTarget(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: swiftSettings)
}

let package = Package(
    name: "hookline",
    products: [
        .executable(name: "hookline-fcgi", targets: ["FCGIApp"]),
        .executable(name: "hookline-cgi", targets: ["CGIApp"]),
        .executable(name: "hookline-worker", targets: ["Worker"]),
        .executable(name: "hookline", targets: ["CLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        // C libraries
        .systemLibrary(name: "CSystem"),
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev", "libssl-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CMessageDigest", providers: [.apt(["libmd-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // Shared
        target("Model", []),
        target("WireJSON", []),

        // Infrastructure
        target("System", ["CSystem"]),
        target("Redis", ["System", "Model", "CHiredis", "CMessageDigest"]),
        target("PostgreSQL", ["System", "Model", "CPostgreSQL"]),

        // Stores
        target("Buffer", ["Redis", "System", "Model", "WireJSON", "CMessageDigest", "CZlib"]),
        target("Queue", ["Redis", "System", "Model", "WireJSON"]),
        target("Directory", ["System", "Model", "CSQLite", "CSodium"]),
        target(
            "PostgreSQLDirectory", ["Directory", "PostgreSQL", "System", "Model", "WireJSON", "CZlib", "COpenSSL"]),

        // Services
        target("WebhookRules", ["System", "Model", "WireJSON", "Redis", "Buffer", "Queue", "Directory", "CSodium"]),
        target("Management", ["System", "Model", "WireJSON", "Directory", "WebhookRules"]),
        target(
            "Handlers",
            [
                "System", "Model", "WireJSON", "Redis", "Buffer", "Queue", "Directory", "WebhookRules", "Management",
                "CSodium",
                "CMessageDigest", "CZlib",
            ]),
        target(
            "Delivery",
            [
                "System", "Model", "WireJSON", "Redis", "Buffer", "Queue", "Directory", "WebhookRules", "CSodium",
                "COpenSSL", "CCurl", .product(name: "Logging", package: "swift-log"),
            ]),

        // Programs
        target(
            "ProgramSupport",
            [
                "System", "Model", "WireJSON", "Redis", "Buffer", "Queue", "Directory", "WebhookRules", "CSystem",
            ]),
        target(
            "ResponderSupport",
            [
                "ProgramSupport", "System", "Model", "WireJSON", "Handlers", "WebhookRules", "Redis", "Buffer", "Queue",
                "Directory", "CSystem",
            ]),
        .executableTarget(
            name: "FCGIApp",
            dependencies: [
                "ResponderSupport", "ProgramSupport", "System", "Model", "Redis", "Buffer", "Directory",
                "PostgreSQLDirectory", "CFastCGI", "CSystem",
            ],
            swiftSettings: swiftSettings, linkerSettings: dynamicExecutable),
        .executableTarget(
            name: "CGIApp", dependencies: ["ResponderSupport", "ProgramSupport", "Directory"],
            swiftSettings: swiftSettings, linkerSettings: staticExecutable),
        .executableTarget(
            name: "Worker",
            dependencies: [
                "ProgramSupport", "System", "Model", "WireJSON", "Redis", "Buffer", "Queue", "Directory",
                "PostgreSQLDirectory", "WebhookRules", "Delivery", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings, linkerSettings: dynamicExecutable),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "ProgramSupport", "System", "Model", "WireJSON", "Redis", "Buffer", "Queue", "Directory",
                "PostgreSQLDirectory", "WebhookRules", "Management", "Delivery",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings, linkerSettings: dynamicExecutable),

        // Tests
        target(
            "TestSupport",
            [
                "CCurl", "CMessageDigest", "CPostgreSQL", "CSodium", "CZlib", "Model", "Buffer", "Queue",
                "Redis", "PostgreSQL", "System", "Directory", "PostgreSQLDirectory",
            ],
            path: "Tests/TestSupport",
            exclude: ["Golden", "PostgreSQL/tables-23.7.1.sql", "PostgreSQL/changes-26.8.sql"]),
        testTarget("ModelTests", ["Model"]),
        testTarget("SystemTests", ["System"]),
        testTarget("RedisTests", ["Redis", "System", "Model", "WireJSON"]),
        testTarget("PostgreSQLTests", ["PostgreSQL", "System", "Model"]),
        testTarget("QueueTests", ["Queue", "Redis", "System", "Model", "WireJSON"]),
        testTarget("WireJSONTests", ["WireJSON"]),
        testTarget("BufferTests", ["Buffer", "Redis", "System", "Model", "WireJSON"]),
        testTarget("DirectoryTests", ["Directory", "PostgreSQLDirectory", "PostgreSQL", "System", "Model"]),
        testTarget(
            "PostgreSQLDirectoryTests",
            ["PostgreSQLDirectory", "Directory", "PostgreSQL", "System", "Model", "WireJSON"]),
        testTarget(
            "WebhookRulesTests",
            ["WebhookRules", "Model", "Buffer", "Queue", "Redis", "System", "Directory", "WireJSON"]),
        testTarget(
            "HandlersTests",
            [
                "Handlers", "WebhookRules", "Model", "Buffer", "Queue", "Redis", "System", "Directory", "WireJSON",
                "CMessageDigest",
            ]),
        .executableTarget(
            name: "DeliveryProbe",
            dependencies: [
                "Delivery", "WebhookRules", "Buffer", "Queue", "Redis", "System", "Directory", "Model", "WireJSON",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/DeliveryProbe", swiftSettings: swiftSettings),
        .executableTarget(
            name: "Ledger", dependencies: ["TestSupport", "Buffer", "Queue", "Redis", "System", "Delivery", "Model"],
            path: "Tests/Ledger",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "Reloads", dependencies: ["TestSupport", "Directory", "Model"], path: "Tests/Reloads",
            swiftSettings: swiftSettings),
        testTarget(
            "DeliveryTests",
            [
                "Delivery", "DeliveryProbe", "WebhookRules", "Buffer", "Queue", "Redis", "System", "Directory", "Model",
                "WireJSON",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testTarget(
            "ProgramSupportTests",
            ["ProgramSupport", "WebhookRules", "Buffer", "Queue", "Redis", "System", "Directory", "Model"]),
        testTarget(
            "WorkerTests",
            [
                "Worker", "ProgramSupport", "WebhookRules", "Delivery", "Buffer", "Queue", "Redis", "System",
                "Directory", "Model", "WireJSON",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testTarget(
            "ResponderSupportTests",
            [
                "ResponderSupport", "ProgramSupport", "Handlers", "Buffer", "Queue", "Redis", "System", "Directory",
                "Model",
            ]),
        testTarget(
            "FCGIAppTests",
            [
                "FCGIApp", "ResponderSupport", "ProgramSupport", "Handlers", "Buffer", "Queue", "Redis",
                "System", "Directory", "Model",
            ]),
        testTarget("CGIAppTests", ["CGIApp", "FCGIApp"]),
        testTarget(
            "CLITests",
            [
                "CLI", "ProgramSupport", "WebhookRules", "Management", "Delivery", "Directory", "PostgreSQLDirectory",
                "Buffer", "Queue",
                "Redis", "System", "Model", "WireJSON",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testTarget(
            "IntegrationTests",
            [
                "Model", "WireJSON", "Buffer", "Queue", "Redis", "System", "FCGIApp", "CGIApp", "Worker", "CLI",
                "Ledger", "Reloads",
            ]),
    ]
)
