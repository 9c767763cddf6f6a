using System.Net;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// What the channel speaks for: one run of the engine, or the time between two. Requests that still wait when another binding takes its
/// place are answered with <c>unavailable</c>.
/// </summary>
/// <param name="Methods">What is answered.</param>
/// <param name="Watch">Frames of the run; null between runs.</param>
/// <param name="Status">How the device stands, for telemetry and metrics; called on the channel's thread.</param>
public sealed record ChannelBinding(MethodTable Methods, FrameWatch? Watch, Func<DeviceStatus>? Status)
{
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Answers of the run; null between runs.</summary>
    public AnswerWatch? Answers { get; init; }

    /// <summary>Actions of the run; null between runs.</summary>
    public ActionWatch? Actions { get; init; }

    /// <summary>Another binding has taken its place.</summary>
    internal CancellationToken Ended => _ended.Token;

    internal void End() => _ended.Cancel();
}

/// <summary>Where the channel listens, and what it says of the device.</summary>
/// <param name="DeviceName">What the owner calls the device.</param>
/// <param name="Version">Version of the engine.</param>
/// <param name="UnixPath">Path of the Unix socket; null for none.</param>
/// <param name="Tcp">Address and port for paired clients; null for none. Port 0 lets the system choose.</param>
public sealed record ChannelSettings(string DeviceName, string Version, string? UnixPath, IPEndPoint? Tcp);
