using System.Globalization;
using EdgeRoute.Engine.Probing;
using EdgeRoute.Engine.Stages;

namespace EdgeRoute.Workbench.Importing;

/// <summary>For a model that is not recognised: the heads that come near its outputs, each with what does not fit.</summary>
internal sealed class NearestHeads
{
    /// <summary>Numbers of one action; more are features.</summary>
    private const int ActionsMost = 32;

    /// <summary>Pairs and lists that are looked at; a model with more outputs than that is none of a kind.</summary>
    private const int CombinationsMost = 64;

    /// <summary>What weighs as much as another kind of model; what a small change of the export mends weighs one.</summary>
    private const int Grave = 3, Serious = 2;

    private readonly ModelEvidence _evidence;
    private readonly List<Candidate> _found = [];

    private NearestHeads(ModelEvidence evidence) => _evidence = evidence;

    /// <summary>The nearest first, and each head once before any comes again.</summary>
    public static IReadOnlyList<string> Of(ModelEvidence evidence)
    {
        var nearest = new NearestHeads(evidence);
        foreach (var output in evidence.Found)
        {
            nearest.AddOne(output);
        }

        nearest.AddPairs();
        nearest.AddLists();
        nearest.AddPolicy();
        var ranked = nearest._found.OrderBy(c => c.Weight).ToList();
        var firsts = ranked.DistinctBy(c => c.Head).ToList();
        return [.. firsts.Concat(ranked.Except(firsts)).Select(c => c.Text)];
    }

    private void AddOne(ProbedOutput output)
    {
        if (output.Shape is [1, > 0, > 0])
        {
            foreach (var fitting in HeadShapes.Fitting([output.Shape]))
            {
                AddBoxes(output, fitting);
            }
        }

        int wide = output.Shape.Count(d => d > 1);
        if (wide == 1 && output.Values.Length > 1)
        {
            Add("softmax_classification", [output], output.Values.Length, "labels");
            Add("embedding", [output], output.Values.Length, "dimensions");
        }

        if (output.Shape is [1, > 1, > 1, > 1])
        {
            AddMap(output, "semantic_segmentation", (int)output.Shape[1]);
        }
        else if (output.Shape is [1, 1, > 1, > 1] || (output.Shape is [1, > 1, > 1] && IsLikeInput(output)))
        {
            AddMap(output, "depth", 0);
        }
    }

    private void AddBoxes(ProbedOutput output, FittingHead fitting)
    {
        bool isPlanes = output.Shape[1] < output.Shape[2];
        int width = (int)Math.Min(output.Shape[1], output.Shape[2]), count = (int)Math.Max(output.Shape[1], output.Shape[2]);
        var misfits = new List<Misfit>();
        if (fitting.LabelCount == 0)
        {
            bool areRows = Column(output, isPlanes, width, 5).All(v => v == MathF.Truncate(v))
                && Column(output, isPlanes, width, 4).All(v => v is >= 0 and <= 1);
            AddIf(misfits, !areRows, Serious, "its columns 5 and 6 are no confidence and class number");
        }
        else
        {
            int from = width - fitting.LabelCount;
            bool areProbabilities = Enumerable.Range(from, fitting.LabelCount)
                .All(c => Column(output, isPlanes, width, c).All(v => v is >= 0 and <= 1));
            AddIf(misfits, !areProbabilities, Serious, "its classes are not all from 0 to 1");
            long cells = _evidence.Cells(8, 16, 32);
            AddIf(misfits, count != cells && (fitting.Word == "yolox" || count % cells != 0), 1, FormattableString.Invariant(
                $"{count} candidates, where {_evidence.Input.Width}x{_evidence.Input.Height} has {cells} cells"));
            AddIf(misfits, isPlanes && fitting.Word == "yolox", 1, "it is transposed");
        }

        Add(fitting.Word, [output], fitting.LabelCount, "labels", misfits);
    }

    private void AddMap(ProbedOutput output, string head, int labels)
    {
        var misfits = new List<Misfit>();
        AddIf(misfits, !IsLikeInput(output), Serious, FormattableString.Invariant($"its {output.Shape[^1]}x{output.Shape[^2]} places are ")
            + FormattableString.Invariant($"shaped otherwise than {_evidence.Input.Width}x{_evidence.Input.Height}"));
        Add(head, [output], labels, "labels", misfits);
    }

