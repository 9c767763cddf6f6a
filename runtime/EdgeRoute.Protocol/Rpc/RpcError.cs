using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Protocol.Rpc;

/// <summary>Why a request was refused.</summary>
public sealed class RpcError : IControlMessage
{
    /// <summary>For programs; one of <see cref="RpcErrorCode"/>.</summary>
    public string Code = "";

    /// <summary>For people: what, where, value and unit.</summary>
    public string Message = "";

    /// <summary>What to do next; null where the message says it.</summary>
    public string? Hint;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("code", ref Code);
        fields.Text("message", ref Message);
        fields.OptionalText("hint", ref Hint);
    }
}

/// <summary>Codes of refusals.</summary>
public static class RpcErrorCode
{
    /// <summary>The parameters are not what the method takes.</summary>
    public const string BadRequest = "bad_request";

    public const string UnknownMethod = "unknown_method";

    /// <summary>The client speaks a version of the protocol that the device does not.</summary>
    public const string Version = "version";

    /// <summary>The client is not paired, or its role does not allow this.</summary>
    public const string Denied = "denied";

    public const string NotFound = "not_found";

    /// <summary>Something else stands in the way: a trial that runs, a recording that is open.</summary>
    public const string Conflict = "conflict";

    /// <summary>A named maximum of the device is reached.</summary>
    public const string Limit = "limit";

    /// <summary>The device cannot do this as it is configured or built.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>It was tried and did not work.</summary>
    public const string Failed = "failed";
}

/// <summary>Ends the handling of a request with an answer that says why.</summary>
public sealed class RpcRefusedException(string code, string message, string? hint = null) : Exception(message)
{
    public RpcError Error { get; } = new() { Code = code, Message = message, Hint = hint };
}
