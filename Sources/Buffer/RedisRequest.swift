/// Commands as Redis reads them (RESP 2), in one block that is sent at once.
struct RedisRequest {
    private(set) var bytes: [UInt8] = []
    private(set) var commandCount = 0

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        commandCount = 0
    }

    mutating func append(_ arguments: String...) {
        begin(argumentCount: arguments.count)
        for argument in arguments { appendArgument(argument) }
    }

    /// Begins a command; as many arguments must follow, the command's name being the first.
    mutating func begin(argumentCount: Int) {
        appendHeader(UInt8(ascii: "*"), argumentCount)
        commandCount += 1
    }

    mutating func appendArgument(_ text: String) {
        var text = text
        text.withUTF8 { appendArgument($0) }
    }

    mutating func appendArgument(_ argument: some Collection<UInt8>) {
        appendHeader(UInt8(ascii: "$"), argument.count)
        bytes.append(contentsOf: argument)
        bytes.append(13)
        bytes.append(10)
    }

    private mutating func appendHeader(_ kind: UInt8, _ count: Int) {
        bytes.append(kind)
        if count < 10 {
            bytes.append(0x30 + UInt8(count))
        } else if count < 100 {
            bytes.append(0x30 + UInt8(count / 10))
            bytes.append(0x30 + UInt8(count % 10))
        } else {
            bytes.append(contentsOf: String(count).utf8)
        }
        bytes.append(13)
        bytes.append(10)
    }
}
