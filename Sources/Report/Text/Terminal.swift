#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How wide what people look at is.
enum Terminal {
    /// What everything fits into when nothing says more.
    static let standardColumns = 80

    /// The columns of the terminal behind a descriptor, or 80.
    static func columns(of descriptor: Int32) -> Int { width(of: descriptor) ?? standardColumns }

    /// What `COLUMNS` says, else what the terminal behind a descriptor does; nil where there is no
    /// terminal and nothing is said.
    static func width(
        of descriptor: Int32,
        environment: (String) -> String? = environmentVariable
    ) -> Int? {
        // A shell keeps COLUMNS to itself: whoever exports it means it.
        if let stated = environment("COLUMNS").flatMap({ Int($0) }), (20...1000).contains(stated) {
            return stated
        }
        var size = winsize()
        let result = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col >= 20 ? Int(size.ws_col) : nil
    }
}
