using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Cli.Connecting;

/// <summary>The device answered, and the answer is no: what, why, and what to do next.</summary>
internal sealed class DeviceRefusedException(string method, RpcError error) : Exception(Text(error))
{
    public string Method { get; } = method;

    /// <summary>One of <see cref="RpcErrorCode"/>.</summary>
    public string Code { get; } = error.Code;

    public string? Hint { get; } = error.Hint;

    private static string Text(RpcError error) => error.Hint is { Length: > 0 } hint ? $"{error.Message}; {hint}" : error.Message;
}

/// <summary>There is no connection (any more), or no answer in time.</summary>
internal sealed class DeviceLostException(string message, Exception? inner = null) : IOException(message, inner);
