using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Draws a frame with its answer for people: boxes or classes, and a strip that says which path was taken and why. Not for the frame's
/// road: it allocates, but no more than one picture of bounded size. Not thread-safe.
/// </summary>
public sealed class FrameAnnotator : IDisposable
{
    /// <summary>Longest side of the picture drawn: larger frames are thinned out, because nobody reads a 4K file per frame.</summary>
    public const int SideLimit = 1920;

    /// <summary>Smaller frames are enlarged to at least this width, so that the strip's text fits.</summary>
    public const int WidthWanted = 480;

    /// <summary>Boxes drawn: more cover the picture they are about.</summary>
    public const int BoxLimit = 100;

    /// <summary>From this width on text is drawn at twice the size, to be read when the picture is shown smaller.</summary>
    private const int LargeTextWidth = 960;

    /// <summary>Quality of the JPEG: letters stay sharp, a 640x480 frame is about 100 KiB.</summary>
    private const int JpegQuality = 90;
    private const int ClassLimit = 3;
    private const int ValueLimit = 8;
    private const int HeaderLineLimit = 3;

    private static readonly RgbColor HeaderBack = new(24, 26, 31);
    private static readonly RgbColor HeaderInk = new(236, 238, 242);

    private JpegDecoder? _decoder;
    private JpegEncoder? _encoder;

    /// <summary>The annotated frame as a JPEG file.</summary>
    /// <exception cref="InvalidDataException">The frame is a JPEG that cannot be decoded.</exception>
    /// <exception cref="DllNotFoundException">libjpeg-turbo is absent; the message names the package.</exception>
    public byte[] DrawJpeg(in FrameLayout layout, ReadOnlySpan<byte> bytes, FrameAnnotation annotation)
    {
        var picture = Draw(layout, bytes, annotation);
        _encoder ??= JpegEncoder.Create();
        // Chroma at full size: red and blue letters would smear otherwise.
        var file = new byte[JpegEncoder.SizeLimitBytes(picture.Width, picture.Height, JpegSampling.Full)];
        int length = _encoder.EncodeRgb(picture.Pixels, picture.Width, picture.Height, picture.StrideBytes, JpegQuality, file,
            JpegSampling.Full);
        return file[..length];
    }

    /// <summary>The annotated frame as pixels: the strip on top, the frame with its answer below.</summary>
    public RgbPicture Draw(in FrameLayout layout, ReadOnlySpan<byte> bytes, FrameAnnotation annotation)
    {
        if (layout.Format == PixelFormat.Jpeg)
        {
            return DrawDecoded(bytes, annotation);
        }

        var canvas = new Canvas(layout.Width, layout.Height, annotation);
        canvas.CopyFrame(new FrameColors(layout, bytes));
        canvas.DrawWindows();
        canvas.DrawAnswer();
        canvas.DrawHeader();
        return canvas.Picture;
    }

    public void Dispose()
    {
        _decoder?.Dispose();
        _encoder?.Dispose();
    }

    private RgbPicture DrawDecoded(ReadOnlySpan<byte> jpeg, FrameAnnotation annotation)
    {
        _decoder ??= JpegDecoder.Create(acceptsDamaged: true);
        if (!_decoder.TryReadHeader(jpeg, out var header))
        {
            throw new InvalidDataException($"The frame to annotate is not a JPEG that can be read: {_decoder.ErrorText}");
        }

        var layout = FrameLayout.Packed(PixelFormat.Rgb, header.Width, header.Height);
        var rgb = new byte[layout.SizeBytes];
        return _decoder.TryDecodeRgb(jpeg, header, 1, rgb, layout.Plane0.StrideBytes)
            ? Draw(layout, rgb, annotation)
            : throw new InvalidDataException($"The frame to annotate cannot be decoded: {_decoder.ErrorText}");
    }

