using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Measuring;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>Reads and opens the packs of a request, and sees that they can be compared.</summary>
internal static class CandidatePacks
{
    /// <exception cref="EngineRefusedException">The library or a pack cannot be used.</exception>
    /// <exception cref="InvalidDataException">They do not answer alike.</exception>
    public static List<CandidatePack> Open(ChooseRequest request, EngineReporter report, CancellationToken cancel)
    {
        CandidatePlace[] places = [.. request.Packs.DistinctBy(PackReader.PathOf).Select(p => PlaceOf(request, p))];
        var read = places.Select(p => PackReader.Read(p.Manifest, p.Files)).ToList();
        foreach (var other in read)
        {
            CheckAlike(read[0], other);
        }

        var openings = PackOpenings.Measure([.. places.Select(p => (p.Manifest, p.Files))], request.Library, report, cancel);
        var packs = new List<CandidatePack>();
        for (int i = 0; i < read.Count; i++)
        {
            string name = read[i].Name, free = name;
            for (int number = 2; packs.Exists(p => p.Name == free); number++)
            {
                free = FormattableString.Invariant($"{name}-{number}");
            }

            packs.Add(new CandidatePack(free, places[i], read[i], [.. openings[i].Select(o => o.MemoryBytes ?? 0)]));
        }

        return packs;
    }

    private static CandidatePlace PlaceOf(ChooseRequest request, string given)
    {
        string folder = request.SweepOf(given, 0);
        return request.Scales.Count > 0 && ScaledPack.Make(PackReader.Read(given), request.Scales, folder) is { } manifest
            ? new CandidatePlace(given, manifest, Path.GetDirectoryName(PackReader.PathOf(given))) : new CandidatePlace(given, given, null);
    }

    private static string WordOf(TaskKind task) => ManifestEnums.Of(ManifestEnums.Tasks, task);

    /// <summary>Answers are compared with each other, and come from one pack in the end.</summary>
    private static void CheckAlike(Pack first, Pack other)
    {
        string packs = $"'{first.ManifestPath}' and '{other.ManifestPath}' do not answer alike: ";
        if (other.Task == TaskKind.Policy)
        {
            throw new InvalidDataException($"'{other.ManifestPath}' plans actions, and a plan is judged by where it leads, not frame by "
                + "frame; 'edgeroute episodes' does that");
        }

        if (first.Task != other.Task)
        {
            throw new InvalidDataException($"{packs}the first has the task '{WordOf(first.Task)}', the second '{WordOf(other.Task)}'");
        }

        if (!first.Labels.SequenceEqual(other.Labels))
        {
            int at = first.Labels.Zip(other.Labels).TakeWhile(l => l.First == l.Second).Count();
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{packs}{(first.Labels.Count == other.Labels.Count
                ? $"class {at} is '{first.Labels[at]}' in the first and '{other.Labels[at]}' in the second"
                : $"the first has {first.Labels.Count} labels, the second {other.Labels.Count}")}; give both the same labels"));
        }

        if (first.Stages[0].Exit is { } a && other.Stages.Any(s => s.Exit is { } b && b.Details != a.Details))
        {
            throw new InvalidDataException($"{packs}their detections have other details (key points, oriented boxes or masks)");
        }
    }
}
