/// What an archive says of the bytes of one of its members, to be compared when they are read.
struct MemberChecksum: Equatable, Sendable {
    /// As the archive names it.
    var member: String
    /// Where it begins in the file, or as it is when inflated; its header counts, too.
    var start: Int
    var value: UInt32
}
