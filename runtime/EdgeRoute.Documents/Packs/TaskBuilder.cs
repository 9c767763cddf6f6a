using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks what a pack says of the task it is told in words, of the robot's state, and of how its plans are followed.</summary>
internal sealed class TaskBuilder(PackProblems problems, PackFiles files, IReadOnlyList<PackStage> stages)
{
    /// <summary>Words of one instruction: a long sentence has thirty.</summary>
    private const int LengthLimit = 256;

    /// <summary>Words of a vocabulary: they are looked for one after the other, which is quick for some hundreds.</summary>
    private const int WordLimit = 4096;

    /// <summary>The language network; null where the pack has none.</summary>
    public PackLanguage? Language(ManifestDocument.LanguagePart? part)
    {
        bool isTaken = stages.Any(s => s.Instruction.Count > 0);
        if (part is null)
        {
            foreach (var stage in stages.Where(s => s.Instruction.Count > 0))
            {
                problems.Add($"stage '{stage.Name}': it takes an 'instruction', but the pack has no 'language' network");
            }

            return null;
        }

        var fields = new ManifestFields(problems, "language");
        if (!isTaken)
        {
            fields.Fail("no stage takes its outputs; name them under a stage's 'instruction', or leave the network out");
        }

        CheckWords(part.Words ?? [], fields);
        string path = files.ResolveModel(part.File, part.Sha256, fields);
        return new PackLanguage(
            path, part.Sha256?.ToLowerInvariant() ?? "", fields.Text("tensor", part.Tensor),
            fields.Whole("length", part.Length, 1, LengthLimit), part.Words ?? []);
    }

    /// <summary>How plans are followed; null for tasks that have none.</summary>
    public PlanRules? Plan(ManifestDocument.PlanPart? part, TaskKind? task)
    {
        CheckStates();
        var fields = new ManifestFields(problems, "plan");
        var exits = stages.Select(s => s.Exit).OfType<ExitSpec>().Where(e => e.Task == TaskKind.Policy).ToList();
        if (task != TaskKind.Policy || exits.Count == 0)
        {
            if (part is not null && task is not null)
            {
                fields.Fail("only packs whose task is 'policy' make plans; leave it out");
            }

            return null;
        }

        int dimensions = exits[0].DimensionCount, longest = exits.Max(e => e.StepCount);
        if (exits.Any(e => e.DimensionCount != dimensions))
        {
            fields.Fail($"the exits give steps of {string.Join(" and ", exits.Select(e => e.DimensionCount).Distinct())} dimensions; a "
                + "robot takes one kind of action");
        }

        bool haveConfidence = exits.All(e => e.HasConfidence);
        if (part?.ConfidenceAtLeast is not null && !haveConfidence)
        {
            fields.Fail("'confidence_at_least' is given, but not every exit has a 'confidence_output'");
        }

        var meaning = fields.Choice("actions", part?.Actions, ManifestEnums.Actions, ActionMeaning.Unknown);
        return new PlanRules(dimensions)
        {
            ExecuteStepCount = fields.Whole("execute_steps", part?.ExecuteSteps, 1, longest, absent: longest),
            HasConfidence = haveConfidence,
            ConfidenceAtLeast = fields.Number("confidence_at_least", part?.ConfidenceAtLeast, 0, 1, absent: 0),
            Meaning = meaning,
            Switches = SwitchesOf(part?.Switches, meaning, dimensions, fields),
            ReplanOnState = Watched(part?.ReplanOnState ?? [], fields),
            IsSetPoint = longest == 1 && part is null,
        };
    }

    private static List<int>? SwitchesOf(List<int>? indices, ActionMeaning meaning, int dimensions, ManifestFields fields)
    {
        if (indices is not null && meaning != ActionMeaning.Movements)
        {
            fields.Fail("'switches' is given, but 'actions' is not 'movements'; leave it out");
        }

        foreach (int wrong in (indices ?? []).Where(i => i < 0 || i >= dimensions))
        {
            fields.Fail($"'switches' has {wrong}; a step has {dimensions} values, counted from 0");
        }

        return indices;
    }

    private static void CheckWords(List<string> words, ManifestFields fields)
    {
        if (words.Count is < 2 or > WordLimit)
        {
            fields.Fail($"'words' lists {words.Count} words; it must list 2 to {WordLimit}: the filler, then every word of the vocabulary "
                + "in the order of their tokens");
        }

        foreach (string wrong in words.Where(w => !PackLanguage.IsWord(w)))
        {
            fields.Fail($"'words' has '{wrong}'; words are lower case and without white space, as texts are split");
        }

        foreach (var twice in words.GroupBy(w => w, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            fields.Fail($"'words' has '{twice.Key}' twice");
        }
    }

    /// <summary>A source tells one state, so all stages take the same.</summary>
    private void CheckStates()
    {
        var lengths = stages.Select(s => s.State?.Length).OfType<int>().Distinct().ToList();
        if (lengths.Count > 1)
        {
            problems.Add($"the stages take states of {string.Join(" and ", lengths)} values; a source tells one state, so all must "
                + "take the same");
        }
    }

    private List<int> Watched(List<int> indices, ManifestFields fields)
    {
        int length = stages.Select(s => s.State?.Length ?? 0).DefaultIfEmpty().Max();
        foreach (int wrong in indices.Where(i => i < 0 || i >= length))
        {
            fields.Fail(length == 0 ? "'replan_on_state' is given, but no stage takes the 'state'"
                : $"'replan_on_state' has {wrong}; the state has {length} values, counted from 0");
        }

        return indices;
    }
}
