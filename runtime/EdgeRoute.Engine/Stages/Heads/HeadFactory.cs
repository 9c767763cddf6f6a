using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>Makes the head that a manifest's exit block asks for.</summary>
internal static class HeadFactory
{
    public static IHead Create(ExitSpec exit) => exit.Head switch
    {
        HeadKind.SoftmaxClassification => new ClassificationHead(exit.ClassCount, appliesSoftmax: true, exit.TsallisOrder),
        HeadKind.ProbabilityClassification => new ClassificationHead(exit.ClassCount, appliesSoftmax: false, exit.TsallisOrder),
        HeadKind.Yolox => new YoloxHead(exit.Detection!, exit.ClassCount, exit.Strides, exit.IsDecoded),
        HeadKind.FastestDet => new FastestDetHead(exit.Detection!, exit.ClassCount, exit.ObjectnessPower, exit.ClassPower),
        HeadKind.Dfl =>
            new DflHead(exit.Detection!, exit.ClassCount, exit.Strides, exit.BinCount, exit.AppliesSigmoid, exit.CellOffset),
        HeadKind.Yolov8 or HeadKind.Yolov8Pose or HeadKind.Yolov8Obb or HeadKind.Yolov8Seg =>
            new YoloHead(exit.Detection!, exit.ClassCount, exit.Boxes, hasObjectness: false, CandidateDetails.Of(exit)),
        HeadKind.Yolov5 or HeadKind.Yolov5Seg =>
            new YoloHead(exit.Detection!, exit.ClassCount, exit.Boxes, hasObjectness: true, CandidateDetails.Of(exit)),
        HeadKind.EndToEnd or HeadKind.EndToEndPose or HeadKind.EndToEndObb or HeadKind.EndToEndSeg =>
            new EndToEndHead(exit.Detection!, exit.ClassCount, exit.Boxes, exit.FirstClass, CandidateDetails.Of(exit), exit.HasBatchColumn),
        HeadKind.Detr => new DetrHead(exit.Detection!, exit.ClassCount, exit.Boxes, exit.Activation, exit.FirstClass),
        HeadKind.Ssd => new SsdHead(exit.Detection!, exit.ClassCount, exit.Boxes, exit.FirstClass),
        HeadKind.SemanticSegmentation => new SegmentationHead(exit.ClassCount),
        HeadKind.Depth => new DepthHead(),
        HeadKind.ClassMap => new ClassMapHead(exit.ClassCount),
        HeadKind.Yunet => new YunetHead(exit.Detection!, exit.ClassCount, exit.Strides, exit.KeypointCount),
        HeadKind.DbText => new DbTextHead(exit.Detection!, exit.TextMap),
        HeadKind.CtcText => new CtcTextHead(exit.ClassCount, exit.Blank, exit.Activation == ClassActivation.Softmax, exit.TextLimit),
        HeadKind.Embedding => new EmbeddingHead(exit.DimensionCount, exit.Normalizes),
        HeadKind.Policy => new PolicyHead(exit.StepCount, exit.DimensionCount, exit.HasConfidence),
        _ => throw new ArgumentOutOfRangeException(nameof(exit), exit.Head, "There is no head of this kind."),
    };
}
