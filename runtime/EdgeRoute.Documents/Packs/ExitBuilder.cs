using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks a stage's exit block: the head is known, has what it needs, and nothing that it would ignore.</summary>
internal sealed class ExitBuilder(TaskKind? task, int labelCount)
{
    /// <summary>Most detections an answer reports; beyond this no consumer on a robot looks.</summary>
    public const int DetectionLimit = 1000;

    /// <summary>Key points of a detection, and prototypes of masks: published models have up to 133 and 32.</summary>
    private const int PointLimit = 256;

    /// <summary>Prototypes of YOLACT and of what came after it.</summary>
    private const int UsualMaskCount = 32;

    /// <summary>Eyes, nose and corners of the mouth.</summary>
    private const int FacePoints = 5;

    /// <summary>Characters of a line: published recognisers have 40 steps for a usual line, and a few hundred for the longest.</summary>
    private const int TextLimit = 1024, UsualTextLimit = 256;

    /// <summary>Tensors of each stride: class, objectness, box and key points.</summary>
    private const int YunetTensors = 4;

    /// <summary>Published models leave 100 or 300 rows; each one has room in memory.</summary>
    private const int RowLimit = 65536, UsualRowLimit = 1000;

    private static readonly string[] DetectionNames = ["detection_threshold", "doubt_floor", "nms_overlap", "detection_limit",
        "tsallis_order"];

    public ExitSpec? Build(ManifestDocument.ExitPart part, ManifestFields fields)
    {
        if (part.Head is null)
        {
            fields.Fail($"it has no 'head'; known: {string.Join(", ", ManifestEnums.Heads.Select(h => h.Text))}");
            return null;
        }

        if (!ManifestEnums.Heads.Any(h => h.Text == part.Head))
        {
            fields.Fail($"head '{part.Head}' is unknown{NearestName.Hint(part.Head, ManifestEnums.Heads.Select(h => h.Text))}; known: "
                + string.Join(", ", ManifestEnums.Heads.Select(h => h.Text)));
            return null;
        }

        var head = ManifestEnums.Heads.First(h => h.Text == part.Head).Value;
        CheckTask(head, part.Head, fields);
        CheckIgnored(head, part, fields);
        var spec = Settings(new ExitSpec(head, part.Outputs ?? [], ClassCount(head)), part, fields);
        CheckOutputs(spec, part.Head, fields);
        return part.ConfidenceOutput is null ? spec : spec with { OutputNames = [.. spec.OutputNames, part.ConfidenceOutput],
            HasConfidence = true };
    }

    private int ClassCount(HeadKind head) => ExitSpec.TaskOf(head) is TaskKind.Classification or TaskKind.Detection
        or TaskKind.Segmentation or TaskKind.Text ? labelCount : 0;

    private void CheckTask(HeadKind head, string word, ManifestFields fields)
    {
        var own = ExitSpec.TaskOf(head);
        if (task is { } wanted && own != wanted)
        {
            fields.Fail($"head '{word}' answers a task of '{ManifestEnums.Of(ManifestEnums.Tasks, own)}', "
                + $"but the pack's task is '{ManifestEnums.Of(ManifestEnums.Tasks, wanted)}'");
        }
    }

