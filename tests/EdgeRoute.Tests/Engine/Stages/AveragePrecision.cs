using System.Globalization;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>
/// Average precision at one overlap, mean over the classes that occur, interpolated at 101 recalls as COCO does. Labels in YOLO text form
/// (class, centre, size, as fractions).
/// </summary>
internal static class AveragePrecision
{
    public sealed record Picture(Detection[] Truth, Detection[] Found);

    public static Detection[] ReadLabels(string path) =>
        !File.Exists(path) ? [] : [.. File.ReadLines(path).Where(l => l.Length > 0).Select(line =>
        {
            float[] f = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(t => float.Parse(t, CultureInfo.InvariantCulture))];
            return new Detection(f[1] - (f[3] / 2), f[2] - (f[4] / 2), f[3], f[4], 1, (int)f[0]);
        })];

    public static double At(double overlap, IReadOnlyList<Picture> pictures)
    {
        var classes = pictures.SelectMany(p => p.Truth).Select(t => t.ClassIndex).Distinct();
        return classes.Average(c => OfClass(c, overlap, pictures));
    }

    private static double OfClass(int kind, double overlap, IReadOnlyList<Picture> pictures)
    {
        int wanted = pictures.Sum(p => p.Truth.Count(t => t.ClassIndex == kind));
        var taken = pictures.Select(p => new bool[p.Truth.Length]).ToArray();
        var hits = new List<bool>();
        var all = pictures.SelectMany((p, i) => p.Found.Where(d => d.ClassIndex == kind).Select(d => (Found: d, At: i)));
        foreach (var (found, at) in all.OrderByDescending(f => f.Found.Confidence))
        {
            var truth = pictures[at].Truth;
            int best = Enumerable.Range(0, truth.Length).Where(j => truth[j].ClassIndex == kind && !taken[at][j]
                && truth[j].OverlapWith(found) >= overlap)
                .OrderByDescending(j => truth[j].OverlapWith(found)).FirstOrDefault(-1);
            hits.Add(best >= 0);
            if (best >= 0)
            {
                taken[at][best] = true;
            }
        }

        int right = 0;
        var curve = hits.Select((hit, i) => (Recall: (right += hit ? 1 : 0) / (double)wanted, Precision: right / (i + 1.0))).ToArray();
        return Enumerable.Range(0, 101).Average(r => curve.Where(p => p.Recall >= r / 100.0).Select(p => p.Precision)
            .DefaultIfEmpty(0).Max());
    }
}
