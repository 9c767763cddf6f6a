using EdgeRoute.Core.Frames;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks a stage's input block.</summary>
internal static class InputBuilder
{
    public static StageInput Build(ManifestDocument.InputPart part, ManifestFields fields)
    {
        var channels = fields.Choice("channels", part.Channels, ManifestEnums.Channels);
        var fit = fields.Choice("fit", part.Fit, ManifestEnums.Fits);
        int channelCount = channels == ChannelOrder.Gray ? 1 : 3;
        var (padValue, placement) = Pad(part, fit, fields);
        var spec = new FrameInputSpec(
            fields.Whole("width", part.Width, 1, FrameLayout.SideLimit),
            fields.Whole("height", part.Height, 1, FrameLayout.SideLimit),
            fields.Whole("multiple", part.Multiple, 1, 512, absent: 1),
            channels,
            fields.Choice("layout", part.Layout, ManifestEnums.Layouts, TensorLayout.Nchw),
            fields.Choice("element", part.Element, ManifestEnums.Elements, TensorElement.Float32),
            fit, placement, ResizeShorter(part, fit, fields), padValue,
            PerChannel("mean", part.Mean, channelCount, 0, fields),
            Scale(part, channelCount, fields));
        return new StageInput(fields.Text("tensor", part.Tensor), spec);
    }

    private static (float Value, PadPlacement Placement) Pad(ManifestDocument.InputPart part, FitKind fit, ManifestFields fields)
    {
        if (fit != FitKind.Letterbox)
        {
            if (part.Pad is not null)
            {
                fields.Fail($"'pad' goes with fit 'letterbox' only, and the fit is '{ManifestEnums.Of(ManifestEnums.Fits, fit)}'");
            }

            return (0, PadPlacement.TopLeft);
        }

        if (part.Pad is null)
        {
            fields.Fail("'pad' is missing; fit 'letterbox' needs its value and placement");
            return (0, PadPlacement.TopLeft);
        }

        return (fields.Number("pad.value", part.Pad.Value, 0, 255), fields.Choice("pad.placement", part.Pad.Placement,
            ManifestEnums.Placements));
    }

    private static int ResizeShorter(ManifestDocument.InputPart part, FitKind fit, ManifestFields fields)
    {
        if (fit == FitKind.CenterCrop)
        {
            int least = Math.Clamp(Math.Max(part.Width ?? 1, part.Height ?? 1), 1, FrameLayout.SideLimit);
            return fields.Whole("resize_shorter", part.ResizeShorter, least, FrameLayout.SideLimit);
        }

        if (part.ResizeShorter is not null)
        {
            fields.Fail($"'resize_shorter' goes with fit 'center_crop' only, and the fit is '{ManifestEnums.Of(ManifestEnums.Fits, fit)}'");
        }

        return 0;
    }

    private static float[] Scale(ManifestDocument.InputPart part, int channelCount, ManifestFields fields)
    {
        if (part.Std is null)
        {
            return PerChannel("scale", part.Scale, channelCount, 1, fields);
        }

        if (part.Scale is not null)
        {
            fields.Fail("'scale' (multiplied) and 'std' (divided by) mean the same; give one of them");
        }

        if (part.Std.Any(s => !(s > 0)))
        {
            fields.Fail("'std' must be above 0");
        }

        return [.. PerChannel("std", part.Std, channelCount, 1, fields).Select(s => 1 / s)];
    }

    /// <summary>One value for all channels, or one each.</summary>
    private static float[] PerChannel(string name, List<float>? values, int channelCount, float absent, ManifestFields fields)
    {
        values ??= [absent];
        if ((values.Count != 1 && values.Count != channelCount) || values.Any(v => !float.IsFinite(v)))
        {
            fields.Fail($"'{name}' has {values.Count} values; it must have 1, or one for each of the {channelCount} channels, all finite");
            values = [absent];
        }

        return [.. Enumerable.Range(0, channelCount).Select(c => values[values.Count == 1 ? 0 : c])];
    }
}
