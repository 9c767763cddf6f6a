using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Measuring;

/// <summary>
/// Runs stages on several frames at once, where their graph leaves the number open and takes nothing but the frame: what a batch would
/// bring. The model alone, without preprocessing and head.
/// </summary>
internal sealed class BatchRuns(OnnxStageSet stages, RouteTree tree, TimeProvider clock)
{
    /// <summary>Measured runs of each size; the sizes take turns.</summary>
    private const int RunCount = 10;

    /// <summary>At 1, 2, 4 and so on up to a size; of each stage its first variant. What was cancelled is left out.</summary>
    /// <param name="sizeMost">Frames of the largest batch.</param>
    public IReadOnlyList<BatchTime> Run(int sizeMost, CancellationToken cancel)
    {
        var times = new List<BatchTime>();
        foreach (var variant in tree.Variants.DistinctBy(v => v.StageIndex).Where(v => IsOpen(SessionOf(v))))
        {
            var sizes = SizesUpTo(sizeMost).Select(size => new Batch(size, SessionOf(variant), stages.FrameTensor(variant.Index),
                stages.FrameInput(variant.Index)!.TensorShape)).ToList();
            try
            {
                TakeTurns(sizes, cancel);
                times.AddRange(cancel.IsCancellationRequested ? [] : sizes.Select(s => s.TimeOf(variant.StageIndex)));
            }
            finally
            {
                sizes.ForEach(s => s.Dispose());
            }
        }

        return times;
    }

    internal static IReadOnlyList<int> SizesUpTo(int most) =>
        [.. Enumerable.Range(0, 31).Select(i => 1 << i).TakeWhile(size => size < most), most];

    private OrtSession SessionOf(RouteVariant variant) => stages.Provisions[variant.StageIndex].Session;

    private static bool IsOpen(OrtSession session) => session.Inputs.Count == 1 && session.Inputs[0].Shape is [< 0, ..];

    private void TakeTurns(List<Batch> sizes, CancellationToken cancel)
    {
        // The first turn is not counted: it finds the shapes.
        for (int turn = 0; turn <= RunCount; turn++)
        {
            foreach (var size in sizes.Where(s => s.Fault is null && !cancel.IsCancellationRequested))
            {
                size.Run(clock, isCounted: turn > 0);
            }
        }
    }

    private sealed class Batch : IDisposable
    {
        private readonly int _size;
        private readonly OrtTensor _frames;
        private readonly OrtRun _run;
        private readonly List<float> _ms = [];

        /// <param name="frame">One frame's input, repeated.</param>
        public Batch(int size, OrtSession session, ReadOnlySpan<byte> frame, long[] shape)
        {
            _size = size;
            _frames = OrtTensor.Allocate(session.Inputs[0].ElementType, [size, .. shape[1..]]);
            for (int i = 0; i < size; i++)
            {
                frame.CopyTo(_frames.Bytes[(i * frame.Length)..]);
            }

            _run = new OrtRun(session);
            _run.SetInput(0, _frames);
        }

        /// <summary>In the library's words: a graph may leave the number open and yet not take it.</summary>
        public string? Fault { get; private set; }

        public void Run(TimeProvider clock, bool isCounted)
        {
            long start = clock.NowNs();
            try
            {
                _run.Run();
            }
            catch (OrtException fault)
            {
                Fault = fault.Message;
                return;
            }

            if (isCounted)
            {
                _ms.Add((clock.NowNs() - start) / 1e6f);
            }
        }

        public BatchTime TimeOf(int stageIndex)
        {
            _ms.Sort();
            return new BatchTime(stageIndex, _size, Fault is null ? _ms[_ms.Count / 2] : 0, Fault);
        }

        public void Dispose()
        {
            _run.Dispose();
            _frames.Dispose();
        }
    }
}

/// <summary>A stage on several frames at once.</summary>
/// <param name="MsP50">Of the whole batch; 0 where it failed.</param>
/// <param name="Fault">Why the graph does not take so many; null where it does.</param>
public sealed record BatchTime(int StageIndex, int Size, float MsP50, string? Fault);
