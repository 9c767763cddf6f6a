using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeRoute.Cli.Trust;

namespace EdgeRoute.Cli.Connecting;

/// <summary>A device that says on the network that it is there.</summary>
/// <param name="Address">Host and port, as 'edgeroute pair' takes them.</param>
/// <param name="Key">The first digits of its key; null where it tells none.</param>
internal sealed record NearbyDevice(string Name, string Address, string? Key)
{
    /// <summary>
    /// What this laptop calls it; null where the two are not paired. A hint only: who is connected to proves the whole key.
    /// </summary>
    public string? KnownAs(IEnumerable<KnownDevice> devices) =>
        devices.FirstOrDefault(d => Key is not null && d.Fingerprint?.StartsWith(Key, StringComparison.Ordinal) == true)?.Name;
}

/// <summary>Asks Avahi, by its program <c>avahi-browse</c>, who is there.</summary>
internal static class NearbyDevices
{
    /// <summary>A network answers within a second; the program itself ends when no more come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Of a line of a service that was found: what, interface, protocol, name, type, domain, host, address, port, texts.</summary>
    private const int FieldCount = 10;

    /// <exception cref="IOException">Avahi is not here or does not answer.</exception>
    public static IReadOnlyList<NearbyDevice> Look(string program = "avahi-browse")
    {
        var start = new ProcessStartInfo(program, ["--parsable", "--resolve", "--terminate", "_edgeroute._tcp"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8,
        };
        try
        {
            using var process = Process.Start(start)!;
            var (text, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
            }

            process.WaitForExit();
            return process.ExitCode == 0 ? Read(text.Result)
                : throw new IOException($"nobody near can be looked for: {errors.Result.Trim()} (is avahi-daemon running?)");
        }
        catch (Win32Exception missing)
        {
            throw new IOException($"nobody near can be looked for: {missing.Message}; apt-get install avahi-utils avahi-daemon");
        }
    }

    /// <summary>One for each device: the same is found on each interface and by each version of the internet protocol.</summary>
    public static IReadOnlyList<NearbyDevice> Read(string text) =>
    [
        .. text.Split('\n').Select(l => l.Split(';', FieldCount)).Where(f => f.Length == FieldCount && f[0] == "=")
            .OrderBy(f => f[2] == "IPv6").ThenBy(f => f[1] == "lo").Select(DeviceOf).DistinctBy(d => (d.Name, d.Key))
            .OrderBy(d => d.Name, StringComparer.Ordinal),
    ];

    private static NearbyDevice DeviceOf(string[] fields)
    {
        string host = fields[7].Contains(':', StringComparison.Ordinal) ? $"[{fields[7]}]" : fields[7];
        string? key = fields[9].Split(' ').Select(t => t.Trim('"')).FirstOrDefault(t => t.StartsWith("key=", StringComparison.Ordinal));
        return new NearbyDevice(Unescaped(fields[3]), $"{host}:{fields[8]}", key is { Length: > 8 } ? key["key=".Length..] : null);
    }

    /// <summary>Bytes that are no letters come as <c>\</c> and three decimal digits, and a sign after <c>\</c> stands for itself.</summary>
    private static string Unescaped(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([text[i]]));
            }
            else if (i + 3 < text.Length && byte.TryParse(text.AsSpan(i + 1, 3), CultureInfo.InvariantCulture, out byte value))
            {
                bytes.Add(value);
                i += 3;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([text[++i]]));
            }
        }

        // A name comes from whoever is on the network, and is shown on a terminal.
        return string.Concat(Encoding.UTF8.GetString([.. bytes]).Select(c => char.IsControl(c) ? '?' : c));
    }
}
