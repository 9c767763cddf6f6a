using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Documents.Packs;

/// <summary>How a stage's output tensors become an answer.</summary>
public enum HeadKind : byte
{
    /// <summary>Logits; softmax is applied here.</summary>
    SoftmaxClassification = 1,

    /// <summary>Class probabilities as they are.</summary>
    ProbabilityClassification = 2,

    /// <summary>YOLOX grid, raw or decoded, [1, N, 5 + classes].</summary>
    Yolox = 3,

    /// <summary>FastestDet cells, [1, 5 + classes, H, W].</summary>
    FastestDet = 4,

    /// <summary>Class maps and distance distributions per stride (NanoDet, PicoDet).</summary>
    Dfl = 5,

    Embedding = 6,

    /// <summary>An action chunk.</summary>
    Policy = 7,

    /// <summary>Decoded boxes and class probabilities, [1, 4 + classes, N] or [1, N, 4 + classes].</summary>
    Yolov8 = 8,

    /// <summary>Decoded boxes, objectness and class probabilities, [1, N, 5 + classes].</summary>
    Yolov5 = 9,

    /// <summary>Suppressed rows of box, confidence and class, [1, N, 6].</summary>
    EndToEnd = 10,

    /// <summary>Class logits and boxes of N queries, [1, N, classes] and [1, N, 4].</summary>
    Detr = 11,

    /// <summary>Lists of boxes, classes and confidences, each a tensor of its own.</summary>
    Ssd = 12,

    /// <summary><see cref="Yolov8"/> with key points after the classes.</summary>
    Yolov8Pose = 13,

    /// <summary><see cref="EndToEnd"/> with key points after the class.</summary>
    EndToEndPose = 14,

    /// <summary><see cref="Yolov8"/> with the angle of the box after the classes.</summary>
    Yolov8Obb = 15,

    /// <summary><see cref="EndToEnd"/> with the angle of the box after the class.</summary>
    EndToEndObb = 16,

    /// <summary><see cref="Yolov8"/> with mask coefficients after the classes, and prototypes.</summary>
    Yolov8Seg = 17,

    /// <summary><see cref="EndToEnd"/> with mask coefficients after the class, and prototypes.</summary>
    EndToEndSeg = 18,

    /// <summary>Logits of each place, [1, classes, H, W].</summary>
    SemanticSegmentation = 19,

    /// <summary>Depth of each place, [1, 1, H, W] or [1, H, W].</summary>
    Depth = 20,

    /// <summary>Faces per stride (YuNet): class, objectness, box and key points, each a tensor [1, N, ..].</summary>
    Yunet = 21,

    /// <summary>Probability that a place is text (DB), [1, 1, H, W].</summary>
    DbText = 22,

    /// <summary>Characters of a line of text (CTC), [1, steps, classes] or [steps, 1, classes].</summary>
    CtcText = 23,

    /// <summary>The number of the class of each place, [1, H, W] or [1, 1, H, W].</summary>
    ClassMap = 24,

    /// <summary><see cref="Yolov5"/> with mask coefficients after the classes, and prototypes.</summary>
    Yolov5Seg = 25,
}

/// <summary>What the four numbers of a box are.</summary>
public enum BoxForm : byte
{
    /// <summary>Centre x, centre y, width, height.</summary>
    Center = 1,

    /// <summary>Left, top, right, bottom.</summary>
    Corners = 2,

    /// <summary>Top, left, bottom, right.</summary>
    CornersYx = 3,
}

/// <summary>What a box is measured in.</summary>
public enum BoxUnit : byte
{
    /// <summary>Pixels of the input tensor.</summary>
    Pixel = 1,

    /// <summary>Fractions of its sides.</summary>
    Fraction = 2,
}

/// <summary>How a query's logits become probabilities.</summary>
public enum ClassActivation : byte
{
    /// <summary>Each class for itself.</summary>
    Sigmoid = 1,

    /// <summary>All classes together, with one more at the end for "nothing".</summary>
    Softmax = 2,

    /// <summary>They are probabilities already.</summary>
    None = 3,
}

/// <summary>How a tensor writes boxes.</summary>
public readonly record struct BoxCoding(BoxForm Form, BoxUnit Unit);

/// <summary>How a map of probabilities becomes boxes around text (DB, Liao et al., arXiv 1911.08947).</summary>
/// <param name="Threshold">Cells above it belong to text.</param>
/// <param name="UnclipRatio">A box grows on each side by its area times this, over its perimeter.</param>
/// <param name="MinSize">Cells of a box's shorter side at least, before it grows; after it two more.</param>
public readonly record struct TextMapRules(float Threshold, float UnclipRatio, float MinSize);

/// <summary>Numbers that every detection head needs.</summary>
/// <param name="Threshold">Confidence from which on a candidate is a detection.</param>
/// <param name="DoubtFloor">Confidence from which on a candidate counts as doubt; lower ones are not looked at.</param>
/// <param name="NmsOverlap">Two boxes of one class that overlap more (intersection over union) are one thing.</param>
/// <param name="Limit">Detections reported per frame, the surest first.</param>
public sealed record DetectionSettings(float Threshold, float DoubtFloor, float NmsOverlap, int Limit)
{
    /// <inheritdoc cref="ExitSpec.TsallisOrder"/>
    public float TsallisOrder { get; init; } = TsallisEntropy.UsualOrder;
}

/// <summary>A manifest's exit block. Settings that the head does not use hold their neutral value.</summary>
/// <param name="OutputNames">The tensors handed to the head, in its order.</param>
/// <param name="ClassCount">Classes of a classification or detection; 0 for other tasks.</param>
public sealed record ExitSpec(HeadKind Head, IReadOnlyList<string> OutputNames, int ClassCount)
{
    public DetectionSettings? Detection { get; init; }

