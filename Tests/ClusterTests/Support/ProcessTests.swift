import Testing

/// Everything that starts clusters, one test after the other: they share few processors, and their
/// limits are short.
@Suite(.serialized) struct ProcessTests {}
