using System.Globalization;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>
/// A picture of a few episodes, one in each row: what the camera saw, which path planned each frame (the border's colour), the plan (dots)
/// and the way taken (line).
/// </summary>
internal sealed class ContactSheet(RouteTree tree)
{
    private const int Rows = 6;
    private const int Tile = EpisodeFilm.SidePixels;
    private const int Gap = 8;
    private const int Border = 4;
    private const int Caption = 18;
    private const int Side = 236;
    private const int Head = 74;
    private const int Width = Gap + Side + (EpisodeFilm.FramesPerEpisode * (Tile + Gap));
    private const int RowHeight = Tile + Caption + Gap;
    private const int Columns = (Side - Gap) / PixelFont.CellWidth;

    private static readonly RgbColor Paper = new(24, 26, 31), Ink = new(236, 238, 242), Faint = new(150, 154, 162), Good = new(80, 200,
        120), Bad = new(240, 90, 80);

    /// <summary>From the cheapest stage to the costliest: from green to red, as a load is shown everywhere.</summary>
    private static readonly RgbColor[] Heat = [new(70, 200, 110), new(240, 210, 60), new(245, 145, 40), new(235, 70, 60)];

    private static readonly RgbColor Reused = new(110, 114, 122);

    /// <summary>The sheet as PNG. At most six episodes: the calmest, the busiest, and one that failed where there is one.</summary>
    public byte[] DrawPng(IReadOnlyList<FilmEpisode> episodes, string title) => Draw(episodes, title).ToPng();

    public RgbPicture Draw(IReadOnlyList<FilmEpisode> episodes, string title)
    {
        var rows = Choose(episodes);
        var picture = new RgbPicture(Width, Head + (rows.Count * RowHeight) + Gap);
        picture.Fill(0, 0, picture.Width, picture.Height, Paper);
        DrawHead(picture, title);
        for (int i = 0; i < rows.Count; i++)
        {
            DrawRow(picture, Head + (i * RowHeight), rows[i]);
        }

        return picture;
    }

    private static List<FilmEpisode> Choose(IReadOnlyList<FilmEpisode> episodes)
    {
        var failed = episodes.Where(e => e.Episode.Outcome != PickPlaceOutcome.Placed).Take(1).ToList();
        var rest = episodes.Except(failed).OrderBy(e => e.Episode.Clutter).ToList();
        int wanted = Math.Min(Rows - failed.Count, rest.Count);
        var picks = Enumerable.Range(0, wanted).Select(i => rest[wanted == 1 ? 0 : i * (rest.Count - 1) / (wanted - 1)]);
        return [.. picks.Concat(failed).OrderBy(e => e.Episode.Clutter)];
    }

    private void DrawHead(RgbPicture picture, string title)
    {
        picture.Text(Gap, Gap, title, Ink, 2);
        int x = Gap, y = Gap + 32;
        x = Say(picture, x, y, "Border: which network planned the frame:", Faint);
        foreach (var (name, index) in tree.Graph.Stages.Select((s, i) => (s.Name, i)))
        {
            picture.Fill(x, y, 13, 13, Heat[Math.Min(index, Heat.Length - 1)]);
            x = Say(picture, x + 18, y, name, Ink);
        }

        picture.Fill(x, y, 13, 13, Reused);
        x = Say(picture, x + 18, y, "none (an earlier plan is followed)", Ink);
        Say(picture, x, y, "Dots: the plan.  Line: the way so far.  Pads are hollow squares, the gripper is the dark ring.", Faint);
    }

    private static int Say(RgbPicture picture, int x, int y, string text, RgbColor color)
    {
        picture.Text(x, y, text, color, 1);
        return x + ((text.Length + 2) * PixelFont.CellWidth);
    }

