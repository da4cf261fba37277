import CSystem
import Glibc
import Synchronization

/// Taking connections from the listening socket.
extension ConnectionPoller {
    /// Accepts connections: those with something to read are queued, the others seated. Returns how many there were.
    @discardableResult func accept(atMost count: Int) -> Int {
        var accepted = 0
        while accepted < count, let connection = acceptNext(mayMakeRoom: accepted == 0) {
            accepted += 1
            let preview = RequestPreview(of: connection)
            if preview == .nothing {
                seat(IdleConnection(connection: connection, end: silenceEnd, isKept: false))
            } else {
                // Whatever was done before this moment was done before the request was there.
                queue.append(ReadyConnection(connection: connection, mark: mark(), isWhole: preview == .whole))
            }
        }
        return accepted
    }

    /// Takes in what is left in the listening socket's queue.
    func acceptRemaining() {
        while true {
            open.add(1, ordering: .sequentiallyConsistent)
            guard let connection = acceptOne() else { break }
            seat(IdleConnection(connection: connection, end: silenceEnd, isKept: false))
        }
        open.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Nil while draining, and when there is nothing to accept.
    ///
    /// - Parameter mayMakeRoom: whether it is worth a silent connection if there are no descriptors left.
    private func acceptNext(mayMakeRoom: Bool) -> Connection? {
        open.add(1, ordering: .sequentiallyConsistent)
        if !isDraining.load(ordering: .sequentiallyConsistent), let connection = acceptOne(mayMakeRoom: mayMakeRoom) {
            return connection
        }
        open.subtract(1, ordering: .sequentiallyConsistent)
        return nil
    }

    private func acceptOne(mayMakeRoom: Bool = true) -> Connection? {
        let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        if descriptor >= 0 { return Connection(descriptor: descriptor) }
        if mayMakeRoom, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { makeRoom() }
        return nil
    }
}
