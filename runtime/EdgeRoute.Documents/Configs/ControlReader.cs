using System.Net;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads the <c>control</c> group: where the control channel listens.</summary>
internal static class ControlReader
{
    /// <summary>The kernel's limit on the path of a Unix socket, with its closing zero.</summary>
    private const int UnixPathBytes = 107;

    public static ControlConfig? Read(ConfigSection? section)
    {
        if (section is null)
        {
            return null;
        }

        string unix = section.Text("unix") ?? ControlConfig.UsualUnixPath;
        var socket = unix == ConfigEnums.None ? null : section.PathFrom("unix", unix, PathNeed.WritableFile);
        if (socket is not null && System.Text.Encoding.UTF8.GetByteCount(socket.Full) > UnixPathBytes)
        {
            section.Report("unix", $"is {socket.Full}, longer than the {UnixPathBytes} bytes that a Unix socket's path may have; choose a "
                + "shorter one");
        }

        var tcp = AddressOf(section, "tcp");
        var state = section.Path("state", PathNeed.Folder);
        if (tcp is not null && state is null)
        {
            section.ReportAt(section.At, $"{section.Name} has 'tcp' and no 'state': paired clients and the device's key must be kept in a "
                + "folder, such as /var/lib/edgeroute");
        }

        var metrics = AddressOf(section, "metrics");
        if (tcp is not null && metrics is not null && IsShared(tcp, metrics))
        {
            section.Report("metrics", $"is {metrics}, the port of 'tcp' ({tcp}); give each its own");
        }

        var control = new ControlConfig(socket, tcp, state, section.Text("name"), metrics)
        {
            IsAnnounced = section.Flag("announce", false),
        };
        if (control.IsAnnounced && tcp is null)
        {
            section.Report("announce", "is true, and there is no 'tcp' that laptops could reach; give it, or leave this out");
        }

        section.Close();
        return control;
    }

    /// <summary>Both cannot be listened at.</summary>
    internal static bool IsShared(IPEndPoint one, IPEndPoint other) => one.Port == other.Port
        && (one.Address.Equals(other.Address) || IsAny(one.Address) || IsAny(other.Address));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPEndPoint? AddressOf(ConfigSection section, string key)
    {
        if (section.Text(key) is not { } text || text == ConfigEnums.None)
        {
            return null;
        }

        if (IPEndPoint.TryParse(text, out var address) && address.Port > 0)
        {
            return address;
        }

        section.Report(key, $"is '{text}'; write an address of this machine and a port, such as 0.0.0.0:7420 (every network) or "
            + "127.0.0.1:7420 (this machine only), or none");
        return null;
    }
}