    /// <summary>One picture while it is drawn.</summary>
    private readonly struct Canvas
    {
        private readonly int _enlarge;
        private readonly int _thin;
        private readonly int _text;
        private readonly int _frameWidth;
        private readonly int _frameHeight;
        private readonly int _headerHeight;
        private readonly FrameAnnotation _annotation;
        private readonly List<string> _header;

        public Canvas(int width, int height, FrameAnnotation annotation)
        {
            _annotation = annotation;
            _enlarge = Math.Clamp((WidthWanted + width - 1) / width, 1, 4);
            _thin = Math.Max(1, (Math.Max(width, height) + SideLimit - 1) / SideLimit);
            _enlarge = _thin > 1 ? 1 : Math.Max(1, Math.Min(_enlarge, SideLimit / Math.Max(width, height)));
            _frameWidth = (width * _enlarge + _thin - 1) / _thin;
            _frameHeight = (height * _enlarge + _thin - 1) / _thin;
            _text = _frameWidth >= LargeTextWidth ? 2 : 1;
            _header = HeaderLines(annotation, (_frameWidth - (Margin * 3)) / (PixelFont.CellWidth * _text));
            _headerHeight = ((annotation.HeaderLineCount ?? _header.Count) * LineHeight) + Margin;
            Picture = new RgbPicture(_frameWidth, _frameHeight + _headerHeight);
        }

        public RgbPicture Picture { get; }

        private int Margin => 4 * _text;

        private int LineHeight => (PixelFont.CellHeight + 3) * _text;

        public void CopyFrame(in FrameColors pixels)
        {
            for (int y = 0; y < _frameHeight; y++)
            {
                for (int x = 0; x < _frameWidth; x++)
                {
                    Picture[x, y + _headerHeight] = pixels.At(x * _thin / _enlarge, y * _thin / _enlarge);
                }
            }
        }

        public void DrawHeader()
        {
            Picture.Fill(0, 0, Picture.Width, _headerHeight, HeaderBack);
            Picture.Fill(0, 0, Margin, _headerHeight, EdgeColor(_annotation.End));
            for (int i = 0; i < _header.Count; i++)
            {
                Picture.Text(Margin * 2, (Margin * 3 / 4) + (i * LineHeight), _header[i], HeaderInk, _text);
            }
        }

        public void DrawAnswer()
        {
            if (_annotation.Answer is not { } answer)
            {
                return;
            }

            switch (answer.Task)
            {
                case TaskKind.Detection:
                    DrawBoxes(answer);
                    break;
                case TaskKind.Segmentation or TaskKind.Depth:
                    MapPainter.Draw(Picture, _headerHeight, _frameWidth, _frameHeight, answer);
                    DrawPanel(MapRows(answer));
                    break;
                case TaskKind.Classification:
                    DrawPanel(TopClasses(answer.Values));
                    break;
                case TaskKind.Text:
                    DrawPanel(TextRows(answer.Values));
                    break;
                default:
                    var shown = answer.Values[..Math.Min(ValueLimit, answer.ValueCount)].ToArray()
                        .Select(v => v.ToString("0.00", CultureInfo.InvariantCulture));
                    DrawPanel([(string.Join(' ', shown) + (answer.ValueCount > ValueLimit ? $" ... {answer.ValueCount} values" : ""),
                        HeaderInk, -1)]);
                    break;
            }
        }

        /// <summary>Under everything else: a pale frame says where a stage looked closer.</summary>
        public void DrawWindows()
        {
            foreach (var window in _annotation.Windows)
            {
                int left = (int)Math.Round(window.Left * _frameWidth), top = (int)Math.Round(window.Top * _frameHeight) + _headerHeight;
                int width = (int)Math.Round(window.Width * _frameWidth), height = (int)Math.Round(window.Height * _frameHeight);
                Picture.Outline(left, top, width, height, 2 * _text, HeaderInk);
                Picture.Outline(left + (2 * _text), top + (2 * _text), width - (4 * _text), height - (4 * _text), 1, RgbColor.Black);
            }
        }

        /// <summary>All frames before all labels, so that no line crosses a label; the surest last, so that it covers the others.</summary>
        private void DrawBoxes(Answer answer)
        {
            var painter = new DetailPainter(Picture, 0, _headerHeight, _frameWidth, _frameHeight, 2 * _text);
            for (int i = Math.Min(BoxLimit, answer.DetectionCount) - 1; i >= 0; i--)
            {
                var color = RgbColor.OfClass(answer.Detections[i].ClassIndex);
                painter.DrawUnder(answer.Details, i, color);
                if (!painter.TryDrawBox(answer.Details, i, color))
                {
                    DrawBox(answer.Detections[i]);
                }

                painter.DrawOver(answer.Details, i, color);
            }

            for (int i = Math.Min(BoxLimit, answer.DetectionCount) - 1; i >= 0; i--)
            {
                DrawLabel(answer.Detections[i], answer.Tracks[i]);
                DrawNote(answer.Detections[i], _annotation.BoxNotes.ElementAtOrDefault(i));
            }
        }

        private void DrawBox(in Detection box)
        {
            int left = (int)Math.Round(box.Left * _frameWidth), top = (int)Math.Round(box.Top * _frameHeight) + _headerHeight;
            int width = (int)Math.Round(box.Width * _frameWidth), height = (int)Math.Round(box.Height * _frameHeight), line = 2 * _text;
            var color = RgbColor.OfClass(box.ClassIndex);
            // A thin dark line outside keeps a bright box visible on a bright picture.
            Picture.Outline(left - 1, top - 1, width + 2, height + 2, 1, RgbColor.Black);
            Picture.Outline(left, top, width, height, line, color);
        }

        private void DrawLabel(in Detection box, in DetectionTrack track)
        {
            int left = (int)Math.Round(box.Left * _frameWidth), top = (int)Math.Round(box.Top * _frameHeight) + _headerHeight;
            var color = RgbColor.OfClass(box.ClassIndex);
            string id = track.Id > 0 ? string.Create(CultureInfo.InvariantCulture, $"#{track.Id} ") : "";
            string label = string.Create(CultureInfo.InvariantCulture, $"{id}{_annotation.LabelOf(box.ClassIndex)} {box.Confidence:0.00}");
            int labelWidth = ((label.Length * PixelFont.CellWidth) + 3) * _text, labelHeight = (PixelFont.CellHeight + 1) * _text;
            int labelTop = top - labelHeight >= _headerHeight ? top - labelHeight : top;
            int labelLeft = Math.Clamp(left, 0, Math.Max(0, _frameWidth - labelWidth));
            Picture.Fill(labelLeft, labelTop, labelWidth, labelHeight, color);
            Picture.Text(labelLeft + (2 * _text), labelTop + _text, label, color.Ink, _text);
        }

        /// <summary>Inside the box at its lower edge, so that it is not taken for the label of another.</summary>
        private void DrawNote(in Detection box, string? note)
        {
            if (string.IsNullOrEmpty(note))
            {
                return;
            }

            var color = RgbColor.OfClass(box.ClassIndex);
            int width = ((note.Length * PixelFont.CellWidth) + 3) * _text, height = (PixelFont.CellHeight + 1) * _text;
            int bottom = Math.Min((int)Math.Round(box.Bottom * _frameHeight), _frameHeight) + _headerHeight;
            int left = Math.Clamp((int)Math.Round(box.Left * _frameWidth), 0, Math.Max(0, _frameWidth - width));
            Picture.Fill(left, bottom - height, width, height, HeaderBack);
            Picture.Text(left + (2 * _text), bottom - height + _text, note, color, _text);
        }

        private List<(string Text, RgbColor Color, double Fraction)> TopClasses(ReadOnlySpan<float> values)
        {
            var rows = new List<(string, RgbColor, double)>();
            float[] sorted = values.ToArray();
            int[] order = [.. Enumerable.Range(0, sorted.Length)];
            Array.Sort(sorted, order);
            for (int i = order.Length - 1; i >= 0 && rows.Count < ClassLimit; i--)
            {
                string text = string.Create(CultureInfo.InvariantCulture, $"{sorted[i]:0.00} {_annotation.LabelOf(order[i])}");
                rows.Add((text, RgbColor.OfClass(order[i]), Math.Clamp(sorted[i], 0, 1)));
            }

            return rows;
        }

        private List<(string Text, RgbColor Color, double Fraction)> TextRows(ReadOnlySpan<float> values)
        {
            float confidence = TextValues.ConfidenceOf(values);
            string text = values.IsEmpty ? "no text" : string.Create(CultureInfo.InvariantCulture,
                $"{confidence:0.00} {TextValues.Read(values, _annotation.Labels)}");
            return [(text, HeaderInk, Math.Clamp(confidence, 0, 1))];
        }

        /// <summary>The classes that most of the frame has, or how far its depths reach.</summary>
        private List<(string Text, RgbColor Color, double Fraction)> MapRows(Answer answer)
        {
            if (answer.Task == TaskKind.Depth)
            {
                var (least, most) = MapPainter.RangeOf(answer.Values);
                return [(string.Create(CultureInfo.InvariantCulture, $"depth {least:0.##} to {most:0.##}"), HeaderInk, -1)];
            }

            var classes = answer.Values.ToArray().Where(v => v >= 0).GroupBy(v => (int)v).OrderByDescending(g => g.Count());
            int cells = answer.ValueCount;
            var rows = new List<(string Text, RgbColor Color, double Fraction)>();
            foreach (var cell in classes.Take(ClassLimit))
            {
                double share = (double)cell.Count() / cells;
                string text = string.Create(CultureInfo.InvariantCulture, $"{share:0.00} {_annotation.LabelOf(cell.Key)}");
                rows.Add((text, RgbColor.OfClass(cell.Key), share));
            }

            return rows.Count > 0 ? rows : [("nothing", HeaderInk, -1)];
        }

        /// <summary>Rows of text at the bottom on a dark glass, each with a bar of its fraction (none where it is negative).</summary>
        private void DrawPanel(List<(string Text, RgbColor Color, double Fraction)> rows)
        {
            const int BarWidth = 80;
            int barWidth = rows.Exists(r => r.Fraction >= 0) ? BarWidth * _text : 0;
            int height = (rows.Count * LineHeight) + Margin, top = Picture.Height - height;
            int longest = rows.Max(r => r.Text.Length) * PixelFont.CellWidth * _text;
            Picture.Fill(0, top, Math.Min(Picture.Width, barWidth + longest + (Margin * 3)), height, HeaderBack, 0.75);
            for (int i = 0; i < rows.Count; i++)
            {
                int rowTop = top + (Margin / 2) + (i * LineHeight);
                Picture.Fill(Margin, rowTop + _text, (int)(barWidth * Math.Max(0, rows[i].Fraction)), LineHeight - (4 * _text),
                    rows[i].Color);
                Picture.Text((Margin * 2) + barWidth, rowTop + _text, rows[i].Text, HeaderInk, _text);
            }
        }

        private static List<string> HeaderLines(FrameAnnotation annotation, int columns)
        {
            string latency = double.IsNaN(annotation.LatencyMs) ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{annotation.LatencyMs:0.0} ms");
            string[] parts = [$"{annotation.SourceName} #{annotation.Sequence}", annotation.PathName, annotation.Reason, latency];
            return TextWrap.Lines(parts, "   ", Math.Max(8, columns), annotation.HeaderLineCount ?? HeaderLineLimit);
        }

        private static RgbColor EdgeColor(FrameEnd end) => end switch
        {
            FrameEnd.Exited => new RgbColor(72, 199, 116),
            FrameEnd.Completed => new RgbColor(76, 160, 255),
            FrameEnd.Escalated => new RgbColor(255, 170, 51),
            FrameEnd.Skipped => new RgbColor(150, 150, 165),
            _ => new RgbColor(240, 70, 70),
        };
    }
}

