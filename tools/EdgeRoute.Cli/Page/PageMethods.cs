using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// What the page may ask. Methods of the channel are handed on as they are, those alone that the page has a use for: who sits at the
/// browser can neither pair laptops nor replace the config from there. Two are this tool's own: a frame explained, and decided otherwise.
/// </summary>
internal static class PageMethods
{
    private const string Explain = "explain", WhatIf = "what_if";

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
        [Explain] = Read<TraceRequest>, [WhatIf] = Read<WhatIfRequest>,
    };

    /// <param name="parameter">As MessagePack; empty for none.</param>
    /// <returns>What the page is sent: text, or a picture's bytes.</returns>
    /// <exception cref="ArgumentException">There is no such method here.</exception>
    public static async Task<PageMessage> AnswerAsync(DeviceClient client, PageFrames frames, long id, string method, byte[] parameter,
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

        return PageMessage.Of(PageJson.Result(id, message switch
        {
            TraceRequest explain => await frames.ExplainAsync(client, explain, cancel),
            WhatIfRequest whatIf => await frames.WhatIfAsync(client, whatIf, cancel),
            _ => MessageJson.Of(await client.RequestAsync(method, message, DeviceClient.LongTimeLimit, cancel), isOneLine: true),
        }));
    }

    private static IControlMessage Read<T>(byte[] bytes) where T : IControlMessage, new() =>
        bytes.Length == 0 ? new T() : FieldReader.ReadStrict<T>(bytes);
}
