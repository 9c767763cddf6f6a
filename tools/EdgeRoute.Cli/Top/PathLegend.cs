namespace EdgeRoute.Cli.Top;

/// <summary>Glyph and tone of each route tree node of a stream; the same from one drawing to the next.</summary>
internal sealed class PathLegend(IReadOnlyList<string> paths, Glyphs glyphs)
{
    /// <summary>Name of the node that stands for the previous answer.</summary>
    private const string Previous = "previous";

    private const int ToneCount = Tone.Path5 - Tone.Path0 + 1;

    private readonly List<int> _running = [.. Enumerable.Range(1, Math.Max(0, paths.Count - 1)).Where(i => paths[i] != Previous)];

    public (char Glyph, Tone Tone) Of(int node)
    {
        int place = _running.IndexOf(node);
        return place < 0 ? (glyphs.Previous, Tone.Dim) : (glyphs.OfPath(place, _running.Count), (Tone)((int)Tone.Path0 + (place % ToneCount)));
    }

    public string NameOf(int node) => node < paths.Count ? paths[node] : $"node {node}";

    /// <summary>The node of a path's name; -1: none.</summary>
    public int NodeOf(string path) => paths.ToList().IndexOf(path);
}
