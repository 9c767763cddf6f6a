using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// Answers one request whose parameter has been read; null where there is nothing to say. Refuses with an
/// <see cref="RpcRefusedException"/>.
/// </summary>
public delegate ValueTask<IControlMessage?> MethodHandler<in TParameter>(TParameter parameter, ControlCaller caller,
    CancellationToken cancel);

/// <summary>The methods a device answers, each with the role it needs. Filled before the channel opens, then only read.</summary>
public sealed class MethodTable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private sealed record Entry(string Role, Func<byte[], ControlCaller, CancellationToken, ValueTask<IControlMessage?>> Answer);

    /// <summary>Why methods may be missing for the moment; null: all are here.</summary>
    public string? Absence { get; init; }

    public IEnumerable<string> Names => _entries.Keys.Order(StringComparer.Ordinal);

    /// <summary>The least role that may call a method.</summary>
    internal string RoleOf(string name) => _entries[name].Role;

    /// <param name="role">The least role that may call it.</param>
    public void Add<TParameter>(string name, string role, MethodHandler<TParameter> handler) where TParameter : IControlMessage, new() =>
        _entries.Add(name, new Entry(role, (bytes, caller, cancel) => handler(Read<TParameter>(name, bytes), caller, cancel)));

    /// <param name="parameter">The parameter as sent; empty for none.</param>
    /// <exception cref="RpcRefusedException">Unknown, not allowed, or refused by the method itself.</exception>
    public ValueTask<IControlMessage?> Answer(string name, byte[] parameter, ControlCaller caller, CancellationToken cancel)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            if (Absence is { } why && caller.Role != ControlRole.Stranger)
            {
                throw new RpcRefusedException(RpcErrorCode.Unavailable, $"'{name}' cannot be answered now: {why}", "ask again in a moment");
            }

            throw new RpcRefusedException(RpcErrorCode.UnknownMethod, $"there is no method '{name}'",
                "'describe' lists the methods of this device");
        }

        if (!ControlRole.Covers(caller.Role, entry.Role))
        {
            throw new RpcRefusedException(RpcErrorCode.Denied, $"'{name}' needs the role {entry.Role}; '{caller.Name}' is {caller.Role}",
                caller.Role == ControlRole.Stranger
                ? "pair first: run 'edgerouted pair' on the device and 'edgeroute pair' here"
                : "an admin can change it with 'edgeroute clients role'");
        }

        return entry.Answer(parameter, caller, cancel);
    }

    private static TParameter Read<TParameter>(string name, byte[] bytes) where TParameter : IControlMessage, new()
    {
        try
        {
            return bytes.Length == 0 ? new TParameter() : FieldReader.ReadStrict<TParameter>(bytes);
        }
        catch (MessagePackException wrong)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'{name}': {wrong.Message}");
        }
    }
}
