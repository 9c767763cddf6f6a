using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Cli.Top;

/// <summary>
/// Draws the model on a canvas of any size: the device, the streams, the chosen stream in full, what happened, and the keys. Pure: the same
/// model and size give the same cells.
/// </summary>
internal sealed class TopScreen
{
    public const int WidthLeast = 60, HeightLeast = 18;

    /// <summary>Below this, figures and events would be cut; there is one column of them.</summary>
    private const int WideWidth = 120;

    private const int StreamRowsMost = 5, StripRowsLeast = 2, StripRowsMost = 14, EventRowsLeast = 2, PromptRows = 2;

    private readonly TopModel _model;
    private readonly Canvas _canvas;
    private readonly Glyphs _glyphs;
    private int _row;

    private TopScreen(TopModel model, int width, int height, Glyphs glyphs) =>
        (_model, _canvas, _glyphs) = (model, new Canvas(width, height), glyphs);

    public static Canvas Render(TopModel model, int width, int height, Glyphs glyphs)
    {
        var screen = new TopScreen(model, width, height, glyphs);
        if (width < WidthLeast || height < HeightLeast)
        {
            screen._canvas.Put(0, 0, $"{width}x{height} is too small; {WidthLeast}x{HeightLeast} is needed. q quits");
            return screen._canvas;
        }

        screen.Draw();
        return screen._canvas;
    }

    private void Draw()
    {
        DrawTitle();
        if (_model.Mode == TopMode.Help)
        {
            foreach (string line in TopHelp.Lines)
            {
                _canvas.Put(_row++, 1, line);
            }

            return;
        }

        DrawBoard();
        DrawStreams();
        if (_model.Chosen is { } chosen)
        {
            DrawChosen(chosen);
        }

        if (_model.LinkProblem is not null)
        {
            _canvas.Pale(1);
        }

        TopPrompt.Draw(_model, _canvas, _canvas.Height - PromptRows);
    }

    private void DrawTitle()
    {
        _canvas.Paint(0, Tone.Title);
        string name = _model.Welcome.Device.Length > 0 ? _model.Welcome.Device : _model.Place;
        string left = $" edgeroute top   {name}   {_model.Welcome.Role}";
        string right = _model.LinkProblem ?? UptimeText();
        right = _model.LostCount > 0 && _model.LinkProblem is null ? $"{_model.LostCount} lost   {right}" : right;
        right = right.Length <= _canvas.Width - 24 ? right : right[..(_canvas.Width - 24)];
        int at = _canvas.Width - right.Length - 1;
        _canvas.Put(0, 0, left, Tone.Title, at - 1);
        _canvas.Put(0, at, right, _model.LinkProblem is null ? Tone.Title : Tone.Chosen);
        _row = 1;
    }

    private string UptimeText() => _model.Status is { } status
        ? $"up {FigureText.Duration(status.UptimeS)}   {FigureText.Time(status.NowUtcNs, _model.Zone)}" : "waiting for telemetry...";

    private void DrawBoard()
    {
        var status = _model.Status;
        string recording = status?.Recordings.Find(r => r.IsOpen) is { } open ? $"REC {open.Name} {FigureText.Bytes(open.FileBytes)}" : "";
        int end = _canvas.Width - recording.Length - (recording.Length > 0 ? 2 : 0);
        _canvas.Put(_row, 1, status is null ? "" : StatusText.BoardLine(status.Board),
            status?.Board.ThrottleCount > 0 ? Tone.Warning : Tone.Plain, end);
        _canvas.Put(_row, end + 1, recording, Tone.Bad);
        _row++;
    }

