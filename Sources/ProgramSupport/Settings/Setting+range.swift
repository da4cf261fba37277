extension Setting {
    /// What a number may be, in the setting's own unit; of a list, each of its numbers. Nil for what is no number.
    package var range: ClosedRange<Int>? {
        switch self {
        case .reloadSeconds: 1...600
        case .maximumRequests: 0...1_000_000_000
        case .maximumAgeSeconds: 0...31_536_000
        case .redisConnectMilliseconds, .redisCommandMilliseconds: 1...60_000
        case .directoryCacheSeconds, .drainSeconds: 0...3600
        case .inputOutputSeconds: 1...3600
        case .slowLogMilliseconds: 0...3_600_000
        case .logCacheBytes: 0...(1 << 30)
        case .queueShards: 1...256
        case .queueMaximumDepth: 1...10_000_000
        case .maximumEventBytes: 1024...786_432
        case .idempotencySeconds: 1...2_592_000
        case .payloadSeconds: 0...2_592_000
        case .threads: 1...512
        case .maximumParameters: 1...100_000
        case .maximumParameterBytes: 1...(64 << 20)
        case .maximumQueryBytes: 0...(64 << 20)
        case .maximumBodyBytes: 0...(1 << 30)
        case .webhookTimeoutMilliseconds, .webhookMinimumTimeoutMilliseconds, .webhookMaximumTimeoutMilliseconds:
            1...300_000
        case .concurrency, .appConcurrency: 1...10_000
        case .senderThreads: 1...64
        case .responseBytes: 0...1_048_576
        case .retryDelays: 1...604_800
        case .retryJitterPercent: 0...100
        case .retryAfterMaximumSeconds: 0...604_800
        case .visibilitySeconds: 5...3600
        case .brokenTimeouts: 1...1_000_000_000
        case .brokenDays: 1...30
        case .brokenWarnings: 1...99
        default: nil
        }
    }
}
