/// The program `hookline-worker`: delivers what is in the queue.
@main
enum Worker {
    static func main() {}
}