    /// <summary>One line for each stream, where there are several; the chosen one is always among those shown.</summary>
    private void DrawStreams()
    {
        int count = _model.Streams.Count;
        int rows = count < 2 ? 0 : Math.Min(count, _canvas.Height >= 40 ? 2 * StreamRowsMost : StreamRowsMost);
        int first = Math.Clamp(_model.ChosenIndex - rows + 1, 0, Math.Max(0, count - rows));
        for (int i = first; i < first + rows; i++)
        {
            var (status, isChosen) = (_model.Streams[i].Status, i == _model.ChosenIndex);
            bool isMissed = status.Price?.Budgets.Exists(b => b.IsMissed) ?? false;
            bool isLate = status.DeadlineMs is { } deadline && status.Window.LatencyMsP99 > deadline;
            string text = $"{(isChosen ? '>' : ' ')} {Fit(status.Name, 12)} {FigureText.Of(status.Window.FramesPerSecond, "0.0"),6} fps"
                + $"  p99 {FigureText.Short(status.Window.LatencyMsP99),6}"
                + $"{(status.DeadlineMs is { } limit ? "/" + FigureText.Short(limit) : "")} ms  "
                + $"{(status.HasEnded ? "ended  " : "")}{StatusText.PathsText(status.Window)}";
            var tone = isMissed || isLate ? Tone.Warning : Tone.Plain;
            _canvas.Put(_row++, 0, text, isChosen ? Tone.Strong : tone);
        }
    }

    private void DrawChosen(StreamView stream)
    {
        DrawRule($"{stream.Name}: {stream.Status.Pack}, {(stream.Status.Lock is { } path ? $"LOCKED to {path}" : stream.Status.Policy)}, "
            + $"{FigureText.Of(stream.Status.Window.FramesPerSecond, "0.0")} "
            + $"fps{(stream.Status.HasEnded ? ", the source has ended" : "")}");
        var facts = StreamFacts.Of(stream, _model.Status, _canvas.Width >= WideWidth);
        var latency = GaugeRow.Latency(stream.Status);
        var budgets = GaugeRow.Budgets(stream.Status);
        bool isWide = _canvas.Width >= WideWidth;
        int gaugeRows = isWide ? Math.Max(latency.Count, budgets.Count) : latency.Count + budgets.Count;
        int left = _canvas.Height - PromptRows - _row - gaugeRows - facts.Count - 3 - EventRowsLeast;
        int stripRows = Math.Clamp(StripRowsLeast + ((left - StripRowsLeast) / 2), 1, StripRowsMost);
        DrawStrip(stream, stripRows);
        int half = isWide ? _canvas.Width / 2 : _canvas.Width;
        int top = _row;
        latency.ForEach(g => g.Draw(_canvas, _row++, 1, half - 2, _glyphs));
        int afterLatency = _row;
        _row = isWide ? top : _row;
        budgets.ForEach(g => g.Draw(_canvas, _row++, isWide ? half + 1 : 1, half - 2, _glyphs));
        _row = Math.Max(_row, afterLatency);
        foreach (var (label, text, tone) in facts.Where(_ => _row < _canvas.Height - PromptRows - 1))
        {
            _canvas.Put(_row, 1, label, Tone.Dim);
            _canvas.Put(_row++, 10, text, tone);
        }

        DrawEvents();
    }

    private void DrawRule(string text)
    {
        for (int column = 0; column < _canvas.Width; column++)
        {
            _canvas.Set(_row, column, _glyphs.Rule, Tone.Dim);
        }

        if (text.Length > 0)
        {
            _canvas.Put(_row, 2, $" {text} ", Tone.Strong, _canvas.Width - 2);
        }

        _row++;
    }

    /// <summary>Each column is a moment, filled with the paths its frames took; beneath it what went wrong then.</summary>
    private void DrawStrip(StreamView stream, int rows)
    {
        var legend = new PathLegend(stream.Paths, _glyphs);
        int width = _canvas.Width - 2;
        var columns = stream.History.Columns(width);
        for (int i = 0; i < columns.Count; i++)
        {
            int x = _canvas.Width - 1 - columns.Count + i;
            int y = _row + rows - 1;
            int[] heights = PathHistory.Heights(columns[i].Nodes, rows);
            for (int node = 0; node < heights.Length; node++)
            {
                var (glyph, tone) = legend.Of(node);
                for (int left = heights[node]; left > 0; left--)
                {
                    _canvas.Set(y--, x, glyph, tone);
                }
            }

            var (mark, markTone) = columns[i] switch
            {
                { Failed: > 0 } => ('F', Tone.Bad),
                { Late: > 0 } => ('L', Tone.Warning),
                { Dropped: > 0 } => ('d', Tone.Dim),
                _ => (' ', Tone.Plain),
            };
            _canvas.Set(_row + rows, x, mark, markTone);
        }

        if (columns.Count == 0)
        {
            _canvas.Put(_row, 1, "no frames yet", Tone.Dim);
        }

        _row += rows + 1;
        DrawLegend(stream, legend);
    }

