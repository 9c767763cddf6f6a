using System.Globalization;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Connecting;

/// <summary>Where a device is, as it is written: <c>unix:PATH</c>, or <c>host[:port]</c>, with IPv6 addresses in brackets.</summary>
/// <param name="SocketPath">Null for TCP.</param>
/// <param name="Host">Empty for a Unix socket.</param>
internal sealed record DeviceAddress(string? SocketPath, string Host, int Port)
{
    /// <summary>Where the runtime makes its socket unless its config says otherwise.</summary>
    public const string UsualSocket = "/run/edgeroute/control.sock";

    private const string UnixPrefix = "unix:";

    public static DeviceAddress Unix(string path) => new(path, "", 0);

    /// <exception cref="ArgumentException">It is none; the message says what one looks like.</exception>
    public static DeviceAddress Parse(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return text.Length > UnixPrefix.Length ? Unix(text[UnixPrefix.Length..]) : throw Wrong(text);
        }

        if (text.StartsWith('/'))
        {
            return Unix(text);
        }

        int bracket = text.IndexOf(']', StringComparison.Ordinal);
        int colon = text.LastIndexOf(':');
        bool isBareV6 = bracket < 0 && colon != text.IndexOf(':', StringComparison.Ordinal);
        bool hasPort = colon > bracket && !isBareV6;
        string host = (hasPort ? text[..colon] : text).Trim('[', ']');
        int port = ControlProtocol.UsualPort;
        bool isRight = host.Length > 0 && !host.Contains(' ', StringComparison.Ordinal)
            && (!hasPort || (int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port is > 0 and <= 65535));
        return isRight ? new DeviceAddress(null, host, port) : throw Wrong(text);
    }

    /// <summary>Looks like an address and not like a name that a person gave.</summary>
    public static bool IsExplicit(string text) => text.StartsWith(UnixPrefix, StringComparison.Ordinal)
        || text.Contains('/', StringComparison.Ordinal) || text.Contains(':',
        StringComparison.Ordinal);

    public override string ToString()
    {
        if (SocketPath is not null)
        {
            return UnixPrefix + SocketPath;
        }

        if (Host.Contains(':', StringComparison.Ordinal))
        {
            return $"[{Host}]:{Port}";
        }

        return $"{Host}:{Port}";
    }

    private static ArgumentException Wrong(string text) =>
        new($"'{text}' is no address of a device; write host, host:port (1 to 65535), [IPv6]:port or unix:PATH, such as "
            + $"robot.local:{ControlProtocol.UsualPort}");
}
