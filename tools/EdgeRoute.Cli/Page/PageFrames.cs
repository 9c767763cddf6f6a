using EdgeRoute.Cli.Connecting;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// Frames that a page asked about. The device remembers its last 512, some seconds of them; those that were looked at stay here, so that
/// a what-if can follow. Packs for it are those that were named, and the device's own where it runs on this machine.
/// </summary>
/// <param name="packs">Manifests or their folders.</param>
internal sealed class PageFrames(IReadOnlyList<string> packs)
{
    /// <summary>Some kilobytes each.</summary>
    private const int KeptMost = 64;

    private readonly Lock _gate = new();
    private readonly List<TraceReply> _kept = [];
    private DeviceClient? _client;

    /// <summary>As <c>edgeroute explain --json</c> prints it.</summary>
    public async Task<string> ExplainAsync(DeviceClient client, TraceRequest request, CancellationToken cancel)
    {
        var reply = await FindAsync(client, request, cancel);
        using var recording = new MemoryStream(reply.Recording);
        return ReplayJson.Of(FrameExplainer.Explain(recording, client.Welcome.Device, SourceOf(reply), FrameRule.Number, reply.Sequence,
            null));
    }

    /// <exception cref="ArgumentException">The pack is not at hand, or what is asked makes no sense of it.</exception>
    public async Task<string> WhatIfAsync(DeviceClient client, WhatIfRequest request, CancellationToken cancel)
    {
        if (request.Policy is null && request.PricePerMs is null)
        {
            throw new ArgumentException("a what-if needs another price or another policy");
        }

        var reply = await FindAsync(client, new TraceRequest { Stream = request.Stream, Sequence = request.Sequence }, cancel);
        var device = await client.RequestAsync<DeviceDescription>(ControlMethod.Describe, null, null, cancel);
        string pack = FindPack(reply, device, isHere: client.Place.StartsWith("unix:", StringComparison.Ordinal));
        var asked = new ReplayRequest(pack, null, SourceOf(reply), request.Policy, null, request.PricePerMs);
        using var recording = new MemoryStream(reply.Recording);
        try
        {
            return ReplayJson.Of(FrameWhatIf.Of(recording, client.Welcome.Device, reply.Sequence, asked));
        }
        catch (PackRefusedException refused)
        {
            throw new ArgumentException($"the pack in {pack} cannot be used: {refused.Message}", refused);
        }
    }

    private static string? SourceOf(TraceReply reply) => reply.Stream.Length == 0 ? null : reply.Stream;

    private async Task<TraceReply> FindAsync(DeviceClient client, TraceRequest request, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_client != client)
            {
                // A device that began anew counts its frames from the start.
                _kept.Clear();
                _client = client;
            }

            if (_kept.Find(k => k.Stream == request.Stream && k.Sequence == request.Sequence) is { } known)
            {
                return known;
            }
        }

        var reply = await client.RequestAsync<TraceReply>(ControlMethod.TraceGet, request, null, cancel);
        lock (_gate)
        {
            if (_client == client)
            {
                _kept.RemoveRange(0, Math.Max(0, _kept.Count - KeptMost + 1));
                _kept.Add(reply);
            }
        }

        return reply;
    }

    /// <summary>A folder whose manifest is the very one that the frame was decided by.</summary>
    /// <param name="isHere">The device runs on this machine, and what it says of files holds here.</param>
    private string FindPack(TraceReply reply, DeviceDescription device, bool isHere)
    {
        using var recording = new MemoryStream(reply.Recording);
        var reader = new RecordReader(recording);
        var source = reader.Read() ? reader.Session?.Sources.FirstOrDefault(s => s.Name == reply.Stream || reply.Stream.Length == 0) : null;
        if (source is null)
        {
            throw new InvalidDataException($"what the device told of frame {reply.Sequence} cannot be read ({reader.StopText})");
        }

        string wanted = Convert.ToHexStringLower(source.ManifestHash.Span);
        var own = device.Streams.Find(s => s.Name == reply.Stream) is { } stream ? device.Packs.Find(p => p.Name == stream.Pack) : null;
        string[] places = [.. packs, .. own is null || !isHere ? [] : (string[])[own.ManifestPath]];
        return Array.Find(places, p => IsOf(p, wanted)) ?? throw new ArgumentException(
            $"the pack '{source.PackName}' as the device runs it is not on this machine; start 'edgeroute ui --pack FOLDER' with a copy of "
            + $"its folder, calibration included (its manifest's SHA-256 begins with {wanted[..12]})");
    }

    private static bool IsOf(string path, string sha256)
    {
        try
        {
            return PackReader.Sha256Of(DocumentFile.Read(PackReader.PathOf(path), PackReader.ManifestLimitBytes)) == sha256;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>Asks what a frame had been with another price or policy.</summary>
internal sealed class WhatIfRequest : IControlMessage
{
    public string Stream = "";

    public long Sequence;

    /// <summary>As <c>edgeroute replay --policy</c> takes it; null: <c>value</c>.</summary>
    public string? Policy;

    /// <summary>Gain per millisecond of device time, as the dial has it.</summary>
    public double? PricePerMs;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Long("sequence", ref Sequence);
        fields.OptionalText("policy", ref Policy);
        fields.OptionalNumber("price", ref PricePerMs);
    }
}
