using ScottPlot;
using SkiaSharp;

namespace EdgeRoute.Workbench.Plotting;

/// <summary>What every picture has in common: size, letters, colours, and being written as SVG and PNG.</summary>
internal static class PlotSheet
{
    /// <summary>
    /// Of the SVG, in its own units; the PNG has <see cref="PixelsPerUnit"/> times as many pixels, so that it stays sharp on dense screens
    /// and in print.
    /// </summary>
    public const int Width = 1000, Height = 640, PixelsPerUnit = 2;

    /// <summary>
    /// The colours of Okabe and Ito (2008), which stay apart for colour-blind readers. Shapes and line patterns tell families apart as
    /// well, for grey prints.
    /// </summary>
    internal static readonly Color Blue = Color.FromHex("#0072B2"), Orange = Color.FromHex("#E69F00"), Green = Color.FromHex("#009E73"),
        Vermilion = Color.FromHex("#D55E00"), Ink = Color.FromHex("#222222"), Grey = Color.FromHex("#9A9A9A"),
        Paper = Color.FromHex("#FFFFFF");

    /// <summary>Looked for in this order; where none is installed, the drawing library takes what there is.</summary>
    private static readonly string[] FontFamilies = ["DejaVu Sans", "Noto Sans", "Liberation Sans", "Open Sans", "Arial"];

    private static readonly string FontName = FindFont();

    /// <summary>An empty plot with titles and axes in the house's letters.</summary>
    internal static Plot New(string title, string below, string left)
    {
        var plot = new Plot();
        plot.Title(title, 15);
        plot.XLabel(below, 13);
        plot.YLabel(left, 13);
        plot.Axes.Title.Label.Bold = plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 12;
        plot.Axes.Right.MinimumSize = 24;
        plot.Grid.MajorLineColor = Color.FromHex("#E4E4E4");
        plot.Legend.OutlineColor = Color.FromHex("#BBBBBB");
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.FontSize = 12;
        plot.Font.Set(FontName);
        return plot;
    }

    /// <summary>Text that stays readable on top of lines.</summary>
    internal static void Note(Plot plot, string text, Coordinates at, Alignment alignment, float offsetX, float offsetY)
    {
        var note = plot.Add.Text(text, at);
        note.LabelStyle.FontName = FontName;
        note.LabelStyle.FontSize = 12;
        note.LabelStyle.ForeColor = Ink;
        note.LabelStyle.BackgroundColor = Paper.WithAlpha(0.8);
        note.Alignment = alignment;
        (note.OffsetX, note.OffsetY) = (offsetX, offsetY);
    }

    /// <summary>Writes <c>basename.svg</c> and <c>basename.png</c>; their folder is made where it is missing.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    internal static void Write(string basename, int height, Action<SKCanvas, PixelRect> draw)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(basename))!);
        var area = new PixelRect(0, Width, height, 0);
        using (var file = File.Create(basename + ".svg"))
        using (var svg = SKSvgCanvas.Create(new SKRect(0, 0, Width, height), file))
        {
            draw(svg, area);
        }

        using var surface = SKSurface.Create(new SKImageInfo(Width * PixelsPerUnit, height * PixelsPerUnit));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale(PixelsPerUnit);
        draw(surface.Canvas, area);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(basename + ".png", png.ToArray());
    }

    private static string FindFont()
    {
        var installed = SKFontManager.Default.FontFamilies.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return FontFamilies.FirstOrDefault(installed.Contains) ?? Fonts.Default;
    }
}
