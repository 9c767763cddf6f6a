namespace EdgeRoute.Interop.Linux;

/// <summary>A file of keys or paired clients cannot be used or written. Consequence: it stays as it is and nobody is let in by it; the message says what to do.</summary>
public sealed class TrustException(string message, Exception? inner = null) : Exception(message, inner);
