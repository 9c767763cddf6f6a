using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>
/// The real frame loop over a pack's real sessions, fed frame by frame on the calling thread. Source time goes on by 33 ms a frame.
/// </summary>
internal sealed class PackRig : IDisposable, IAnswerConsumer
{
    private const long PeriodNs = 33_000_000;

    private readonly FrameSignal _signal = new();
#pragma warning disable CA2213 // The stream disposes it.
    private readonly SlotExchange _exchange;
#pragma warning restore CA2213
    private readonly FrameLoop _loop;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly long[] _nodeCounts;
    private readonly LoadedCrop[] _crops;
    private long _sequence;

    /// <param name="policy">Made for the pack's tree.</param>
    /// <param name="consumers">Beside the rig itself.</param>
    public PackRig(Pack pack, Func<RouteTree, IRoutePolicy> policy, IPreprocessKernel? kernel = null,
        Func<RouteTree, IReadOnlyList<IAnswerConsumer>>? consumers = null,
        Func<FrameStreamParts, FrameStreamParts>? with = null)
    {
        Tree = new RouteTree(pack.Graph);
        Stages = new OnnxStageSet(pack, Tree, OrtPlace.Environment, new OrtSessionRequest());
        _crops = [.. pack.Crops.Select(c => new LoadedCrop(c, Load(c.Pack)))];
        _nodeCounts = new long[Tree.Nodes.Count];
        var costs = new CostTable(Tree);
        _exchange = new SlotExchange(DeliveryMode.EveryFrame, _signal);
        var parts = new FrameStreamParts(
            "s0", _exchange, new Router(Tree, costs, policy(Tree)), new Router(Tree, costs, new FixedPolicy(Tree, pack.FixedRoute)), Stages,
            new FramePixels(Stages, Tree.Variants, kernel, _crops), long.MaxValue, _clock) { Plan = pack.Plan, Crops = _crops };
        Stream = new FrameStream(0, with?.Invoke(parts) ?? parts);
        _loop = new FrameLoop(new Lane([Stream], _signal, new FrameBoundary(_signal)), _clock,
            [this, .. consumers?.Invoke(Tree) ?? []], []);
    }

    public RouteTree Tree { get; }

    public OnnxStageSet Stages { get; }

    public FrameStream Stream { get; }

    /// <summary>Path of the last frame; "failed" where it has none.</summary>
    public string LastPath => LastNodeIndex < 0 ? "failed" : Tree.Nodes[LastNodeIndex].PathName;

    public FrameEnd LastEnd { get; private set; }

    public TraceRecord LastRecord { get; private set; }

    public int LastNodeIndex { get; private set; }

    /// <summary>Called with each answer, before the next frame overwrites it.</summary>
    public Action<Answer>? OnAnswer { get; set; }

    public static Pack Shapes => PackReader.Read(Path.Combine(TestPlaces.Repository, "models", "shapes"));

    public static Func<RouteTree, IRoutePolicy> CascadeOf(Pack pack) => tree => new CascadePolicy(tree, pack.Cascade!);

    public long CountOf(string path) => _nodeCounts[Tree.FindPath(path)!.Index];

    /// <summary>One frame from capture to publish.</summary>
    public void Feed(in FrameLayout layout, ReadOnlySpan<byte> bytes, string? instruction = null, ReadOnlySpan<float> state = default,
        string? stateFault = null)
    {
        if (!_exchange.TryBegin(0, out var slot))
        {
            throw new InvalidOperationException("No slot is free although no frame waits.");
        }

        bytes.CopyTo(slot.Prepare(layout));
        slot.Instruction = instruction;
        slot.TellState(state);
        slot.StateFault = stateFault;
        _exchange.Publish(new FrameStamp(0, _sequence, _clock.NowNs(), _sequence * PeriodNs));
        _sequence++;
        _loop.Run(_loop.EndedCount + 1);
    }

    public void Publish(in PublishedFrame frame)
    {
        (LastEnd, LastNodeIndex, LastRecord) = (frame.Record.End, frame.Record.NodeIndex, frame.Record);
        if (LastNodeIndex >= 0)
        {
            _nodeCounts[LastNodeIndex]++;
        }

        OnAnswer?.Invoke(frame.Answer);
    }

    private static LoadedPack Load(Pack pack)
    {
        var tree = new RouteTree(pack.Graph);
        return new LoadedPack(pack, tree, new OnnxStageSet(pack, tree, OrtPlace.Environment, new OrtSessionRequest()));
    }

    public void Dispose()
    {
        Stream.Dispose();
        Stages.Dispose();
        Array.ForEach(_crops, c => c.Loaded.Dispose());
        _signal.Dispose();
    }
}
