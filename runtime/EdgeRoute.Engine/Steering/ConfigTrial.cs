using System.Net;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Whether a config can be started on this machine: all of it is built once, beside what runs, and let go. Only what is in use by the
/// config in force, and stays so, is left out.
/// </summary>
public static class ConfigTrial
{
    /// <summary>Why it cannot be started; null when it can.</summary>
    /// <param name="now">The channel that is open; null where none is.</param>
    /// <param name="open">The outputs that are; what they listen at gives way.</param>
    /// <param name="build">Builds an engine from it and disposes of it.</param>
    internal static string? FindProblem(DeviceConfig config, ControlConfig? now, IReadOnlyList<OutputConfig> open,
        Action<DeviceConfig> build)
    {
        try
        {
            foreach (var output in Outputs(config))
            {
                output();
            }

            int[] ownPorts = [.. PortsOf(open), now?.Metrics?.Port ?? 0];
            if (config.Control is { } control && control != now)
            {
                bool isFree = control.Metrics is not { } metrics || !ownPorts.Contains(metrics.Port);
                TryChannel(isFree ? control : control with { Metrics = null }, now);
            }

            TryListening(config, ownPorts);
            build(config);
            return null;
        }
#pragma warning disable CA1031 // Whatever a config does to the trial, it would do to the device.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            return refused.Message;
        }
    }

    /// <summary>
    /// Why this machine would refuse a start with it, as far as it shows without an engine: what is written, the state folder, sockets.
    /// Nothing is kept of the trial, and nothing is mended.
    /// </summary>
    /// <param name="told">Told that the runtime which this config is for is at work: its sockets are its own, and are not tried.</param>
    public static IReadOnlyList<string> ProblemsOfMachine(DeviceConfig config, Action<string> told)
    {
        List<Action> trials = [.. Outputs(config)];
        bool isAtWork = config.Control?.Unix is { } unix && IsAnswered(unix.Full);
        trials.AddRange(isAtWork ? [] : [() => TryListening(config, [])]);
        if (config.Control is { } control)
        {
            trials.Add(() => DeviceChannel.CheckState(control, isAtWork));
            trials.AddRange(isAtWork ? [] : Sockets(control));
            if (isAtWork)
            {
                told($"something listens at {control.Unix!.Full} already, most likely the runtime of this config; a second one would be "
                    + "refused");
            }
            else if (control.Tcp is { } tcp && Refusal(() => TryPort("control.tcp", tcp)) is { } taken)
            {
                // A run goes on without it, and tries again and again.
                told(taken);
            }
        }

        return [.. trials.Select(Refusal).OfType<string>()];
    }

    private static string? Refusal(Action trial)
    {
        try
        {
            trial();
            return null;
        }
#pragma warning disable CA1031 // As above: the words are what is wanted.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            return refused.Message;
        }
    }

    private static bool IsAnswered(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return Refusal(() => probe.Connect(new UnixDomainSocketEndPoint(path))) is null;
    }

    private static IEnumerable<Action> Sockets(ControlConfig control)
    {
        // One after the other, so that both are told.
        yield return () => OpenChannel(new ControlConfig(control.Unix, null, null, control.Name, null));
        yield return () => OpenChannel(new ControlConfig(null, null, null, control.Name, control.Metrics));
    }

    private static void OpenChannel(ControlConfig control) =>
        new DeviceChannel(control, new EventLog(), TimeProvider.System, new WebHosts()).Dispose();

    private static IEnumerable<Action> Outputs(DeviceConfig config)
    {
        var written = config.Outputs.OfType<JsonlOutputConfig>().Select(o => o.File).ToList();
        var files = new[] { config.Trace, config.Record?.File }.Concat(written).OfType<ConfigPath>()
            .Select(f => Path.GetDirectoryName(f.Full)!);
        string[] kept = [.. config.Sources.Select(s => s.Audit?.KeepFolder?.Full).OfType<string>()];
        foreach (string folder in files.Concat(kept).Distinct())
        {
            yield return () => TryWrite(folder);
        }

        yield return () => EngineOutputs.CheckNames(config);

        // What is written on is opened as a run would: it may be a link, or another user's.
        foreach (string there in kept.Select(LabelFolder.IndexOf).Concat(written.Select(f => f?.Full).OfType<string>())
            .Where(Path.Exists))
        {
            yield return () => RegularFile.Append(there).Dispose();
        }

        foreach (var output in config.Outputs.OfType<WebSocketOutputConfig>())
        {
            yield return () => EngineOutputs.TlsOf(output);
        }

        if (kept.Length > 0 || config.Record?.Frames == RecordedFrames.Jpeg)
        {
            yield return () => new FrameCompressor().Dispose();
        }
    }

    /// <summary>Writes a file into a folder, or into the nearest one above where it has yet to be made.</summary>
    internal static void TryWrite(string folder)
    {
        string? there = folder;
        while (there is not null && !Path.Exists(there))
        {
            there = Path.GetDirectoryName(there);
        }

        string probe = Path.Combine(there ?? "/", $".edgeroute-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{folder}' cannot be written into: {refused.Message}", refused);
        }
    }

    private static void TryChannel(ControlConfig control, ControlConfig? now)
    {
        if (control is { Tcp: not null, State: { } state })
        {
            using var trust = new ChannelTrust(state.Full, control.DeviceName);
        }

        if (control.Tcp is { } tcp && !tcp.Equals(now?.Tcp))
        {
            TryPort("control.tcp", tcp);
        }

        // The journal of the state folder in use is open already.
        bool isSameState = control.State?.Full == now?.State?.Full;
        var rest = control with
        {
            Unix = control.Unix?.Full == now?.Unix?.Full ? null : control.Unix,
            Tcp = null,
            State = isSameState ? null : control.State,
        };
        OpenChannel(rest);
    }

    private static IEnumerable<int> PortsOf(IEnumerable<OutputConfig> outputs) =>
        outputs.OfType<WebSocketOutputConfig>().Select(o => o.Listen.Port);

    /// <param name="ownPorts">Those that what runs now has, and shares or gives up.</param>
    private static void TryListening(DeviceConfig config, IReadOnlyCollection<int> ownPorts)
    {
        foreach (var output in config.Outputs.OfType<WebSocketOutputConfig>().Where(o => !ownPorts.Contains(o.Listen.Port)))
        {
            TryPort($"outputs.{output.Name}.listen", output.Listen);
        }
    }

    private static void TryPort(string key, IPEndPoint address)
    {
        try
        {
            using var listener = new TcpListener(address);
            listener.Start();
        }
        catch (SocketException taken)
        {
            throw new IOException($"{key} {address} cannot be opened: {taken.Message}", taken);
        }
    }
}
