#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The width of the terminal.
enum Terminal {
    /// The width that is used if no other is known.
    static let standardColumns = 80

    /// The columns of the terminal behind a descriptor, or 80.
    static func columns(of descriptor: Int32) -> Int { width(of: descriptor) ?? standardColumns }

    /// The value of `COLUMNS`, else the width of the terminal behind a descriptor; nil without
    /// either.
    static func width(
        of descriptor: Int32,
        environment: (String) -> String? = environmentVariable
    ) -> Int? {
        // Shells do not export COLUMNS, so an exported value is intended.
        if let stated = environment("COLUMNS").flatMap({ Int($0) }), (20...1000).contains(stated) {
            return stated
        }
        var size = winsize()
        let result = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col >= 20 ? Int(size.ws_col) : nil
    }
}
