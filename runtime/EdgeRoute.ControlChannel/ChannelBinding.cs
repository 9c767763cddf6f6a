using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel;

/// <summary>
/// What the channel speaks for: one run of the engine, or the time between two. Requests that still wait when another binding takes its place are answered with
/// <c>unavailable</c>.
/// </summary>
/// <param name="Methods">What is answered.</param>
/// <param name="Watch">Frames of the run; null between runs.</param>
/// <param name="Status">How the device stands, for telemetry and metrics; called on the channel's thread.</param>
public sealed record ChannelBinding(MethodTable Methods, FrameWatch? Watch, Func<DeviceStatus>? Status)
{
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Another binding has taken its place.</summary>
    internal CancellationToken Ended => _ended.Token;

    internal void End() => _ended.Cancel();
}