    private ExitSpec Settings(ExitSpec spec, ManifestDocument.ExitPart part, ManifestFields fields) => spec.Head switch
    {
        HeadKind.Yolox => spec with
        {
            Detection = Detection(part, fields),
            Strides = Strides(part, fields),
            IsDecoded = part.Decoded ?? false,
        },
        HeadKind.FastestDet => spec with
        {
            Detection = Detection(part, fields),
            ObjectnessPower = fields.Number("objectness_power", part.ObjectnessPower, 0.01f, 10, absent: 1),
            ClassPower = fields.Number("class_power", part.ClassPower, 0.01f, 10, absent: 1),
        },
        HeadKind.Dfl => spec with
        {
            Detection = Detection(part, fields),
            Strides = Strides(part, fields),
            BinCount = fields.Whole("bin_count", part.BinCount, 2, 64),
            CellOffset = fields.Number("cell_offset", part.CellOffset, 0, 1, absent: 0.5f),
            AppliesSigmoid = part.ApplySigmoid ?? false,
        },
        HeadKind.Yolov8 or HeadKind.Yolov5 or HeadKind.Yolov8Pose or HeadKind.Yolov8Obb or HeadKind.Yolov8Seg or HeadKind.Yolov5Seg =>
            Detailed(spec with
            {
                Detection = Detection(part, fields), Boxes = Boxes(part, BoxForm.Center, BoxUnit.Pixel, fields),
            }, part, fields),
        HeadKind.EndToEnd => Listed(spec, part, BoxForm.Corners, BoxUnit.Pixel, fields) with { HasBatchColumn = part.BatchColumn ?? false },
        HeadKind.EndToEndPose or HeadKind.EndToEndSeg =>
            Detailed(Listed(spec, part, BoxForm.Corners, BoxUnit.Pixel, fields), part, fields),
        HeadKind.EndToEndObb => Listed(spec, part, BoxForm.Center, BoxUnit.Pixel, fields),
        HeadKind.Ssd => Listed(spec, part, BoxForm.CornersYx, BoxUnit.Fraction, fields),
        HeadKind.Detr => spec with
        {
            Detection = Detection(part, fields, usualOverlap: 1),
            Boxes = Boxes(part, BoxForm.Center, BoxUnit.Fraction, fields),
            Activation = fields.Choice("activation", part.Activation, ManifestEnums.Activations, ClassActivation.Sigmoid),
            FirstClass = fields.Whole("first_class", part.FirstClass, 0, 1, absent: 0),
        },
        HeadKind.Yunet => spec with
        {
            Detection = Detection(part, fields),
            Strides = Strides(part, fields),
            KeypointCount = fields.Whole("keypoint_count", part.KeypointCount, 1, PointLimit, absent: FacePoints),
            KeypointValues = 2,
        },
        HeadKind.DbText => TextMap(spec, part, fields),
        HeadKind.CtcText => Text(spec, part, fields),
        HeadKind.Embedding => spec with
        {
            DimensionCount = fields.Whole("dimension_count", part.DimensionCount, 1, 65536),
            Normalizes = part.Normalize ?? false,
        },
        HeadKind.Policy => spec with
        {
            StepCount = fields.Whole("step_count", part.StepCount, 1, 1024),
            DimensionCount = fields.Whole("dimension_count", part.DimensionCount, 1, 1024),
        },
        HeadKind.SemanticSegmentation or HeadKind.Depth or HeadKind.ClassMap => spec,
        _ => spec with
        {
            TopCount = fields.Whole("top_k", part.TopK, 1, Math.Max(1, labelCount), absent: 1),
            TsallisOrder = TsallisOrder(part, fields),
        },
    };

    /// <summary>Heads whose model numbers the classes itself, and has suppressed what overlaps.</summary>
    private static ExitSpec Listed(ExitSpec spec, ManifestDocument.ExitPart part, BoxForm form, BoxUnit unit, ManifestFields fields) =>
        spec with
        {
            Detection = Detection(part, fields, usualOverlap: 1),
            Boxes = Boxes(part, form, unit, fields),
            FirstClass = fields.Whole("first_class", part.FirstClass, 0, 65536, absent: 0),
            RowLimit = fields.Whole("row_limit", part.RowLimit, 1, RowLimit, absent: UsualRowLimit),
        };

    private static ExitSpec Detailed(ExitSpec spec, ManifestDocument.ExitPart part, ManifestFields fields) => spec.Details.Kind switch
    {
        DetailKind.Keypoints => spec with
        {
            KeypointCount = fields.Whole("keypoint_count", part.KeypointCount, 1, PointLimit),
            KeypointValues = fields.Whole("keypoint_values", part.KeypointValues, 2, 3, absent: 3),
        },
        DetailKind.Mask => spec with { MaskCount = fields.Whole("mask_count", part.MaskCount, 1, PointLimit, absent: UsualMaskCount) },
        _ => spec,
    };

    private ExitSpec TextMap(ExitSpec spec, ManifestDocument.ExitPart part, ManifestFields fields)
    {
        if (labelCount != 1)
        {
            fields.Fail($"head 'db_text' finds one class, text; the pack has {labelCount} labels");
        }

        return spec with
        {
            Detection = Detection(part, fields, usualOverlap: 1),
            TextMap = new TextMapRules(
                fields.Number("map_threshold", part.MapThreshold, 0.001f, 0.999f, absent: 0.3f),
                fields.Number("unclip_ratio", part.UnclipRatio, 0, 10, absent: 1.5f),
                fields.Number("min_size", part.MinSize, 0, 1000, absent: 3)),
        };
    }

