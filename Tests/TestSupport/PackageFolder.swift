#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The package under test, as it lies on the disk.
package enum PackageFolder {
    package static let path =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// The program under test: HEADWISE_BINARY, or what the package's release build made.
    package static let program =
        environment("HEADWISE_BINARY") ?? "\(path)/.build/release/headwise"

    /// The program of the live view, beside it.
    package static var liveProgram: String { "\(program)-live" }

    /// A record that the package keeps.
    package static func record(_ name: String) -> String { "\(path)/results/\(name).json" }
}

/// Whether the long versions of the tests were asked for.
package let isThorough = environment("HEADWISE_THOROUGH") != nil

/// How many times as long as usual a program may take: a sanitizer makes it that much slower.
package let slowness = environment("HEADWISE_SANITIZE") == nil ? 1 : 15

private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