    /// <summary>Input pixels per cell, one per level.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [];

    /// <summary>Bins of each distance distribution (the papers' reg_max + 1).</summary>
    public int BinCount { get; init; }

    /// <summary>Where in its cell a box's distances begin, in cells from the cell's upper left corner.</summary>
    public float CellOffset { get; init; }

    /// <summary>Class maps are logits.</summary>
    public bool AppliesSigmoid { get; init; }

    /// <summary>Boxes come in input pixels: the model decodes them itself.</summary>
    public bool IsDecoded { get; init; }

    /// <summary>Confidence = objectness^ObjectnessPower * class probability^ClassPower.</summary>
    public float ObjectnessPower { get; init; } = 1;

    /// <inheritdoc cref="ObjectnessPower"/>
    public float ClassPower { get; init; } = 1;

    /// <summary>Order of the signal tsallis_entropy.</summary>
    public float TsallisOrder { get; init; } = TsallisEntropy.UsualOrder;

    /// <summary>Classes worth reporting to people, the surest first.</summary>
    public int TopCount { get; init; } = 1;

    /// <summary>The embedding is scaled to unit length.</summary>
    public bool Normalizes { get; init; }

    /// <summary>Steps of the action chunk.</summary>
    public int StepCount { get; init; }

    /// <summary>Values per step; for an embedding, its length.</summary>
    public int DimensionCount { get; init; }

    /// <summary>How boxes are written.</summary>
    public BoxCoding Boxes { get; init; }

    /// <summary>How logits of queries are read.</summary>
    public ClassActivation Activation { get; init; }

    /// <summary>Rows begin with the number of the picture in the batch, and end with the class before the confidence.</summary>
    public bool HasBatchColumn { get; init; }

    /// <summary>Rows that the model leaves in one picture at most, where it suppresses overlaps itself; else 0.</summary>
    public int RowLimit { get; init; }

    /// <summary>The number by which the tensor calls the first label.</summary>
    public int FirstClass { get; init; }

    /// <summary>Key points of each detection.</summary>
    public int KeypointCount { get; init; }

    /// <summary>Numbers of a key point: 2 for its place, 3 with its visibility.</summary>
    public int KeypointValues { get; init; }

    /// <summary>Prototypes that masks are mixed from.</summary>
    public int MaskCount { get; init; }

    /// <summary>How a map of probabilities becomes boxes of text.</summary>
    public TextMapRules TextMap { get; init; }

    /// <summary>Which column of a step stands for no character.</summary>
    public int Blank { get; init; }

    /// <summary>Characters of a text at most.</summary>
    public int TextLimit { get; init; }

    /// <summary>What the answer says of a detection beyond its box.</summary>
    public DetailForm Details => Head switch
    {
        HeadKind.Yolov8Pose or HeadKind.EndToEndPose or HeadKind.Yunet => new DetailForm(DetailKind.Keypoints, KeypointCount),
        HeadKind.Yolov8Obb or HeadKind.EndToEndObb or HeadKind.DbText => DetailForm.Corners,
        HeadKind.Yolov8Seg or HeadKind.EndToEndSeg or HeadKind.Yolov5Seg => DetailForm.Mask,
        _ => default,
    };

    /// <summary>Numbers of each candidate after its box and classes.</summary>
    public int DetailValueCount => Details.Kind switch
    {
        DetailKind.Keypoints => KeypointCount * KeypointValues,
        DetailKind.Corners => Head == HeadKind.DbText ? 0 : 1,
        DetailKind.Mask => MaskCount,
        _ => 0,
    };

    /// <summary>The last output holds the policy's own confidence.</summary>
    public bool HasConfidence { get; init; }

    public TaskKind Task => TaskOf(Head);

    public static TaskKind TaskOf(HeadKind head) => head switch
    {
        HeadKind.SoftmaxClassification or HeadKind.ProbabilityClassification => TaskKind.Classification,
        HeadKind.Embedding => TaskKind.Embedding,
        HeadKind.Policy => TaskKind.Policy,
        HeadKind.SemanticSegmentation or HeadKind.ClassMap => TaskKind.Segmentation,
        HeadKind.CtcText => TaskKind.Text,
        HeadKind.Depth => TaskKind.Depth,
        _ => TaskKind.Detection,
    };

    /// <summary>Whether this exit computes a signal; a threshold on one that it does not would always say the same.</summary>
    public bool Gives(ExitSignalKind signal) => Task switch
    {
        TaskKind.Detection => signal != ExitSignalKind.Energy,
        TaskKind.Classification => signal is not (ExitSignalKind.LowConfidenceMass or ExitSignalKind.Count or ExitSignalKind.Energy)
            || (signal == ExitSignalKind.Energy && Head == HeadKind.SoftmaxClassification),
        TaskKind.Policy => signal is ExitSignalKind.CarriedAgreement or ExitSignalKind.Consistency
            || (HasConfidence && signal is ExitSignalKind.MaxProbability or ExitSignalKind.Margin or ExitSignalKind.Entropy),
        TaskKind.Segmentation or TaskKind.Text => signal is ExitSignalKind.CarriedAgreement or ExitSignalKind.Consistency
            || (Head != HeadKind.ClassMap
                && signal is ExitSignalKind.MaxProbability or ExitSignalKind.Margin or ExitSignalKind.Entropy),
        _ => signal is ExitSignalKind.CarriedAgreement or ExitSignalKind.Consistency,
    };
}
