import Redis

/// What the entries of a shard take: counters that the scripts keep, in a hash which is the last of their KEYS.
///
/// `live-in` and `live-out` are the bytes that came to the stream and left it, `kept-in` and `kept-out` those of the
/// scheduled entries and dead letters; the sum of the four grows with every change. `APP:entries` is the number of an
/// app's entries in the stream, `APP:bytes` its bytes everywhere.
///
/// Bytes are memory in Redis: an estimate from the size of the payload or of the stored fields, which is within a
/// quarter for payloads of 1 kB to 60 kB; smaller entries take up to a third less (Redis 7.0, jemalloc).
///
/// Workers of older versions do not count; `DeliveryQueue.checkIndexes` corrects what they leave.
enum QueueUsage {
    /// Beside the payload and an eighth of it.
    static let liveOverhead = 150
    /// Beside the packed fields and an eighth of them.
    static let keptOverhead = 400
    /// What a scheduled entry or a dead letter takes, as the scripts calculate it.
    static func keptBytes(_ packedBytes: Int) -> Int { packedBytes + packedBytes / 8 + keptOverhead }

    /// An app may always have this many entries in the stream of a shard, even if that is more than a tenth of the
    /// limit.
    static let leastShare = 100

    /// Lua: notes changes, and writes them in the end. `used` returns the bytes in the stream, the others, and the
    /// app's bytes and entries, with the changes so far. Needs `QueueScripts.fieldFunctions`.
    ///
    /// A counter that Redis refuses to change does not stop a script: it is corrected later.
    static let functions = """
        local usage, changes = KEYS[#KEYS], {}
        local function liveBytes(size)
            return size + math.floor(size / 8) + \(liveOverhead)
        end
        local function liveBytesOf(fields)
            return liveBytes(#(get(fields, 'payload') or ''))
        end
        local function keptBytes(size)
            return size + math.floor(size / 8) + \(keptOverhead)
        end
        local function change(field, number)
            changes[field] = (changes[field] or 0) + number
        end
        local function countLive(owner, bytes, sign)
            change(sign > 0 and 'live-in' or 'live-out', bytes)
            change(owner .. ':entries', sign)
            change(owner .. ':bytes', sign * bytes)
        end
        local function countKept(owner, bytes, sign)
            change(sign > 0 and 'kept-in' or 'kept-out', bytes)
            change(owner .. ':bytes', sign * bytes)
        end
        local stored = {}
        local function used(owner)
            local names = {'live-in', 'live-out', 'kept-in', 'kept-out', owner .. ':bytes', owner .. ':entries'}
            stored[owner] = stored[owner] or redis.pcall('HMGET', usage, unpack(names))
            local values = {}
            for i, name in ipairs(names) do
                values[i] = (tonumber(stored[owner][i]) or 0) + (changes[name] or 0)
            end
            return math.max(0, values[1] - values[2]), math.max(0, values[3] - values[4]), math.max(0, values[5]),
                math.max(0, values[6])
        end
        local function saveUsage()
            for field, number in pairs(changes) do
                local total = number ~= 0 and redis.pcall('HINCRBY', usage, field, string.format('%.0f', number))
                if type(total) == 'number' and total <= 0 and string.find(field, ':', 1, true) then
                    redis.pcall('HDEL', usage, field)
                end
            end
        end

        """

    /// The size of one page of the scripts below, with what it returns.
    private static let pageCount = 190

    /// KEYS: stream. Returns the id of the last entry that was added, which later ones are greater than whatever Redis'
    /// clock says; false without a stream.
    static let lastID = RedisScript(
        """
        local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
        for i = 1, #info, 2 do
            if info[i] == 'last-generated-id' then return info[i + 1] end
        end
        return false
        """)

    /// KEYS: stream. ARGV: first id, last id. Returns the id to go on from (empty: the end), then owner, number and
    /// bytes of the entries of a page.
    static let measureStream = RedisScript(
        QueueScripts.fieldFunctions + QueueIndex.functions + functions + sumFunctions + """
            local from, read = ARGV[1], 0
            for i = 1, \(pageCount) do
                local entry = redis.call('XRANGE', KEYS[1], from, ARGV[2], 'COUNT', 1)[1]
                if not entry then return summed('') end
                from = '(' .. entry[1]
                add(app(entry[2]), liveBytesOf(entry[2]))
                for _, value in ipairs(entry[2]) do read = read + #value end
                if read > \(QueueScripts.maximumBytes) then break end
            end
            return summed(from)
            """)

    /// KEYS: index by app, entries. ARGV: the last member or empty. Returns the last member of a page (empty: the end),
    /// then owner, number and bytes of its entries.
    static let measureKept = RedisScript(
        QueueScripts.fieldFunctions + functions + sumFunctions + """
            local from = ARGV[1] ~= '' and '(' .. ARGV[1] or '-'
            local members = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, \(pageCount))
            for _, member in ipairs(members) do
                local owner, id = string.match(member, '^([^:]*):[^:]*:(.*)$')
                local size = id and redis.call('HSTRLEN', KEYS[2], id) or 0
                if size > 0 then add(owner, keptBytes(size)) end
            end
            return summed(#members == \(pageCount) and members[#members] or '')
            """)

    private static let sumFunctions = """
        local numbers, bytes, owners = {}, {}, {}
        local function add(owner, size)
            if not numbers[owner] then owners[#owners + 1] = owner end
            numbers[owner] = (numbers[owner] or 0) + 1
            bytes[owner] = (bytes[owner] or 0) + size
        end
        local function summed(position)
            local result = {position}
            for _, owner in ipairs(owners) do
                result[#result + 1] = owner
                result[#result + 1] = numbers[owner]
                result[#result + 1] = bytes[owner]
            end
            return result
        end

        """
}

/// A limit of a queue that has been reached.
package struct QueueLimit: Hashable, Sendable, CustomStringConvertible {
    package enum Measure: String, Sendable {
        case entries, bytes
    }

    package var used: Int
    package var bound: Int
    package var measure: Measure
    /// Whether it is the share of one app, which counts while more than half of the queue is used.
    package var isAppShare: Bool

    package init(used: Int, bound: Int, measure: Measure = .entries, isAppShare: Bool = false) {
        self.used = used
        self.bound = bound
        self.measure = measure
        self.isAppShare = isAppShare
    }

    /// "3 of at most 3", what is counted, and of whom.
    package var description: String {
        let unit = measure == .bytes ? " bytes" : ""
        return "\(used) of at most \(bound)\(unit)\(isAppShare ? " of one app, while more than half is used" : "")"
    }

    /// Why an event was not accepted.
    package var reason: String {
        isAppShare ? "the app has too many events in the queue (\(self))" : "the queue is full (\(self))"
    }
}

/// An entry that lost its place to the limits of the queue.
package struct DisplacedEntry: Hashable, Sendable {
    package enum Consequence: Sendable {
        /// The retry became a dead letter.
        case deadLetter
        /// The dead letter was discarded.
        case discarded
    }

    package var id: String
    package var consequence: Consequence
}
