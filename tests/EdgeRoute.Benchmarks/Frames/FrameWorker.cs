using System.Diagnostics;
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

namespace EdgeRoute.Benchmarks.Frames;

/// <summary>
/// Our side of the whole-frame benchmark: the real loop, from a frame that waits to its answer published, on a fixed path. Answers "run N"
/// like its rivals: minimum and median of the whole frame, minimum and median of the session calls in it, in nanoseconds; then managed
/// bytes allocated in the N frames.
/// </summary>
public sealed class FrameWorker : IAnswerConsumer
{
    private readonly SlotExchange _exchange;
    private readonly FrameLoop _loop;
    private readonly FrameLayout _layout;
    private long _stagesNs;
    private long _sequence;

    private FrameWorker(string library, string manifest, string files, string path, int width, int height)
    {
        var environment = OrtEnvironment.Create(OrtLibrary.Load(library), new OrtEnvironmentOptions { IntraOpThreadCount = 1 }, null);
        var pack = PackReader.Read(manifest, files);
        var tree = new RouteTree(pack.Graph);
        var stages = new OnnxStageSet(pack, tree, environment, new OrtSessionRequest());
        var clock = TimeProvider.System;
        var signal = new FrameSignal();
        var costs = new CostTable(tree);
        var router = new Router(tree, costs, new FixedPolicy(tree, path));
        _exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        _layout = FrameLayout.Packed(PixelFormat.Rgb, width, height);
        var stream = new FrameStream(0, new FrameStreamParts(
            "bench", _exchange, router, router, stages, new FramePixels(stages, tree.Variants, PreprocessKernels.Default),
            long.MaxValue, clock));
        _loop = new FrameLoop(new Lane([stream], signal, new FrameBoundary(signal)), clock, [this], []);
    }

    public static int Run(string[] args)
    {
        if (args.Length != 6)
        {
            Console.Error.WriteLine("usage: frame LIBRARY MANIFEST FILES PATH WIDTH HEIGHT");
            return 2;
        }

        var worker = new FrameWorker(args[0], args[1], args[2], args[3], int.Parse(args[4]), int.Parse(args[5]));
        for (int i = 0; i < SlotExchange.WaitingLimit + 3; i++)
        {
            worker.Frame(fill: true);
        }

        while (Console.In.ReadLine() is { } line && line.StartsWith("run ", StringComparison.Ordinal))
        {
            Console.Out.WriteLine(worker.Measure(int.Parse(line.AsSpan(4))));
        }

        return 0;
    }

    public void Publish(in PublishedFrame frame) => _stagesNs = frame.Record.StagesNs;

    private string Measure(int count)
    {
        var whole = new long[count];
        var session = new long[count];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            whole[i] = Frame(fill: false);
            session[i] = _stagesNs;
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Array.Sort(whole);
        Array.Sort(session);
        return $"{whole[0]} {whole[count / 2]} {session[0]} {session[count / 2]} {bytes}";
    }

    /// <summary>
    /// One frame. Slots keep their bytes, so after a first round nothing needs to be copied: the rival does not copy its frame either.
    /// </summary>
    private long Frame(bool fill)
    {
        _exchange.TryBegin(0, out var slot);
        var bytes = slot!.Prepare(_layout);
        for (int i = 0; fill && i < bytes.Length; i++)
        {
            bytes[i] = (byte)((i * 2654435761u) >> 13);
        }

        long start = Stopwatch.GetTimestamp();
        _exchange.Publish(new FrameStamp(0, _sequence, start, _sequence++ * 33_000_000));
        _loop.Run(_loop.EndedCount + 1);
        return Stopwatch.GetTimestamp() - start;
    }
}