    private ExitSpec Text(ExitSpec spec, ManifestDocument.ExitPart part, ManifestFields fields)
    {
        var activation = fields.Choice("activation", part.Activation, ManifestEnums.Activations, ClassActivation.None);
        if (activation == ClassActivation.Sigmoid)
        {
            fields.Fail("'activation' of head 'ctc_text' is 'none' where the steps are probabilities, or 'softmax' where they are logits");
        }

        return spec with
        {
            Activation = activation,
            Blank = fields.Whole("blank", part.Blank, 0, Math.Max(0, labelCount), absent: 0),
            TextLimit = fields.Whole("text_limit", part.TextLimit, 1, TextLimit, absent: UsualTextLimit),
        };
    }

    private static BoxCoding Boxes(ManifestDocument.ExitPart part, BoxForm usualForm, BoxUnit usualUnit, ManifestFields fields) =>
        new(fields.Choice("box_form", part.BoxForm, ManifestEnums.BoxForms, usualForm),
            fields.Choice("box_unit", part.BoxUnit, ManifestEnums.BoxUnits, usualUnit));

    /// <param name="usualOverlap">Of heads whose model has suppressed already: nothing overlaps more than wholly.</param>
    private static DetectionSettings Detection(ManifestDocument.ExitPart part, ManifestFields fields, float? usualOverlap = null)
    {
        // A floor of zero would make every cell of every map a candidate.
        float threshold = fields.Number("detection_threshold", part.DetectionThreshold, 0.001f, 1);
        float floor = fields.Number("doubt_floor", part.DoubtFloor, 0.001f, 1);
        if (part.DoubtFloor is not null && part.DetectionThreshold is not null && floor > threshold)
        {
            fields.Fail(FormattableString.Invariant($"'doubt_floor' ({floor}) must not lie above 'detection_threshold' ({threshold})"));
        }

        return new DetectionSettings(
            threshold, floor, fields.Number("nms_overlap", part.NmsOverlap, 0, 1, usualOverlap),
            fields.Whole("detection_limit", part.DetectionLimit, 1, DetectionLimit))
        {
            TsallisOrder = TsallisOrder(part, fields),
        };
    }

    private static float TsallisOrder(ManifestDocument.ExitPart part, ManifestFields fields) =>
        fields.Number("tsallis_order", part.TsallisOrder, 0.01f, 100, absent: TsallisEntropy.UsualOrder);

    private static List<int> Strides(ManifestDocument.ExitPart part, ManifestFields fields)
    {
        var strides = part.Strides ?? [];
        if (strides.Count is 0 or > 8 || strides.Any(s => s is < 1 or > 512))
        {
            fields.Fail("'strides' must list 1 to 8 numbers of input pixels per cell, each 1 to 512");
        }

        return strides;
    }

    private static void CheckOutputs(ExitSpec spec, string word, ManifestFields fields)
    {
        int given = spec.OutputNames.Count;
        int wanted = spec.Head switch
        {
            HeadKind.Dfl => given == 1 ? 1 : 2 * spec.Strides.Count,
            HeadKind.Yunet => YunetTensors * spec.Strides.Count,
            HeadKind.Policy => Math.Max(1, given),
            HeadKind.Detr or HeadKind.Yolov8Seg or HeadKind.EndToEndSeg or HeadKind.Yolov5Seg => 2,
            HeadKind.Ssd => Math.Clamp(given, 3, 4),
            _ => 1,
        };
        if (given != wanted)
        {
            string order = spec.Head switch
            {
                HeadKind.Dfl => " (the class maps, then the distance maps, in the order of the strides; or one tensor of both)",
                HeadKind.Yunet => " (classes, then objectnesses, boxes and key points, each in the order of the strides)",
                HeadKind.Detr => " (the logits, then the boxes)",
                HeadKind.Yolov8Seg or HeadKind.EndToEndSeg or HeadKind.Yolov5Seg =>
                    " (the boxes with their coefficients, then the prototypes)",
                HeadKind.Ssd => " (boxes, classes, confidences and, where there is one, the number of them)",
                _ => "",
            };
            fields.Fail($"'outputs' names {given} tensors; head '{word}' reads {wanted}{order}");
        }

        foreach (var twice in spec.OutputNames.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            fields.Fail($"'outputs' names '{twice.Key}' twice");
        }
    }