    private void DrawLegend(StreamView stream, PathLegend legend)
    {
        int column = 1;
        foreach (var share in stream.Status.Window.Paths)
        {
            var (glyph, tone) = legend.Of(legend.NodeOf(share.Path));
            column = _canvas.Put(_row, column, new string(glyph, 2), tone);
            column = _canvas.Put(_row, column, $" {share.Path} {FigureText.Percent(share.Share)}   ");
        }

        string marks = "F failed  L late  d dropped";
        if (column + marks.Length < _canvas.Width)
        {
            _canvas.Put(_row, _canvas.Width - marks.Length - 1, marks, Tone.Dim);
        }

        _row++;
    }

    private void DrawEvents()
    {
        int rows = _canvas.Height - PromptRows - _row - 1;
        if (rows < 1)
        {
            return;
        }

        DrawRule("events");
        foreach (var entry in _model.Events.TakeLast(rows))
        {
            string stream = entry.Stream.Length == 0 ? "" : entry.Stream + ": ";
            _canvas.Put(_row++, 1, $"{FigureText.Time(entry.UtcNs, _model.Zone)} {stream}{entry.Text}",
                entry.Level == "warning" ? Tone.Warning : Tone.Plain);
        }
    }

    private static string Fit(string text, int width) => text.Length > width ? text[..(width - 1)] + "~" : text.PadRight(width);
}

/// <summary>Glyph and tone of each route tree node of a stream; the same from one drawing to the next.</summary>
internal sealed class PathLegend(IReadOnlyList<string> paths, Glyphs glyphs)
{
    /// <summary>Name of the node that stands for the previous answer.</summary>
    public const string Previous = "previous";

    private const int ToneCount = Tone.Path5 - Tone.Path0 + 1;

    private readonly List<int> _running = [.. Enumerable.Range(1, Math.Max(0, paths.Count - 1)).Where(i => paths[i] != Previous)];

    public (char Glyph, Tone Tone) Of(int node)
    {
        int place = _running.IndexOf(node);
        return place < 0 ? (glyphs.Previous, Tone.Dim)
            : (glyphs.OfPath(place, _running.Count), (Tone)((int)Tone.Path0 + (place % ToneCount)));
    }

    public string NameOf(int node) => node < paths.Count ? paths[node] : $"node {node}";

    /// <summary>The node of a path's name; -1: none.</summary>
    public int NodeOf(string path) => paths.ToList().IndexOf(path);
}

/// <summary>What the keys and the picture mean.</summary>
internal static class TopHelp
{
    public static IReadOnlyList<string> Lines { get; } =
    [
        "",
        "tab up down     choose a stream",
        "+ -             move the price of device time: + is more frugal",
        "left right      the same in small steps; 0 is free, x takes the dial away",
        "b               set a budget (tab: the next one; 'none' takes it away)",
        "f p l           quality floor, policy, safety lock",
        "t               while setting: send it on trial for 60 s (Ctrl-T while typing);",
        "                rolled back where p99 gets a quarter worse, or a frame fails",
        "k c             keep or cancel the trial that runs",
        "Enter Esc       send, or drop; nothing is sent before Enter",
        "r s             start or stop a recording there; save a snapshot here",
        "q               quit; changes and trials go on",
        "",
        "The picture: each column is 0.4 s, filled with the paths its frames took, the",
        "heavier the higher and denser. Beneath it F marks failed, L late, d dropped",
        "frames. A bar's mark is its limit. Previews are the calibration's predictions.",
        "",
        "any key goes back",
    ];
}