    private void DrawRow(RgbPicture picture, int top, FilmEpisode film)
    {
        var episode = film.Episode;
        int y = top;
        foreach (string line in TextWrap.Lines(episode.Instruction.Split(' '), " ", Columns / 2, 5))
        {
            picture.Text(Gap, y, line, Ink, 2);
            y += 30;
        }

        bool isPlaced = episode.Outcome == PickPlaceOutcome.Placed;
        picture.Text(Gap, y + 4, isPlaced ? "placed" : Words(episode.Outcome), isPlaced ? Good : Bad, 2);
        picture.Text(Gap, y + 38, string.Create(CultureInfo.InvariantCulture,
            $"after {episode.TickCount} ticks, clutter {episode.Clutter:0.00}"), Faint, 1);
        for (int i = 0; i < film.Frames.Count; i++)
        {
            DrawTile(picture, Gap + Side + (i * (Tile + Gap)), top, film.Frames[i], film.Way);
        }
    }

    private static string Words(PickPlaceOutcome outcome) => outcome switch
    {
        PickPlaceOutcome.WrongThing => "wrong thing",
        PickPlaceOutcome.WrongPad => "wrong pad",
        _ => "out of time",
    };

    private void DrawTile(RgbPicture picture, int left, int top, FilmFrame frame, IReadOnlyList<float> way)
    {
        for (int y = 0; y < Tile; y++)
        {
            frame.Pixels.AsSpan(y * Tile * 3, Tile * 3).CopyTo(picture.Pixels.AsSpan(((top + y) * picture.StrideBytes) + (left * 3)));
        }

        int stage = frame.PlanNodeIndex < 0 ? -1 : tree.Nodes[frame.PlanNodeIndex].StageIndex;
        var color = stage < 0 ? Bad : Heat[Math.Min(stage, Heat.Length - 1)];
        for (int i = 1; i <= Math.Min(frame.Tick, (way.Count / 2) - 1); i++)
        {
            DrawLine(picture, left, top, way[2 * (i - 1)], way[(2 * i) - 1], way[2 * i], way[(2 * i) + 1]);
        }

        for (int i = 0; i + 1 < frame.Way.Count; i += 2)
        {
            Dot(picture, left, top, frame.Way[i], frame.Way[i + 1], 2, RgbColor.Black);
            Dot(picture, left, top, frame.Way[i], frame.Way[i + 1], 1, color);
        }

        picture.Outline(left, top, Tile, Tile, Border, frame.IsReuse ? Reused : color);
        string caption = $"{frame.Tick}: {PlanText(frame, stage)}";
        picture.Text(left, top + Tile + 3, caption[..Math.Min(caption.Length, (Tile + Gap) / PixelFont.CellWidth)],
            frame.IsReuse ? Faint : Ink, 1);
    }

    private string PlanText(FilmFrame frame, int stage)
    {
        if (stage < 0)
        {
            return "no plan: hold";
        }

        string planner = tree.Graph.Stages[stage].Name;
        return frame.IsReuse ? $"step {frame.StepIndex + 1} of a plan by {planner}" : $"planned by {planner}";
    }

    private static void DrawLine(RgbPicture picture, int left, int top, float fromX, float fromY, float toX, float toY)
    {
        int steps = Math.Max(1, (int)(Tile * Math.Max(Math.Abs(toX - fromX), Math.Abs(toY - fromY))));
        for (int i = 0; i <= steps; i++)
        {
            float part = i / (float)steps;
            Dot(picture, left, top, fromX + ((toX - fromX) * part), fromY + ((toY - fromY) * part), 0, RgbColor.White);
        }
    }

    /// <summary>A square dot of 2 * radius + 1 pixels (at least 2), only where it lies inside the tile.</summary>
    private static void Dot(RgbPicture picture, int left, int top, float x, float y, int radius, RgbColor color)
    {
        int column = (int)(x * Tile), row = (int)(y * Tile), size = Math.Max(2, (2 * radius) + 1);
        if (column - radius >= 0 && row - radius >= 0 && column - radius + size <= Tile && row - radius + size <= Tile)
        {
            picture.Fill(left + column - radius, top + row - radius, size, size, color);
        }
    }
}