    /// <summary>A setting that the head would not look at is a misunderstanding that would otherwise stay unseen.</summary>
    private static void CheckIgnored(HeadKind head, ManifestDocument.ExitPart part, ManifestFields fields)
    {
        string[] used = head switch
        {
            HeadKind.Yolox => [.. DetectionNames, "strides", "decoded"],
            HeadKind.FastestDet => [.. DetectionNames, "objectness_power", "class_power"],
            HeadKind.Dfl => [.. DetectionNames, "strides", "bin_count", "apply_sigmoid", "cell_offset"],
            HeadKind.Yunet => [.. DetectionNames, "strides", "keypoint_count"],
            HeadKind.DbText => [.. DetectionNames, "map_threshold", "unclip_ratio", "min_size"],
            HeadKind.CtcText => ["activation", "blank", "text_limit"],
            HeadKind.Yolov8 or HeadKind.Yolov5 => [.. DetectionNames, "box_form", "box_unit"],
            HeadKind.EndToEnd => [.. DetectionNames, "box_form", "box_unit", "first_class", "row_limit", "batch_column"],
            HeadKind.Ssd => [.. DetectionNames, "box_form", "box_unit", "first_class", "row_limit"],
            HeadKind.Yolov8Pose => [.. DetectionNames, "box_form", "box_unit", "keypoint_count", "keypoint_values"],
            HeadKind.EndToEndPose => [.. DetectionNames, "box_form", "box_unit", "first_class", "row_limit", "keypoint_count",
                "keypoint_values"],
            HeadKind.Yolov8Obb => [.. DetectionNames, "box_unit"],
            HeadKind.EndToEndObb => [.. DetectionNames, "box_unit", "first_class", "row_limit"],
            HeadKind.Yolov8Seg or HeadKind.Yolov5Seg => [.. DetectionNames, "box_form", "box_unit", "mask_count"],
            HeadKind.EndToEndSeg => [.. DetectionNames, "box_form", "box_unit", "first_class", "row_limit", "mask_count"],
            HeadKind.Detr => [.. DetectionNames, "box_form", "box_unit", "activation", "first_class"],
            HeadKind.Embedding => ["dimension_count", "normalize"],
            HeadKind.Policy => ["step_count", "dimension_count", "confidence_output"],
            HeadKind.SemanticSegmentation or HeadKind.Depth or HeadKind.ClassMap => [],
            _ => ["top_k", "tsallis_order"],
        };
        foreach (string name in Given(part).Except(used))
        {
            fields.Fail($"head '{part.Head}' does not use '{name}', so leave it out; it uses "
                + (used.Length > 0 ? string.Join(", ", used) : "nothing beside 'outputs'"));
        }
    }

    private static IEnumerable<string> Given(ManifestDocument.ExitPart part)
    {
        (string Name, bool IsGiven)[] all =
        [
            ("detection_threshold", part.DetectionThreshold.HasValue), ("doubt_floor", part.DoubtFloor.HasValue),
            ("nms_overlap", part.NmsOverlap.HasValue), ("detection_limit", part.DetectionLimit.HasValue),
            ("strides", part.Strides is not null), ("decoded", part.Decoded.HasValue),
            ("bin_count", part.BinCount.HasValue), ("apply_sigmoid", part.ApplySigmoid.HasValue),
            ("objectness_power", part.ObjectnessPower.HasValue), ("class_power", part.ClassPower.HasValue), ("top_k", part.TopK.HasValue),
            ("normalize", part.Normalize.HasValue), ("step_count", part.StepCount.HasValue),
            ("dimension_count", part.DimensionCount.HasValue),
            ("box_form", part.BoxForm is not null), ("box_unit", part.BoxUnit is not null),
            ("activation", part.Activation is not null), ("first_class", part.FirstClass.HasValue),
            ("keypoint_count", part.KeypointCount.HasValue), ("keypoint_values", part.KeypointValues.HasValue),
            ("mask_count", part.MaskCount.HasValue), ("cell_offset", part.CellOffset.HasValue),
            ("batch_column", part.BatchColumn.HasValue), ("row_limit", part.RowLimit.HasValue),
            ("map_threshold", part.MapThreshold.HasValue), ("unclip_ratio", part.UnclipRatio.HasValue),
            ("min_size", part.MinSize.HasValue), ("blank", part.Blank.HasValue), ("text_limit", part.TextLimit.HasValue),
            ("confidence_output", part.ConfidenceOutput is not null), ("tsallis_order", part.TsallisOrder.HasValue),
        ];
        return all.Where(p => p.IsGiven).Select(p => p.Name);
    }
}
