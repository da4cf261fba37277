import Handlers
import ProgramSupport
import System
import Testing

@testable import ResponderSupport

/// The lines that a request leaves.
@Suite
struct AccessLineTests {
    private func text(_ line: LogLine) -> String {
        String(decoding: line.bytes, as: UTF8.self)
    }

    @Test func haveNeitherQueryNorHeadersAndNoBytesForHEADOrAPeerThatIsGone() {
        let sent = text(LogLine(access: .sample()))
        let lost = text(LogLine(access: .sample(isSent: false)))

        #expect(
            sent.hasSuffix(
                #""message":"request","method":"GET","path":"/a","status":200,"bytes":3,"duration_us":12050,"#
                    + #""redis_us":12000,"user":"ann","request_id":"r-1"}"# + "\n"))
        #expect(lost.contains(#""bytes":0"#))
        #expect(!sent.contains("secret"))
    }

    @Test func sayOfASlowRequestWhereItsTimeWent() {
        let line = text(LogLine(slow: .sample()))

        #expect(
            line.hasSuffix(
                #""level":"warning","message":"slow request","method":"GET","path":"/a","route":"refused","status":200,"#
                    + #""duration_us":12050,"parameters_us":45,"identity_us":0,"directory_us":0,"redis_us":12000,"#
                    + #""merge_us":0,"write_us":5,"user":"ann","request_id":"r-1"}"# + "\n"))
        #expect(!line.contains("secret"))
    }

    @Test func aRequestIsSlowFromTheThresholdOnAndNeverWithoutOne() {
        let record = RequestRecord.sample()
        let cases: [(Int64?, Bool)] = [(12_050, true), (12_051, false), (1, true), (nil, false)]

        for (microseconds, isSlow) in cases {
            let logs = RequestLogs(writer: .standardError, access: nil, slowMicroseconds: microseconds)
            #expect(logs.isSlow(record.phases) == isSlow, "\(String(describing: microseconds))")
        }
    }

    @Test func aLimitedLineIsWrittenOnceInAnIntervalAndAgainInTheNextOne() {
        let interval = LogInterval(microseconds: 60_000_000)

        #expect(interval.begin(now: MonotonicTime(microseconds: 5)))
        #expect(!interval.begin(now: MonotonicTime(microseconds: 5)))
        #expect(!interval.begin(now: MonotonicTime(microseconds: 60_000_004)))
        #expect(interval.begin(now: MonotonicTime(microseconds: 60_000_005)))
        #expect(!interval.begin(now: MonotonicTime(microseconds: 60_000_006)))
    }
}