    private bool IsLikeInput(ProbedOutput output) =>
        output.Shape[^1] * _evidence.Input.Height == output.Shape[^2] * _evidence.Input.Width;

    private void AddPairs()
    {
        var boxes = _evidence.Found.Where(o => o.Shape is [1, > 0, 4]).ToList();
        foreach (var (box, classes) in boxes.SelectMany(b => _evidence.Found.Where(o => o != b && o.Shape is [1, > 0, > 1])
            .Select(c => (b, c))).Take(CombinationsMost))
        {
            var misfits = new List<Misfit>();
            AddIf(misfits, box.Shape[1] != classes.Shape[1], Serious, string.Create(CultureInfo.InvariantCulture,
                $"'{classes.Name}' has {classes.Shape[1]} rows and '{box.Name}' {box.Shape[1]}"));
            Add("detr", [classes, box], (int)classes.Shape[2], "labels", misfits);
        }
    }

    private void AddLists()
    {
        foreach (var boxes in _evidence.Found.Where(o => o.Shape is [1, > 0, 4] or [> 0, 4]))
        {
            var lists = _evidence.Found.Where(o => o.Shape.Count <= 2 && o != boxes && 4 * o.Values.Length == boxes.Values.Length)
                .Take(2).ToList();
            if (lists.Count == 2)
            {
                Add("ssd", [boxes, .. lists], 0, "labels", [new Misfit("no names tell which list holds classes and which confidences", 1)]);
            }
        }
    }

    private void AddPolicy()
    {
        var few = _evidence.Found.Where(o => o.Values.Length is > 0 and <= ActionsMost).ToList();
        if (few.Count > 0)
        {
            Add("policy", few, few.Sum(o => o.Values.Length), "numbers of one action");
        }
    }

    private void Add(string head, IReadOnlyList<ProbedOutput> outputs, int number, string unit, List<Misfit>? misfits = null)
    {
        misfits ??= [];
        int names = _evidence.Names.Count;
        AddIf(misfits, unit == "labels" && names > 0 && number > 0 && names != number, Serious,
            FormattableString.Invariant($"{names} class names are known"));
        var odd = outputs.FirstOrDefault(o => head is not ("ssd" or "class_map") && _evidence.ElementOf(o) is not ("float32" or "float16"));
        AddIf(misfits, odd is not null, Serious, $"'{odd?.Name}' is {(odd is null ? "" : _evidence.ElementOf(odd))}, where the head reads "
            + "float32 or float16");
        string[] left = [.. _evidence.Found.Except(outputs).Select(o => $"'{o.Name}'")];
        AddIf(misfits, left.Length > 0, left.Length > 1 ? Grave : 1, left.Length switch
        {
            1 => $"{left[0]} is left over",
            2 => $"{left[0]} and {left[1]} are left over",
            _ => FormattableString.Invariant($"{left.Length} other outputs are left over"),
        });
        string read = string.Join(", ", outputs.Select(o => $"'{o.Name}'"));
        string with = number > 0 ? FormattableString.Invariant($" with {number} {unit}") : "";
        string without = misfits.Count == 0 ? "" : $"; what does not fit: {string.Join("; ", misfits.Select(m => m.Words))}";
        _found.Add(new Candidate(head, $"'{head}' would read {read}{with}{without}", misfits.Sum(m => m.Weight)));
    }

    private static void AddIf(List<Misfit> misfits, bool isOne, int weight, string words)
    {
        if (isOne)
        {
            misfits.Add(new Misfit(words, weight));
        }
    }

    private static IEnumerable<float> Column(ProbedOutput output, bool isPlanes, int width, int index)
    {
        int count = output.Values.Length / width;
        return Enumerable.Range(0, count).Select(i => output.Values[isPlanes ? (index * count) + i : (i * width) + index]);
    }

    private sealed record Misfit(string Words, int Weight);

    private sealed record Candidate(string Head, string Text, int Weight);
}
