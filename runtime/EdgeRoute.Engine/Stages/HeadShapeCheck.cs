using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages;

/// <summary>Whether the outputs that an exit names have the shapes its head decodes, with as many classes as the pack has labels.</summary>
internal static class HeadShapeCheck
{
    /// <param name="input">How the frame enters, where the stage takes it: grids follow from its size.</param>
    /// <param name="outputs">The exit's outputs in its order; null where the model has none of that name (said elsewhere).</param>
    public static void Check(ExitSpec exit, FrameInputSpec? input, IReadOnlyList<ModelTensor?> outputs, ManifestFields fields)
    {
        foreach (var output in outputs.OfType<ModelTensor>().Where(o => !CanRead(exit.Head, o.ElementType)))
        {
            fields.Fail($"output '{output.Name}' yields {output.ElementType}; {ElementsOf(exit)}: end the model with a Cast to float32, "
                + "or a quantised one with its DequantizeLinear");
        }

        if (outputs.Any(o => o is null))
        {
            return;
        }

        ModelTensor[] found = [.. outputs.OfType<ModelTensor>()];
        switch (exit.Head)
        {
            case HeadKind.Yolox:
                CheckShape(found, [1, Cells(exit, input, isRoundedUp: false), 5 + exit.ClassCount], exit, fields);
                break;
            case HeadKind.FastestDet:
                CheckShape(found, [1, 5 + exit.ClassCount, -1, -1], exit, fields);
                break;
            case HeadKind.Dfl:
                CheckLevels(exit, input, found, fields);
                break;
            case HeadKind.Yolov8 or HeadKind.Yolov5 or HeadKind.EndToEnd or HeadKind.Detr or HeadKind.Ssd:
            case HeadKind.Yolov8Pose or HeadKind.EndToEndPose or HeadKind.Yolov8Obb or HeadKind.EndToEndObb:
            case HeadKind.Yolov8Seg or HeadKind.EndToEndSeg or HeadKind.SemanticSegmentation or HeadKind.Depth:
            case HeadKind.Yolov5Seg or HeadKind.DbText or HeadKind.CtcText or HeadKind.ClassMap:
                CheckBoxes(exit, found, fields);
                break;
            case HeadKind.Yunet:
                CheckFaces(exit, input, found, fields);
                break;
            case HeadKind.Policy:
                CheckPolicy(exit, found, fields);
                break;
            case HeadKind.Embedding:
                CheckCount(found, exit.DimensionCount, $"'dimension_count' is {exit.DimensionCount}", fields);
                break;
            default:
                CheckCount(found, exit.ClassCount, $"the pack has {exit.ClassCount} labels", fields);
                break;
        }
    }

    private static void CheckLevels(ExitSpec exit, FrameInputSpec? input, ModelTensor[] outputs, ManifestFields fields)
    {
        int levels = exit.Strides.Count;
        if (outputs.Length == 1)
        {
            CheckShape(outputs, [1, Cells(exit, input, isRoundedUp: true), exit.ClassCount + (4 * exit.BinCount)], exit, fields);
            return;
        }

        for (int i = 0; i < levels; i++)
        {
            long cells = input is null ? -1 : CellsOf(input, exit.Strides[i], isRoundedUp: true);
            CheckShape([outputs[i]], [1, cells, exit.ClassCount], exit, fields);
            CheckShape([outputs[levels + i]], [1, cells, 4 * exit.BinCount], exit, fields);
        }
    }

    private static void CheckFaces(ExitSpec exit, FrameInputSpec? input, ModelTensor[] outputs, ManifestFields fields)
    {
        int levels = exit.Strides.Count;
        long[] widths = [exit.ClassCount, 1, 4, 2 * exit.KeypointCount];
        for (int i = 0; i < outputs.Length; i++)
        {
            long cells = input is null ? -1 : CellsOf(input, exit.Strides[i % levels], isRoundedUp: true);
            CheckShape([outputs[i]], [1, cells, widths[i / levels]], exit, fields);
        }
    }

