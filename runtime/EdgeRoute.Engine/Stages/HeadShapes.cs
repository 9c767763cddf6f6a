using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages;

/// <summary>The shapes that the heads of decoded boxes read, and, the other way round, the heads that read a shape.</summary>
public static class HeadShapes
{
    /// <summary>Rows of six numbers: more than this many are cells of one class, not boxes that are left after suppression.</summary>
    private const int ListedBoxesMost = 1000;

    /// <summary>By output of the exit: each shape that would do. Sizes that do not matter are -1.</summary>
    public static IReadOnlyList<IReadOnlyList<long[]>> Of(ExitSpec exit)
    {
        int classes = exit.ClassCount, details = exit.DetailValueCount;
        return exit.Head switch
        {
            HeadKind.Yolov8 => [Either(4 + classes)],
            HeadKind.Yolov5 => [Either(5 + classes)],
            HeadKind.EndToEnd => [Rows(exit.HasBatchColumn ? 7 : 6)],
            HeadKind.Detr when exit.Activation == ClassActivation.Softmax => [[[1, -1, classes + 1]], Boxes],
            HeadKind.Detr when exit.FirstClass > 0 => [[[1, -1, classes + 1]], Boxes],
            HeadKind.Detr => [[[1, -1, classes], [1, -1, classes + 1]], Boxes],
            HeadKind.Ssd => [[[1, -1, 4], [-1, 4]], List, List],
            HeadKind.Yolov8Pose or HeadKind.Yolov8Obb => [Either(4 + classes + details)],
            HeadKind.EndToEndPose or HeadKind.EndToEndObb => [Rows(6 + details)],
            HeadKind.Yolov8Seg => [Either(4 + classes + details), [[1, details, -1, -1]]],
            HeadKind.EndToEndSeg => [Rows(6 + details), [[1, details, -1, -1]]],
            HeadKind.SemanticSegmentation => [[[1, classes, -1, -1]]],
            HeadKind.Depth or HeadKind.ClassMap => [[[1, 1, -1, -1], [1, -1, -1]]],
            HeadKind.Yolov5Seg => [Either(5 + classes + details), [[1, details, -1, -1]]],
            HeadKind.DbText => [[[1, 1, -1, -1]]],
            HeadKind.CtcText => [[[1, -1, classes + 1], [-1, 1, classes + 1]]],
            _ => [],
        };
    }

    /// <summary>
    /// Which side of an output counts rows of which each picture may have another number: those that a model which suppresses overlaps
    /// itself has left.
    /// </summary>
    /// <param name="output">Its place in the exit.</param>
    /// <returns>-1 where the head reads a fixed number.</returns>
    internal static int RowAxis(ExitSpec exit, int output, int rank)
    {
        var shapes = exit.RowLimit > 0 ? Of(exit) : [];
        var rows = output < shapes.Count ? shapes[output].FirstOrDefault(s => s.Length == rank && s.Count(size => size < 0) == 1) : null;
        return rows is null ? -1 : Array.IndexOf(rows, -1);
    }

    /// <summary>What a head reads, for messages about shapes.</summary>
    internal static string LabelWords(ExitSpec exit) => exit.ClassCount == 0 ? ""
        : $" with {exit.ClassCount} labels{DetailWords(exit)}";

    private static string DetailWords(ExitSpec exit) => exit.Details.Kind switch
    {
        DetailKind.Keypoints => $", {exit.KeypointCount} key points of {exit.KeypointValues} numbers",
        DetailKind.Corners => " and an angle",
        DetailKind.Mask => $" and {exit.MaskCount} mask coefficients",
        _ => "",
    };

    /// <summary>Heads that read such outputs, in the words of manifests, with the number of labels that each would want.</summary>
    public static IReadOnlyList<FittingHead> Fitting(IReadOnlyList<IReadOnlyList<long>> shapes)
    {
        if (shapes.Count == 1 && shapes[0] is [1 or -1, > 0, > 0])
        {
            return FittingOne(shapes[0][1], shapes[0][2]);
        }

        if (shapes.Count == 2 && shapes[0] is [1 or -1, > 0, > 0] && shapes[1] is [_, > 0, _, _]
            && Math.Min(shapes[0][1], shapes[0][2]) - 4 - shapes[1][1] is > 0 and var labels)
        {
            return [new FittingHead(HeadKind.Yolov8Seg, (int)labels)];
        }

        bool isPair = shapes.Count == 2 && shapes[0] is [_, _, > 0] && shapes[1] is [_, _, 4];
        return isPair ? [new FittingHead(HeadKind.Detr, (int)shapes[0][2])] : [];
    }

    /// <summary>The end of a reason why a head cannot read outputs: which one can. Empty where none is known.</summary>
    internal static string Hint(IReadOnlyList<ModelTensor> outputs, int classCount)
    {
        var fitting = Fitting([.. outputs.Select(o => o.Shape)]);
        var exact = fitting.Where(f => f.LabelCount == classCount || f.LabelCount == 0).Select(f => $"'{f.Word}'").ToList();
        string heads = string.Join(" or ", exact.Count > 0 ? exact : fitting.Select(f => $"'{f.Word}' with {f.LabelCount} labels"));
        return heads.Length == 0 ? "" : $"; this shape is what {heads} reads";
    }

    private static List<FittingHead> FittingOne(long first, long second)
    {
        (long width, long count) = first < second ? (first, second) : (second, first);
        var fitting = new List<FittingHead>();
        if (second == 6 && count <= ListedBoxesMost)
        {
            fitting.Add(new FittingHead(HeadKind.EndToEnd, 0));
        }

        if (width > 4)
        {
            fitting.Add(new FittingHead(HeadKind.Yolov8, (int)width - 4));
        }

        if (width > 5)
        {
            fitting.Add(new FittingHead(HeadKind.Yolov5, (int)width - 5));
            fitting.Add(new FittingHead(HeadKind.Yolox, (int)width - 5));
        }

        return fitting;
    }

    private static IReadOnlyList<long[]> Boxes => [[1, -1, 4], [1, -1, 1, 4]];

    private static IReadOnlyList<long[]> List => [[1, -1], [-1]];

    private static IReadOnlyList<long[]> Rows(int width) => [[1, -1, width], [-1, width]];

    private static IReadOnlyList<long[]> Either(int width) => [[1, width, -1], [1, -1, width]];
}

/// <summary>A head whose shape fits, and the labels that it would then want; 0 where the shape does not tell.</summary>
public sealed record FittingHead(HeadKind Head, int LabelCount)
{
    public string Word => ManifestEnums.Of(ManifestEnums.Heads, Head);
}
