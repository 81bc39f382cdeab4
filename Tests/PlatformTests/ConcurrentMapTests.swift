import Platform
import Testing

struct ConcurrentMapTests {
    @Test(arguments: [0, 1, 2, 3, 100], [0, 1, 2, 7, 200])
    func `every number is computed once and stands in its place`(_ count: Int, _ threads: Int) {
        #expect(concurrentMap(count, threads: threads) { $0 * $0 } == (0..<count).map { $0 * $0 })
    }
}
