using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Documents.Packs;

/// <summary>Refuses inputs that no tensor can be made for, with every reason at once.</summary>
public static class InputSpecCheck
{
    public static void Require(FrameInputSpec spec, double inputScale, in FrameRegion region)
    {
        var problems = Problems(spec).ToList();
        if (!(inputScale > 0 && inputScale <= 1))
        {
            problems.Add($"the input scale is {inputScale}, not in (0, 1]");
        }

        if (!region.IsInside)
        {
            problems.Add($"the region {region} leaves the frame");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException("This input cannot be made: " + string.Join("; ", problems) + ".");
        }
    }

    private static IEnumerable<string> Problems(FrameInputSpec spec)
    {
        if (spec.Width is < 1 or > FrameLayout.SideLimit || spec.Height is < 1 or > FrameLayout.SideLimit)
        {
            yield return $"its size is {spec.Width}x{spec.Height}; a side must be 1..{FrameLayout.SideLimit} pixels";
        }

        if (spec.SizeMultiple < 1)
        {
            yield return $"the size multiple is {spec.SizeMultiple}; use 1 when any size will do";
        }

        if (spec.Mean.Count != spec.ChannelCount || spec.Scale.Count != spec.ChannelCount)
        {
            yield return $"it has {spec.Mean.Count} means and {spec.Scale.Count} scales for {spec.ChannelCount} channels";
        }

        if (spec.Fit == FitKind.CenterCrop && spec.ResizeShorter < Math.Max(spec.Width, spec.Height))
        {
            yield return $"a centre crop of {spec.Width}x{spec.Height} does not fit a shorter side of {spec.ResizeShorter}; raise "
                + "ResizeShorter";
        }
    }
}
