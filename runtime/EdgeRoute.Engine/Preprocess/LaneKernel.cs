using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// The vector kernel. Per output row: the two source rows around it are blended across (once each, <see cref="RowCache"/>) into planar
/// floats, then blended down, converted and written in one pass. All rows it touches stay in the first-level cache; the frame is read once,
/// the tensor written once.
/// </summary>
internal sealed class LaneKernel<TLanes, TVector> : IPreprocessKernel
    where TLanes : struct, IFloatLanes<TVector>
    where TVector : struct
{
    public string Name => TLanes.KernelName;

    public void Run(SampleMap plan, ReadOnlySpan<byte> frame, Span<byte> tensor)
    {
        foreach (var group in plan.Groups)
        {
            group.Cache.Clear();
        }

        ref byte bytes = ref MemoryMarshal.GetReference(frame);
        for (int y = 0; y < plan.Fit.Picture.Height; y++)
        {
            Span<float> target = RowTarget.Planar(plan, tensor, y, TLanes.Count, out int channelStride, out bool direct);
            Finish(plan, ref bytes, y, ref MemoryMarshal.GetReference(target), channelStride);
            if (!direct)
            {
                RowTarget.Write(plan, tensor, y, channelStride);
            }
        }
    }

    private static void Finish(SampleMap plan, ref byte frame, int y, ref float target, int channelStride)
    {
        if (plan.Matrix.SampleCount == 1)
        {
            var only = Source(plan, ref frame, 0, y);
            for (int channel = 0; channel < plan.Matrix.ChannelCount; channel++)
            {
                FinishOne(plan, only, channel, 0, ref Unsafe.Add(ref target, channel * channelStride));
            }

            return;
        }

        var first = Source(plan, ref frame, 0, y);
        var second = Source(plan, ref frame, 1, y);
        var third = Source(plan, ref frame, 2, y);
        if (plan.IsPermutation)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int sample = plan.Matrix.OnlySampleOf(channel);
                var source = sample switch { 0 => first, 1 => second, _ => third };
                FinishOne(plan, source, channel, sample, ref Unsafe.Add(ref target, channel * channelStride));
            }

            return;
        }

        FinishMixed(plan, first, second, third, ref target, channelStride);
    }

    /// <summary>The two blended rows that a sample of output row y lies between; blends them first where they are not cached.</summary>
    private static RowPair Source(SampleMap plan, ref byte frame, int sample, int y)
    {
        var at = plan.Samples[sample];
        var group = plan.Groups[at.GroupIndex];
        int upper = group.Rows.First[y], lower = upper + group.Rows.Reach;
        int upperSlot = Slot(group, ref frame, upper, lower), lowerSlot = Slot(group, ref frame, lower, upper);
        int channel = at.ChannelIndex * group.Cache.PaddedWidth;
        return new RowPair(
            group.Cache.Values, group.Cache.StartOf(upperSlot) + channel, group.Cache.StartOf(lowerSlot) + channel, group.Rows.Fraction[y]);
    }

    private static int Slot(SampleGroup group, ref byte frame, int row, int keepRow)
    {
        int slot = group.Cache.Find(row);
        if (slot < 0)
        {
            slot = group.Cache.Claim(row, keepRow);
            ref byte start = ref Unsafe.Add(ref frame, group.Plane.OffsetBytes + ((nint)row * group.Plane.StrideBytes));
            BlendRow(group, ref start, ref group.Cache.Values[group.Cache.StartOf(slot)]);
        }

        return slot;
    }

    private static void BlendRow(SampleGroup group, ref byte row, ref float target)
    {
        int from = group.UsesPixelLoads ? BlendPixels(group, ref row, ref target) : 0;
        if (group.Gather.WindowCount > 0)
        {
            BlendBlocks(group, ref row, ref target, from);
        }
        else
        {
            RowTarget.BlendRow(group, ref row, ref target);
        }
    }

    private static void BlendBlocks(SampleGroup group, ref byte row, ref float target, int fromBlock)
    {
        int windows = group.Gather.WindowCount, padded = group.Cache.PaddedWidth;
        ref int offsets = ref MemoryMarshal.GetArrayDataReference(group.Gather.Offsets);
        ref short weights = ref MemoryMarshal.GetArrayDataReference(group.Columns.WeightPairs);
        for (int channel = 0; channel < group.ChannelOffsets.Length; channel++)
        {
            ref byte masks = ref group.Gather.Masks[channel * group.Gather.ChannelMaskBytes];
            ref float output = ref Unsafe.Add(ref target, channel * padded);
            for (nint block = fromBlock; block < padded / SampleMap.PixelBlock; block++)
            {
                ref byte blockMasks = ref Unsafe.Add(ref masks, block * windows * GatherTable.WindowBytes);
                var pairs = BytePairs.Gather(ref row, ref Unsafe.Add(ref offsets, block * windows), ref blockMasks, windows);
                nint at = block * SampleMap.PixelBlock;
                TLanes.StoreBlends(pairs, ref Unsafe.Add(ref weights, at * 2), ref Unsafe.Add(ref output, at));
            }
        }
    }

    /// <summary>Three-byte pixels that lie far apart are loaded one by one; returns the first block left, near the row's end.</summary>
    private static int BlendPixels(SampleGroup group, ref byte row, ref float target)
    {
        int padded = group.Cache.PaddedWidth;
        ref int first = ref MemoryMarshal.GetArrayDataReference(group.Columns.First);
        ref short weights = ref MemoryMarshal.GetArrayDataReference(group.Columns.WeightPairs);
        ref float target0 = ref Unsafe.Add(ref target, group.ChannelOfByte(0) * padded);
        ref float target1 = ref Unsafe.Add(ref target, group.ChannelOfByte(1) * padded);
        ref float target2 = ref Unsafe.Add(ref target, group.ChannelOfByte(2) * padded);
        for (int block = 0; block < group.PixelLoadBlocks; block++)
        {
            int at = block * SampleMap.PixelBlock;
            var (byte0, byte1, byte2) = BytePairs.GatherPixels(ref row, ref Unsafe.Add(ref first, at));
            ref short blockWeights = ref Unsafe.Add(ref weights, at * 2);
            TLanes.StoreBlends(byte0, ref blockWeights, ref Unsafe.Add(ref target0, at));
            TLanes.StoreBlends(byte1, ref blockWeights, ref Unsafe.Add(ref target1, at));
            TLanes.StoreBlends(byte2, ref blockWeights, ref Unsafe.Add(ref target2, at));
        }

        return group.PixelLoadBlocks;
    }

    /// <summary>
    /// Start of a row's last vector: it ends at the last value, recomputing a few, so nothing behind the row is written. A row narrower
    /// than a vector takes one step at 0, into a scratch row that has room for it.
    /// </summary>
    private static int LastStep(SampleMap plan) => Math.Max(0, plan.Fit.Picture.Width - TLanes.Count);

    private static void FinishOne(SampleMap plan, in RowPair source, int channel, int sample, ref float target)
    {
        var matrix = plan.Matrix;
        ref float upper = ref source.Values[source.Upper];
        ref float lower = ref source.Values[source.Lower];
        var weight = TLanes.Create(matrix.Weights[(channel * matrix.SampleCount) + sample] / AxisTaps.WeightOne);
        var (bias, low, high) = (TLanes.Create(matrix.Bias[channel]), TLanes.Create(matrix.Low[channel]),
            TLanes.Create(matrix.High[channel]));
        var down = TLanes.Create(source.Fraction);
        int last = LastStep(plan);
        for (int step = 0; ; step = Math.Min(step + TLanes.Count, last))
        {
            nuint x = (nuint)step;
            var value = TLanes.Blend(TLanes.Load(ref upper, x), TLanes.Load(ref lower, x), down);
            TLanes.Store(TLanes.Clamp(TLanes.MultiplyAdd(value, weight, bias), low, high), ref target, x);
            if (step == last)
            {
                return;
            }
        }
    }

    private static void FinishMixed(SampleMap plan, in RowPair first, in RowPair second, in RowPair third, ref float target,
        int channelStride)
    {
        ref float a0 = ref first.Values[first.Upper], a1 = ref first.Values[first.Lower];
        ref float b0 = ref second.Values[second.Upper], b1 = ref second.Values[second.Lower];
        ref float c0 = ref third.Values[third.Upper], c1 = ref third.Values[third.Lower];
        var (downA, downB, downC) = (TLanes.Create(first.Fraction), TLanes.Create(second.Fraction), TLanes.Create(third.Fraction));
        var mix0 = new Mix(plan.Matrix, 0);
        var mix1 = new Mix(plan.Matrix, plan.Matrix.ChannelCount == 3 ? 1 : 0);
        var mix2 = new Mix(plan.Matrix, plan.Matrix.ChannelCount == 3 ? 2 : 0);
        ref float target1 = ref Unsafe.Add(ref target, plan.Matrix.ChannelCount == 3 ? channelStride : 0);
        ref float target2 = ref Unsafe.Add(ref target, plan.Matrix.ChannelCount == 3 ? 2 * channelStride : 0);
        int last = LastStep(plan);
        for (int step = 0; ; step = Math.Min(step + TLanes.Count, last))
        {
            nuint x = (nuint)step;
            var one = TLanes.Blend(TLanes.Load(ref a0, x), TLanes.Load(ref a1, x), downA);
            var two = TLanes.Blend(TLanes.Load(ref b0, x), TLanes.Load(ref b1, x), downB);
            var three = TLanes.Blend(TLanes.Load(ref c0, x), TLanes.Load(ref c1, x), downC);
            TLanes.Store(mix0.Of(one, two, three), ref target, x);
            TLanes.Store(mix1.Of(one, two, three), ref target1, x);
            TLanes.Store(mix2.Of(one, two, three), ref target2, x);
            if (step == last)
            {
                return;
            }
        }
    }

    /// <summary>One channel's row of the matrix, in lanes, for samples that are still multiplied by the tap weight's one.</summary>
    private readonly struct Mix(ChannelMatrix matrix, int channel)
    {
        private readonly TVector _weight0 = TLanes.Create(matrix.Weights[channel * 3] / AxisTaps.WeightOne);
        private readonly TVector _weight1 = TLanes.Create(matrix.Weights[(channel * 3) + 1] / AxisTaps.WeightOne);
        private readonly TVector _weight2 = TLanes.Create(matrix.Weights[(channel * 3) + 2] / AxisTaps.WeightOne);
        private readonly TVector _bias = TLanes.Create(matrix.Bias[channel]);
        private readonly TVector _low = TLanes.Create(matrix.Low[channel]);
        private readonly TVector _high = TLanes.Create(matrix.High[channel]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of(TVector one, TVector two, TVector three)
        {
            var mixed = TLanes.MultiplyAdd(one, _weight0, TLanes.MultiplyAdd(two, _weight1, TLanes.MultiplyAdd(three, _weight2, _bias)));
            return TLanes.Clamp(mixed, _low, _high);
        }
    }
}
