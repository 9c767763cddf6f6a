using System.Net;

namespace EdgeRoute.ControlChannel;

/// <summary>Where the channel listens, and what it says of the device.</summary>
/// <param name="DeviceName">What the owner calls the device.</param>
/// <param name="Version">Version of the engine.</param>
/// <param name="UnixPath">Path of the Unix socket; null for none.</param>
/// <param name="Tcp">Address and port for paired clients; null for none. Port 0 lets the system choose.</param>
public sealed record ChannelSettings(string DeviceName, string Version, string? UnixPath, IPEndPoint? Tcp);
