using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// What the page may ask. Methods of the channel are handed on as they are, those alone that the page has a use for: who sits at the
/// browser can neither pair laptops nor replace the config from there. One is this tool's own: a frame explained.
/// </summary>
internal static class PageMethods
{
    /// <summary>A frame's options, signals and costs, as <c>edgeroute explain --json</c> prints them.</summary>
    private const string Explain = "explain";

    private static readonly Dictionary<string, Func<byte[], IControlMessage>> Channel = new(StringComparer.Ordinal)
    {
        [ControlMethod.Describe] = Read<NoParameters>, [ControlMethod.Status] = Read<NoParameters>,
        [ControlMethod.Curve] = Read<StreamRequest>, [ControlMethod.Picture] = Read<PictureRequest>,
        [ControlMethod.Events] = Read<EventListRequest>, [ControlMethod.Journal] = Read<NoParameters>,
        [ControlMethod.ConfigGet] = Read<ConfigRequest>, [ControlMethod.Recordings] = Read<NoParameters>,
        [ControlMethod.Subscribe] = Read<SubscribeRequest>, [ControlMethod.Trial] = Read<NoParameters>,
        [ControlMethod.Change] = Read<ChangeRequest>, [ControlMethod.TrialKeep] = Read<NoParameters>,
        [ControlMethod.TrialCancel] = Read<NoParameters>, [ControlMethod.RecordStart] = Read<RecordStartRequest>,
        [ControlMethod.RecordStop] = Read<NamedRequest>, [ControlMethod.SourceRestart] = Read<StreamRequest>,
        [ControlMethod.Stop] = Read<StopRequest>, [ControlMethod.Release] = Read<NoParameters>,
        [Explain] = Read<TraceRequest>,
    };

    /// <param name="parameter">As MessagePack; empty for none.</param>
    /// <returns>What the page is sent: text, or a picture's bytes.</returns>
    /// <exception cref="ArgumentException">There is no such method here.</exception>
    public static async Task<PageMessage> AnswerAsync(DeviceClient client, long id, string method, byte[] parameter,
        CancellationToken cancel)
    {
        if (!Channel.TryGetValue(method, out var read))
        {
            throw new ArgumentException($"the page may not ask '{method}'; 'edgeroute' on the command line can");
        }

        var message = read(parameter);
        if (method == ControlMethod.Picture)
        {
            // The device itself says after ten seconds that no frame comes.
            var limit = DeviceClient.UsualTimeLimit * 2;
            return new PageMessage(PageJson.Picture(id, await client.RequestAsync<PictureReply>(method, message, limit, cancel)));
        }

        return PageMessage.Of(PageJson.Result(id, method == Explain ? await ExplainAsync(client, (TraceRequest)message, cancel)
            : MessageJson.Of(await client.RequestAsync(method, message, DeviceClient.LongTimeLimit, cancel), isOneLine: true)));
    }

    private static async Task<string> ExplainAsync(DeviceClient client, TraceRequest request, CancellationToken cancel)
    {
        var reply = await client.RequestAsync<TraceReply>(ControlMethod.TraceGet, request, null, cancel);
        using var recording = new MemoryStream(reply.Recording);
        string? source = reply.Stream.Length == 0 ? null : reply.Stream;
        return ReplayJson.Of(FrameExplainer.Explain(recording, client.Welcome.Device, source, FrameRule.Number, reply.Sequence, null));
    }

    private static IControlMessage Read<T>(byte[] bytes) where T : IControlMessage, new() =>
        bytes.Length == 0 ? new T() : FieldReader.ReadStrict<T>(bytes);
}
