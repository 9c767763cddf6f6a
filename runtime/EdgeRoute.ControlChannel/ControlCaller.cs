using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel;

/// <summary>Who asks.</summary>
/// <param name="Name">What the device's owner knows the client by.</param>
/// <param name="Role">One of <see cref="ControlRole"/>.</param>
/// <param name="Transport"><c>tls</c> or <c>unix</c>.</param>
public sealed record ControlCaller(string Name, string Role, string Transport)
{
    /// <summary>The connection it asks through; null where the device asks itself, and in tests of methods.</summary>
    internal ChannelConnection? Connection { get; init; }

    public bool IsOperator => Role == ControlRole.Operator;

    /// <summary>As the journal names it.</summary>
    public override string ToString() => $"{Name} ({Role}, {Transport})";
}
