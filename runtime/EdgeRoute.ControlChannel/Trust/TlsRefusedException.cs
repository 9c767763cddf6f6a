namespace EdgeRoute.ControlChannel.Trust;

/// <summary>A handshake came to nothing. Consequence: the connection is closed and should be counted; the message is a clause for the log.</summary>
public sealed class TlsRefusedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The innermost cause says which alert or library error it was; the outer ones only that there was one.</summary>
    internal static string Words(Exception failure)
    {
        var cause = failure.GetBaseException();
        return cause is EndOfStreamException ? "it went away during the handshake" : $"the TLS 1.3 handshake failed: {cause.Message}";
    }
}
