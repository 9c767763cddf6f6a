using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>A frame loop over scripted stages and hand-fed frames; everything else is the real thing.</summary>
internal sealed class LoopRig : IDisposable, IAnswerConsumer
{
    private readonly FrameSignal _signal = new();
    private readonly Func<FrameStreamParts, FrameStreamParts> _with;

    public LoopRig(
        RouteTree tree, IRoutePolicy policy, IReadOnlyDictionary<string, ScriptedStage> script,
        DeliveryMode delivery = DeliveryMode.EveryFrame,
        double deadlineMs = double.PositiveInfinity, int streamCount = 1, Func<FrameStreamParts, FrameStreamParts>? with = null)
    {
        _with = with ?? (parts => parts);
        Stages = new ScriptedStageSet(tree, script, Clock);
        Exchanges = [.. Enumerable.Range(0, streamCount).Select(_ => new SlotExchange(delivery, _signal))];
        Streams = [.. Exchanges.Select((exchange, i) => MakeStream(i, exchange, tree, policy, deadlineMs))];
        Lane = new Lane(Streams, _signal, new FrameBoundary(_signal));
        Loop = new FrameLoop(Lane, Clock, [this], [new Tracer(Traced)]);
    }

    public ScriptedClock Clock { get; } = new(1_000_000);

    public ScriptedStageSet Stages { get; }

    public IReadOnlyList<SlotExchange> Exchanges { get; }

    public IReadOnlyList<FrameStream> Streams { get; }

    public Lane Lane { get; }

    public FrameLoop Loop { get; }

    /// <summary>Records as they were when the answer was published.</summary>
    public List<TraceRecord> Records { get; } = [];

    /// <summary>Records as they are traced, audits included.</summary>
    public List<TraceRecord> Traced { get; } = [];

    public List<(FrameStamp Stamp, float Confidence)> Answers { get; } = [];

    /// <summary>What went wrong first, in words, on each frame on which anything did.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Called after each published frame.</summary>
    public Action? AfterFrame { get; set; }

    public static Dictionary<string, ScriptedStage> LightAndHeavy(ScriptedStage light, ScriptedStage heavy) => new() { ["light"] = light,
        ["heavy"] = heavy };

    public static CascadePolicy Cascade(RouteTree tree) => new(tree, new CascadeSettings("light",
        [new CascadeRule("light", EdgeRoute.Core.Signals.ExitSignalKind.MaxProbability, 0.7f, true, "heavy")], new ReuseRule(0.01f, 100)));

    public static LoopRig WithCascade(ScriptedStage light, ScriptedStage heavy, DeliveryMode delivery = DeliveryMode.EveryFrame,
        double deadlineMs = double.PositiveInfinity)
    {
        var tree = SampleGraphs.Cascade();
        return new LoopRig(tree, Cascade(tree), LightAndHeavy(light, heavy), delivery, deadlineMs);
    }

    /// <summary>Hands one grey frame in, as a capture thread would.</summary>
    public bool Feed(long sequence, byte grey, int stream = 0)
    {
        if (!Exchanges[stream].TryBegin(Timeout.Infinite, out var slot))
        {
            return false;
        }

        slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 16, 12)).Fill(grey);
        Exchanges[stream].Publish(new FrameStamp(stream, sequence, Clock.NowNs(), sequence * 40_000_000));
        return true;
    }

    /// <summary>Feeds frames from a thread of its own, ends the source, and runs the loop to its end.</summary>
    public void RunAll(int frameCount, Func<int, byte> grey)
    {
        var feeder = new Thread(() =>
        {
            for (int i = 0; i < frameCount; i++)
            {
                Feed(i, grey(i));
            }

            Exchanges[0].FinishWriting();
        });
        feeder.Start();
        Loop.Run();
        feeder.Join();
    }

    /// <summary>Feeds each frame when the one before it has ended, so that none waits.</summary>
    public void RunInStep(int frameCount, Func<int, byte> grey)
    {
        Feed(0, grey(0));
        AfterFrame = () =>
        {
            if (Records.Count < frameCount)
            {
                Feed(Records.Count, grey(Records.Count));
            }
            else
            {
                Exchanges[0].FinishWriting();
            }
        };
        Loop.Run();
    }

    public void Publish(in PublishedFrame frame)
    {
        Records.Add(frame.Record);
        if (frame.Fault is { } fault)
        {
            Faults.Add(fault);
        }

        Answers.Add((frame.Answer.Stamp, frame.Answer.HasValue ? frame.Answer.Values[0] : float.NaN));
        AfterFrame?.Invoke();
    }

    public void Dispose()
    {
        foreach (var stream in Streams)
        {
            stream.Dispose();
        }

        _signal.Dispose();
    }

    private FrameStream MakeStream(int index, SlotExchange exchange, RouteTree tree, IRoutePolicy policy, double deadlineMs)
    {
        var costs = new CostTable(tree);
        long deadlineNs = double.IsFinite(deadlineMs) ? (long)(deadlineMs * 1e6) : long.MaxValue;
        return new FrameStream(index, _with(new FrameStreamParts("s" + index, exchange, new Router(tree, costs, policy),
            new Router(tree, costs, new FixedPolicy(tree, "light")), Stages, new FramePixels(Stages, tree.Variants, null),
            deadlineNs, Clock)));
    }

    private sealed class Tracer(List<TraceRecord> traced) : IAnswerConsumer
    {
        public void Publish(in PublishedFrame frame) => traced.Add(frame.Record);
    }
}
