/// Commands in the form in which Redis reads them, in one block that is sent at once.
package struct RedisRequest {
    package private(set) var bytes: [UInt8] = []
    package private(set) var commandCount = 0

    package init() {}

    /// Reserves capacity for more bytes of commands.
    package mutating func reserve(_ byteCount: Int) {
        bytes.reserveCapacity(bytes.count + byteCount)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        commandCount = 0
    }

    package mutating func append(_ arguments: String...) {
        begin(argumentCount: arguments.count)
        for argument in arguments { appendArgument(argument) }
    }

    /// Begins a command; as many arguments must follow, the first of which is the command's name.
    package mutating func begin(argumentCount: Int) {
        appendHeader(UInt8(ascii: "*"), argumentCount)
        commandCount += 1
    }

    package mutating func appendArgument(_ argument: String) {
        bytes.appendArgument(argument)
    }

    package mutating func appendArgument(_ argument: [UInt8]) {
        bytes.appendArgument(argument)
    }

    /// Appends one argument in four parts, without allocating their concatenation.
    package mutating func appendArgument(_ first: String, _ second: String, _ third: String, _ fourth: String) {
        appendHeader(
            UInt8(ascii: "$"), first.utf8.count + second.utf8.count + third.utf8.count + fourth.utf8.count)
        bytes.append(contentsOf: first.utf8)
        bytes.append(contentsOf: second.utf8)
        bytes.append(contentsOf: third.utf8)
        bytes.append(contentsOf: fourth.utf8)
        bytes.append(13)
        bytes.append(10)
    }

    package mutating func append(_ arguments: RedisArguments) {
        bytes.append(contentsOf: arguments.bytes)
    }

    private mutating func appendHeader(_ kind: UInt8, _ count: Int) {
        bytes.appendHeader(kind, count)
    }
}

/// Arguments of a command in one allocation: scripts have six for each entry of a batch.
package struct RedisArguments {
    package fileprivate(set) var bytes: [UInt8] = []
    package private(set) var count = 0

    package mutating func append(_ argument: String) {
        bytes.appendArgument(argument)
        count += 1
    }

    package mutating func append(_ argument: [UInt8]) {
        bytes.appendArgument(argument)
        count += 1
    }
}

extension [UInt8] {
    fileprivate mutating func appendArgument(_ text: String) {
        var text = text
        text.withUTF8 { appendArgument($0) }
    }

    fileprivate mutating func appendArgument(_ argument: some Collection<UInt8>) {
        appendHeader(UInt8(ascii: "$"), argument.count)
        append(contentsOf: argument)
        append(13)
        append(10)
    }

    fileprivate mutating func appendHeader(_ kind: UInt8, _ count: Int) {
        append(kind)
        if count < 10 {
            append(0x30 + UInt8(count))
        } else if count < 100 {
            append(0x30 + UInt8(count / 10))
            append(0x30 + UInt8(count % 10))
        } else {
            append(contentsOf: String(count).utf8)
        }
        append(13)
        append(10)
    }
}
