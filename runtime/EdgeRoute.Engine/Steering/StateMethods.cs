using System.Globalization;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>The robot's state, and its task, as a program puts them. Not journaled: they come many times a second.</summary>
/// <param name="find">Finds a stream by its name.</param>
internal sealed class StateMethods(RunningEngine engine, Func<string, LiveStream> find)
{
    /// <summary>Clocks that are set by the network differ by less; a state from further ahead would stay young for as long.</summary>
    private const double AheadMsMost = 1000;

    public void AddTo(MethodTable table) => table.Add<StatePutRequest>(ControlMethod.StatePut, ControlRole.Operator,
        (request, _, _) => ValueTask.FromResult<IControlMessage?>(Put(request)));

    /// <summary>Null for streams whose state does not come from outside.</summary>
    public static StateStatus? StatusOf(TaskMailbox? mailbox, double maxAgeMs, long nowNs) => mailbox is null ? null : new StateStatus
    {
        AgeMs = mailbox.AgeMs(nowNs), MaxAgeMs = maxAgeMs, PutCount = mailbox.PutCount, OlderCount = mailbox.OlderCount,
        Instruction = mailbox.Instruction, RefusedCount = mailbox.RefusedCount, Fault = mailbox.Refusal,
    };

    private StatePutReply Put(StatePutRequest request)
    {
        var live = find(request.Stream);
        var (stream, pack) = (live.Stream, live.Setup.Pack.Pack);
        if (stream.Parts.Mailbox is not { } mailbox)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, $"the stream '{stream.Name}' takes no state from the channel",
                "write state: { from: channel, max_age_ms: 200 } under the source, and start again");
        }

        if (mailbox.Topic is { } topic)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, $"the stream '{stream.Name}' takes its state from the MQTT topic "
                + $"'{topic}', not from the channel", "publish it there, or write state: { from: channel } under the source");
        }

        Check(request, stream.Name, pack);
        long nowNs = engine.Clock.NowNs();
        double ageMs = request.UtcNs is { } utcNs ? (engine.Clock.UtcNs() - utcNs) / 1e6 : 0;
        if (ageMs < -AheadMsMost)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, string.Create(CultureInfo.InvariantCulture,
                $"'utc_ns' is {-ageMs / 1e3:0.0} s ahead of the device's clock"),
                "set both clocks by the network, or leave 'utc_ns' out: then the state counts from its arrival");
        }

        bool isUsed = request.Values.Length == 0 || mailbox.Put(request.Values, nowNs - (long)(Math.Max(0, ageMs) * 1e6), nowNs);
        if (request.Instruction is { } words)
        {
            mailbox.Instruct(words, nowNs);
        }

        return new StatePutReply { IsUsed = isUsed, AgeMs = ageMs };
    }

    private static void Check(StatePutRequest request, string stream, Pack pack)
    {
        if (request.Values.Length != pack.StateLength && (request.Values.Length > 0 || request.Instruction is null))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'values' has {request.Values.Length} numbers; the pack "
                + $"'{pack.Name}' of the stream '{stream}' wants a state of {pack.StateLength}");
        }

        string? problem = request.Instruction switch
        {
            null or "" => null,
            { } words when pack.Language is { } language => language.Tokenize(words, new long[language.Length]),
            _ => $"the pack '{pack.Name}' takes no instruction",
        };
        if (problem is not null)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'instruction' is '{request.Instruction}', but {problem}");
        }
    }
}
