using System.Net;

namespace EdgeRoute.Documents.Configs;

/// <summary>The control channel of a device: where it listens and where it keeps what it must not forget.</summary>
/// <param name="Unix">Path of the Unix socket; null for none.</param>
/// <param name="Tcp">Address and port for paired clients; null for none.</param>
/// <param name="State">Folder of keys, paired clients, journal and recordings that clients ask for; null: nothing is kept, and TCP is not possible.</param>
/// <param name="Name">What the owner calls the device; null for the machine's name.</param>
/// <param name="Metrics">Address and port of the Prometheus endpoint; null for none.</param>
public sealed record ControlConfig(ConfigPath? Unix, IPEndPoint? Tcp, ConfigPath? State, string? Name, IPEndPoint? Metrics)
{
    public string DeviceName => Name ?? Environment.MachineName;

    /// <summary>Where the service's unit file makes a folder for it.</summary>
    public const string UsualUnixPath = "/run/edgeroute/control.sock";
}
