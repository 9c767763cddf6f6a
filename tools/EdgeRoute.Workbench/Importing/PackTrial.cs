using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Probing;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Loads a new pack as an engine does, and runs it once.</summary>
internal static class PackTrial
{
    /// <summary>What is told of an answer; a person looks at no more.</summary>
    private const int ShownMost = 10;

    /// <summary>Runs of which the quickest counts: whatever else the machine does only makes them longer.</summary>
    private const int Runs = 5;

    /// <summary>The picture that the pack was tried on, with its answer, in the pack's folder.</summary>
    public const string DrawnName = "trial.jpg";

    private const int GreyWidth = 640, GreyHeight = 480;

    public static ImportTrial Run(string folder, string? picture, string? library, EngineReporter report) =>
        Run(folder, picture, library, report, out _);

    /// <param name="yielded">The outputs that the head of the pack's last stage decodes; empty where it did not run.</param>
    /// <inheritdoc cref="Run(string, string?, string?, EngineReporter)"/>
    public static ImportTrial Run(string folder, string? picture, string? library, EngineReporter report,
        out IReadOnlyList<ProbedOutput> yielded)
    {
        yielded = [];
        string grey = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".bmp");
        try
        {
            if (picture is null)
            {
                File.WriteAllBytes(grey, GreyPicture());
            }

            var request = new SweepRequest(folder, null, picture ?? grey, 0, library, 0, SimulatedSources.Schemes);
            using var session = SweepSession.Open(request, report);
            var trial = Describe(session, picture ?? ImportTrial.Grey, out var answered);
            int last = session.Pack.Tree.Variants.Count - 1;
            yielded = answered is null ? [] : [.. session.HeadOutputs(last).Zip(session.Pack.Pack.Stages[^1].Exit!.OutputNames,
                (found, output) => new ProbedOutput(output, found.Shape, found.Values))];
            return picture is null || answered is null ? trial : trial with { Drawn = Draw(session, answered, folder, report) };
        }
        catch (EngineRefusedException refused)
        {
            return new ImportTrial(picture ?? ImportTrial.Grey, 0, [], refused.Message);
        }
        finally
        {
            File.Delete(grey);
        }
    }

    /// <summary>A picture that cannot be drawn is no fault of the pack.</summary>
    private static string? Draw(SweepSession session, SweptVariant answered, string folder, EngineReporter report)
    {
        try
        {
            string path = Path.Combine(folder, DrawnName);
            File.WriteAllBytes(path, session.Annotate(answered));
            return path;
        }
        catch (Exception failure) when (failure is DllNotFoundException or InvalidDataException)
        {
            report(ReportLevel.Warning, $"the annotated picture is not written: {failure.Message}");
            return null;
        }
    }

    private static ImportTrial Describe(SweepSession session, string name, out SweptVariant? answered)
    {
        bool isThere = session.TryNext(out _);
        var swept = isThere ? Enumerable.Range(0, Runs).Select(_ => session.Sweep()).OfType<SweptFrame>() : [];

        // The last variant is the dearest one, and the only one of a pack of one model.
        answered = swept.Where(f => f.Variants.All(v => v.Answer is not null)).Select(f => f.Variants[^1]).MinBy(v => v.Ms);
        return answered?.Answer is { } answer ? new ImportTrial(name, answered.Ms, AnswerText(answer, session.Pack.Pack), null)
            : new ImportTrial(name, 0, [], session.LastFault ?? $"'{name}' gives no frame");
    }

    private static List<string> AnswerText(Answer answer, Pack pack)
    {
        if (answer.Task is TaskKind.Segmentation or TaskKind.Depth)
        {
            return SceneFamilies.Describe(answer, pack);
        }

        if (answer.Task == TaskKind.Text)
        {
            return TextFamilies.Describe(answer, pack);
        }

        if (answer.Task == TaskKind.Policy)
        {
            return [.. answer.Values.ToArray().Select((v, i) => string.Create(CultureInfo.InvariantCulture, $"value {i}: {v:0.000}"))];
        }

        if (answer.DetectionCount == 0 && answer.ValueCount > 0)
        {
            float[] values = answer.Values.ToArray();
            return [.. values.Select((v, i) => (v, i)).OrderByDescending(p => p.v).Take(pack.Stages[0].Exit!.TopCount)
                .Select(p => Line(pack.LabelOf(p.i), p.v))];
        }

        var lines = new List<string>();
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            var box = answer.Detections[i];
            lines.Add(Line(pack.LabelOf(box.ClassIndex), box.Confidence) + string.Create(CultureInfo.InvariantCulture,
                $" at {box.Left:0.00},{box.Top:0.00} size {box.Width:0.00}x{box.Height:0.00}")
                + DetailFamilies.Describe(answer.Details, i));
        }

        int more = lines.Count - ShownMost;
        return more > 0 ? [.. lines.Take(ShownMost), FormattableString.Invariant($"and {more} more")] : lines;
    }

    private static string Line(string label, float confidence) =>
        string.Create(CultureInfo.InvariantCulture, $"{label} {confidence:0.00}");

    /// <summary>A bitmap of one grey, 24 bits a pixel: the format that needs no encoder.</summary>
    private static byte[] GreyPicture()
    {
        const int HeaderBytes = 54;
        byte[] file = new byte[HeaderBytes + (GreyWidth * GreyHeight * 3)];
        file.AsSpan(HeaderBytes).Fill(114);
        "BM"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(2), file.Length);
        BitConverter.TryWriteBytes(file.AsSpan(10), HeaderBytes);
        BitConverter.TryWriteBytes(file.AsSpan(14), 40);
        BitConverter.TryWriteBytes(file.AsSpan(18), GreyWidth);
        BitConverter.TryWriteBytes(file.AsSpan(22), GreyHeight);
        BitConverter.TryWriteBytes(file.AsSpan(26), (short)1);
        BitConverter.TryWriteBytes(file.AsSpan(28), (short)24);
        return file;
    }
}