    private static void CheckBoxes(ExitSpec exit, ModelTensor[] outputs, ManifestFields fields)
    {
        var wanted = HeadShapes.Of(exit);
        for (int i = 0; i < wanted.Count; i++)
        {
            if (!wanted[i].Any(outputs[i].Fits))
            {
                string shapes = string.Join(" or ", wanted[i].Select(ModelTensor.ShapeTextOf));
                fields.Fail($"output '{outputs[i].Name}' has shape {outputs[i].ShapeText}; head '{WordOf(exit)}'"
                    + $"{HeadShapes.LabelWords(exit)} reads {shapes}{Turned(outputs[i], wanted[i]) ?? HintOf(exit, outputs)}");
            }
        }
    }

    /// <summary>Shapes do not tell details from classes, so there is nothing to propose where a head reads both.</summary>
    private static string HintOf(ExitSpec exit, ModelTensor[] outputs) =>
        exit.DetailValueCount > 0 ? "" : HeadShapes.Hint(outputs, exit.ClassCount);

    /// <summary>Classes and numbers of boxes that the model has made itself are whole numbers as often as not.</summary>
    private static bool CanRead(HeadKind head, string elementType) => elementType is "float32" or "float16"
        || (head is HeadKind.Ssd or HeadKind.ClassMap && elementType is "int64" or "int32" or "uint8");

    private static string ElementsOf(ExitSpec exit) => exit.Head is HeadKind.Ssd or HeadKind.ClassMap
        ? $"head '{WordOf(exit)}' reads float32, float16, int64, int32 or uint8" : "heads read float32 or float16";

    private static void CheckPolicy(ExitSpec exit, ModelTensor[] outputs, ManifestFields fields)
    {
        var actions = exit.HasConfidence ? outputs[..^1] : outputs;
        CheckCount(actions, (long)exit.StepCount * exit.DimensionCount,
            $"{exit.StepCount} steps of {exit.DimensionCount} dimensions are declared", fields);
        if (exit.HasConfidence)
        {
            CheckCount(outputs[^1..], 1, "a confidence is one value", fields);
        }
    }

    private static void CheckCount(ModelTensor[] outputs, long wanted, string because, ManifestFields fields)
    {
        if (outputs.Any(o => o.ValueCount < 0))
        {
            return;
        }

        long found = outputs.Sum(o => o.ValueCount);
        if (found != wanted)
        {
            fields.Fail($"{string.Join(" and ", outputs.Select(o => $"output '{o.Name}' {o.ShapeText}"))} yields {found} values, "
                + $"but {because}");
        }
    }

    private static void CheckShape(ModelTensor[] outputs, long[] wanted, ExitSpec exit, ManifestFields fields)
    {
        if (!outputs[0].Fits(wanted))
        {
            fields.Fail($"output '{outputs[0].Name}' has shape {outputs[0].ShapeText}; head '{WordOf(exit)}' with {exit.ClassCount} labels "
                + $"and this input reads {ModelTensor.ShapeTextOf(wanted)}"
                + (Turned(outputs[0], [wanted]) ?? HeadShapes.Hint(outputs, exit.ClassCount)));
        }
    }

    /// <summary>The end of a reason where the output has the right sides in another order; null where it has not.</summary>
    private static string? Turned(ModelTensor output, IReadOnlyList<long[]> wanted)
    {
        long[] shape = [.. output.Shape];
        if (shape.Length is not (3 or 4) || output.IsRankOpen)
        {
            return null;
        }

        long[] turned = shape.Length == 3 ? [shape[0], shape[2], shape[1]] : [shape[0], shape[3], shape[1], shape[2]];
        return wanted.Any(w => new ModelTensor(output.Name, output.ElementType, turned).Fits(w))
            ? $"; it is transposed: name the output before its last transposition, or transpose it to {ModelTensor.ShapeTextOf(turned)}"
            : null;
    }

    private static string WordOf(ExitSpec exit) => ManifestEnums.Of(ManifestEnums.Heads, exit.Head);

    private static long Cells(ExitSpec exit, FrameInputSpec? input, bool isRoundedUp) =>
        input is null ? -1 : exit.Strides.Sum(s => CellsOf(input, s, isRoundedUp));

    private static long CellsOf(FrameInputSpec input, int stride, bool isRoundedUp)
    {
        int more = isRoundedUp ? stride - 1 : 0;
        return (long)((input.Width + more) / stride) * ((input.Height + more) / stride);
    }
}
