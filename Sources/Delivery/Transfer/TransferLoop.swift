import CCurl
import System

/// The event loop of one sender thread: starts jobs, drives libcurl, reports results.
///
/// Belongs to that thread, except `inbox`, which any thread may use.
final class TransferLoop {
    private let multi: UnsafeMutableRawPointer
    private let inbox: TransferInbox
    private let settings: SenderSettings
    private let didEnd: (_ job: SendJob, _ milliseconds: Int) -> Void
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var free: [Transfer] = []
    private var nextSilenceCheck = MonotonicTime.now()

    /// - Parameter didEnd: called after each job's completion, with the duration of the attempt.
    init(
        multi: UnsafeMutableRawPointer, inbox: TransferInbox, settings: SenderSettings,
        didEnd: @escaping (_ job: SendJob, _ milliseconds: Int) -> Void
    ) {
        self.multi = multi
        self.inbox = inbox
        self.settings = settings
        self.didEnd = didEnd
        _ = hl_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.keptConnections)
        _ = hl_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    }

    deinit {
        free = []
        curl_multi_cleanup(multi)
    }

    /// Runs until the inbox is closed.
    func run() {
        let locale = UTF8Locale()
        defer { locale.leave() }
        while true {
            inbox.take().forEach(start)
            var runningCount: Int32 = 0
            curl_multi_perform(multi, &runningCount)
            reportEnded()
            endSilent()
            switch inbox.next(isBusy: !active.isEmpty) {
            case .takeJobs: continue
            case .sleep(let milliseconds): curl_multi_poll(multi, nil, 0, Int32(sleepMilliseconds(milliseconds)), nil)
            case .end: return cancelAll()
            }
        }
    }

    private func start(_ job: SendJob) {
        do {
            let transfer = try freeTransfer()
            do {
                try transfer.begin(job)
            } catch {
                free.append(transfer)
                job.fail(error.failure, error.detail)
                return didEnd(job, 0)
            }
            active[transfer.handle] = transfer
            curl_multi_add_handle(multi, transfer.handle)
        } catch {
            job.fail(.internal, "\(error)")
            didEnd(job, 0)
        }
    }

    private func freeTransfer() throws(SenderError) -> Transfer {
        if let transfer = free.popLast() { return transfer }
        return try Transfer(settings: settings)
    }

    private func reportEnded() {
        var code = CURLE_OK
        while let handle = hl_curl_next_done(multi, &code) {
            guard let transfer = active[handle] else { continue }
            release(transfer, transfer.result(code))
        }
    }

    /// How often silence is looked for: ten times within the limit.
    private var silenceInterval: Duration? { settings.softTimeout.map { max($0 / 10, .milliseconds(1)) } }

    /// Ends the transfers that have received nothing for too long.
    private func endSilent() {
        guard let limit = settings.softTimeout, let interval = silenceInterval else { return }
        let now = MonotonicTime.now()
        guard now >= nextSilenceCheck else { return }
        nextSilenceCheck = now.adding(interval)
        for transfer in Array(active.values) where transfer.isSilent(longerThan: limit, at: now) {
            release(transfer, transfer.silentResult(after: limit))
        }
    }

    private func sleepMilliseconds(_ milliseconds: Int) -> Int {
        guard !active.isEmpty, let interval = silenceInterval else { return milliseconds }
        return min(milliseconds, interval.milliseconds)
    }

    private func cancelAll() {
        for transfer in Array(active.values) {
            release(transfer, transfer.cancelledResult())
        }
    }

    private func release(_ transfer: Transfer, _ result: SendResult) {
        curl_multi_remove_handle(multi, transfer.handle)
        active[transfer.handle] = nil
        let job = transfer.job
        transfer.end()
        free.append(transfer)
        guard let job else { return }
        job.completion(result)
        didEnd(job, result.durationMilliseconds)
    }
}
