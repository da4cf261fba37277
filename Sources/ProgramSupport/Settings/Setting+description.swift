extension Setting {
    /// What one setting is, for people.
    package struct Description: Sendable {
        /// Stands for the value in the help.
        package var placeholder: String
        package var defaultValue: String
        /// One sentence.
        package var summary: String
    }

    package var description: Description {
        switch self {
        case .settingsFile, .logFile, .pidFile, .reloadSeconds, .maximumRequests, .maximumAgeSeconds:
            processDescription
        case .listen, .socketMode, .socketGroup, .threads, .maximumParameters, .maximumParameterBytes,
            .maximumQueryBytes, .maximumBodyBytes, .drainSeconds, .inputOutputSeconds, .logCacheBytes, .accessLog,
            .accessFormat, .slowLogMilliseconds:
            serverDescription
        case .redis, .redisConnectMilliseconds, .redisCommandMilliseconds, .directory, .directoryCacheSeconds, .events,
            .queueShards, .queueMaximumDepth, .maximumEventBytes, .idempotencySeconds, .payloadSeconds:
            storeDescription
        case .webhookTimeoutMilliseconds, .webhookMinimumTimeoutMilliseconds, .webhookMaximumTimeoutMilliseconds,
            .concurrency, .appConcurrency, .senderThreads, .responseBytes, .allowedNetworks, .authoritiesFile, .proxy,
            .standardWebhooks:
            sendingDescription
        case .retryDelays, .retryJitterPercent, .retryAfterMaximumSeconds, .retryApps, .visibilitySeconds, .brokenApps,
            .brokenTimeouts, .brokenDays, .brokenWarnings:
            consequenceDescription
        case .smtp, .smtpTLS, .mailFrom, .mailTemplates, .platformURL, .statsd, .logLevel: noticeDescription
        }
    }
}
