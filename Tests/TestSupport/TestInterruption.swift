import Platform

/// The interruption of all tests: one for the whole process, since its thread never ends.
package enum TestInterruption {
    private static let result = Result { try Interruption() }
    package static var shared: Interruption { get throws { try result.get() } }
}