/// <summary>What is written and drawn on one frame.</summary>
/// <param name="PathName">The path taken, in the words of the reports.</param>
/// <param name="Reason">Why that path, in the words of the reports.</param>
/// <param name="LatencyMs">Not a number where it is not known.</param>
/// <param name="End">Gives the colour of the header's edge.</param>
/// <param name="Answer">The published answer; null for a failed frame.</param>
/// <param name="Labels">Class names by index.</param>
public sealed record FrameAnnotation(
    string SourceName, long Sequence, string PathName, string Reason, double LatencyMs, FrameEnd End, Answer? Answer,
    IReadOnlyList<string> Labels)
{
    /// <summary>Parts of the frame that stages looked at closer.</summary>
    public IReadOnlyList<TracedWindow> Windows { get; init; } = [];

    /// <summary>Those of a trace.</summary>
    public static IReadOnlyList<TracedWindow> WindowsOf(in TraceRecord record) =>
        [.. ((ReadOnlySpan<TracedWindow>)record.Windows)[..record.WindowCount]];

    /// <summary>By detection: what else is said of it; fewer where nothing is.</summary>
    public IReadOnlyList<string> BoxNotes { get; init; } = [];

    /// <summary>Lines of the strip whatever is said in it, so that pictures are of one size; null for as many as it needs.</summary>
    public int? HeaderLineCount { get; init; }

    public string LabelOf(int classIndex) => (uint)classIndex < (uint)Labels.Count ? Labels[classIndex] : $"class {classIndex}";
}
