using System.Diagnostics;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Protocol;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class PictureFolderSourceTests
{
    private readonly ScriptedClock _clock = new(1_000_000_000);

    [SkippableFact]
    public void Pictures_come_in_the_order_of_their_names_and_bad_ones_are_counted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("b.png"), PictureMaker.Png(20, 10));
        File.WriteAllBytes(folder.File("a.JPG"), PictureMaker.Jpeg(32, 24));
        File.WriteAllBytes(folder.File("c.jpg"), []);
        File.WriteAllText(folder.File("d.jpeg"), "this is text");
        File.WriteAllBytes(folder.File("e.jpg"), PictureMaker.Png(12, 10));
        File.WriteAllText(folder.File("notes.txt"), "not a picture");
        File.CreateSymbolicLink(folder.File("f.png"), "/nonexistent");
        Tool.Run("mkfifo", folder.File("g.jpg"));
        using var run = new CaptureRun(new PictureFolderSource(folder.Path, SourceOptions.Usual, TimeProvider.System),
            DeliveryMode.EveryFrame);
        var seen = new List<(PixelFormat, int)>();
        run.Take(int.MaxValue, slot => seen.Add((slot.Layout.Format, slot.Layout.Width)));
        Assert.Equal([(PixelFormat.Jpeg, 32), (PixelFormat.Rgb, 20), (PixelFormat.Rgb, 12)], seen);
        Assert.Equal(SourceFault.None, run.WaitFor<SourceEnded>().Fault);
        Assert.Equal(4, run.Thread.Tally.FaultCount(SourceFaultKind.UnreadablePicture));
        Assert.Equal(0, run.Thread.Tally.FormatChangeCount);
        var texts = run.Seen.OfType<SourceFaulted>().Select(e => e.Fault.Detail).ToList();
        Assert.Contains(texts, t => t.Contains("c.jpg", StringComparison.Ordinal));
        Assert.Contains(texts, t => t.Contains("f.png: No such file", StringComparison.Ordinal));
        Assert.Contains(texts, t => t.Contains("g.jpg: it is a pipe", StringComparison.Ordinal));
        Assert.Equal("files left out, which are not named .jpg .jpeg .png .webp .bmp .tif .tiff .gif: 1, such as 'notes.txt'",
            Assert.Single(run.Seen.OfType<SourceNoted>()).Text);
    }

    [Fact]
    public void Files_of_several_pictures_are_told_once()
    {
        using var folder = new TemporaryFolder();
        byte[] pages = PictureMaker.File(PictureMaker.Rgb(8, 8), 8, 8, ".tif", count: 2);
        File.WriteAllBytes(folder.File("a.tif"), pages);
        File.WriteAllBytes(folder.File("b.tif"), pages);
        using var run = new CaptureRun(new PictureFolderSource(folder.Path, SourceOptions.Usual, TimeProvider.System),
            DeliveryMode.EveryFrame);
        Assert.Equal(2, run.Take(int.MaxValue));
        run.WaitFor<SourceEnded>();
        Assert.Contains("a.tif holds several pictures", Assert.Single(run.Seen.OfType<SourceNoted>()).Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Pixels_of_a_PNG_and_bytes_of_a_JPEG_arrive_unchanged()
    {
        using var folder = new TemporaryFolder();
        byte[] jpeg = PictureMaker.Jpeg(32, 24);
        File.WriteAllBytes(folder.File("1.jpg"), jpeg);
        File.WriteAllBytes(folder.File("2.png"), PictureMaker.Png(21, 11));
        using var source = new PictureFolderSource(folder.Path, SourceOptions.Usual, _clock);
        using var slot = new FrameSlot();
        Assert.True(source.Open(), source.Fault.Detail);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(jpeg, slot.Bytes);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(PictureMaker.Rgb(21, 11), slot.Bytes);
        Assert.Equal(ReadOutcome.End, source.Read(slot, 0, out _));
    }

    [SkippableFact]
    public void With_a_rate_pictures_come_when_they_are_due_and_loop()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("1.jpg"), PictureMaker.Jpeg(32, 24));
        File.WriteAllBytes(folder.File("2.jpg"), PictureMaker.Jpeg(16, 12));
        var options = new SourceOptions { FramesPerSecond = 10, Loops = true };
        using var source = new PictureFolderSource(folder.Path, options, _clock, ms => _clock.AdvanceMs(ms));
        using var slot = new FrameSlot();
        Assert.True(source.Open(), source.Fault.Detail);
        var frames = new List<(long AtMs, long SourceMs, int Width)>();
        long startNs = _clock.NowNs();
        while (frames.Count < 5)
        {
            if (source.Read(slot, 30, out long sourceNs) == ReadOutcome.Frame)
            {
                frames.Add(((_clock.NowNs() - startNs) / 1_000_000, sourceNs / 1_000_000, slot.Layout.Width));
            }
        }

        Assert.Equal([0L, 100, 200, 300, 400], frames.Select(f => f.SourceMs));
        Assert.Equal([32, 16, 32, 16, 32], frames.Select(f => f.Width));
        Assert.All(frames, f => Assert.InRange(f.AtMs, f.SourceMs, f.SourceMs + 1));
    }

    [SkippableFact]
    public void Reading_JPEG_pictures_upright_or_turned_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("1.jpg"), PictureMaker.Jpeg(64, 48));
        File.WriteAllBytes(folder.File("2.jpg"), PictureMaker.WithOrientation(PictureMaker.Jpeg(36, 28), 6));
        using var source = new PictureFolderSource(folder.Path, new SourceOptions { Loops = true }, _clock);
        using var slot = new FrameSlot();
        Assert.True(source.Open(), source.Fault.Detail);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => source.Read(slot, 0, out _)));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_photo_is_upright_however_the_camera_was_held(int orientation)
    {
        using var folder = new TemporaryFolder();
        byte[] upright = PictureMaker.Rgb(48, 32);
        var (stored, width, height) = PictureMaker.Held(upright, 48, 32, orientation);
        File.WriteAllBytes(folder.File("1.jpg"), PictureMaker.WithOrientation(PictureMaker.Jpeg(stored, width, height), orientation));
        using var source = new PictureFolderSource(folder.Path, SourceOptions.Usual, _clock);
        using var slot = new FrameSlot();
        using var unpacked = new FrameSlot();
        using var unpacker = new JpegUnpacker();
        Assert.True(source.Open(), source.Fault.Detail);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal((48, 32), (slot.Layout.Width, slot.Layout.Height));
        Assert.Equal(orientation == 1 ? PixelFormat.Jpeg : PixelFormat.Rgb, slot.Layout.Format);
        if (orientation == 1)
        {
            Assert.True(unpacker.TryUnpack(slot.Bytes, 0, 0, unpacked), unpacker.ErrorText);
            return;
        }

        Assert.InRange(PictureMaker.MeanDifference(upright, slot.Bytes), 0, 3);
    }

    [SkippableFact]
    public void Pictures_of_other_types_are_read_too()
    {
        using var folder = new TemporaryFolder();
        byte[] rgb = PictureMaker.Rgb(30, 20);
        string[] names = ["1.webp", "2.bmp", "3.tif", "4.TIFF", "5.gif"];
        Array.ForEach(names, name => File.WriteAllBytes(folder.File(name), PictureMaker.File(rgb, 30, 20, Path.GetExtension(name))));
        using var run = new CaptureRun(new PictureFolderSource(folder.Path, SourceOptions.Usual, TimeProvider.System),
            DeliveryMode.EveryFrame);
        var differences = new List<double>();
        run.Take(int.MaxValue, slot => differences.Add(PictureMaker.MeanDifference(rgb, slot.Bytes)));
        Assert.Equal([0, 0, 0, 0], differences[..4]);
        Assert.InRange(differences[4], 0, 8);
        Assert.Equal(0, run.Thread.Tally.FaultCount(SourceFaultKind.UnreadablePicture));
    }

    [SkippableFact]
    public void Each_picture_has_the_name_of_its_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.png"), PictureMaker.Png(8, 8));
        File.WriteAllText(folder.File("b.png"), "");
        File.WriteAllBytes(folder.File("c.jpg"), PictureMaker.Jpeg(16, 16));
        Assert.Equal(["a.png", "c.jpg"], NamesIn(folder.Path));
        Assert.Equal(["c.jpg"], NamesIn(folder.File("c.jpg")));
    }

    [SkippableFact]
    public void A_name_that_is_not_UTF8_is_read_and_told_by_its_bytes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("plain.png"), PictureMaker.Png(8, 8));
        var commands = new[] { "cp plain.png \"$(printf 'caf\\351.png')\"", "cp plain.png \"$(printf '\\303\\251t\\303\\251.png')\"",
            "mkdir folder.png" };
        Shell(folder.Path, string.Join(" && ", commands));
        try
        {
            Assert.Equal(["caf\\xe9.png", "plain.png", "\u00e9t\u00e9.png"], NamesIn(folder.Path));
        }
        finally
        {
            Shell(folder.Path, "rm caf*");
        }
    }

    [SkippableFact]
    public void A_turned_photo_without_its_end_is_read_and_its_damage_told()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("1.jpg"), PictureMaker.WithOrientation(PictureMaker.Jpeg(36, 28)[..^2], 6));
        File.WriteAllBytes(folder.File("2.jpg"), PictureMaker.WithStrayBytes(PictureMaker.WithOrientation(PictureMaker.Jpeg(36, 28), 6)));
        using var source = new PictureFolderSource(folder.Path, SourceOptions.Usual, _clock);
        using var slot = new FrameSlot();
        Assert.True(source.Open(), source.Fault.Detail);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
            Assert.Equal((PixelFormat.Rgb, 28, 36), (slot.Layout.Format, slot.Layout.Width, slot.Layout.Height));
            Assert.NotNull(slot.Damage);
        }

        slot.Prepare(slot.Layout);
        Assert.Equal((null, null), (slot.Name, slot.Damage));
    }

    private List<string?> NamesIn(string path)
    {
        using var source = new PictureFolderSource(path, SourceOptions.Usual, _clock);
        using var slot = new FrameSlot();
        Assert.True(source.Open(), source.Fault.Detail);
        var names = new List<string?>();
        for (var outcome = source.Read(slot, 0, out _); outcome != ReadOutcome.End; outcome = source.Read(slot, 0, out _))
        {
            if (outcome == ReadOutcome.Frame)
            {
                names.Add(slot.Name);
            }
        }

        return names;
    }

    private static void Shell(string folder, string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = folder })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    [SkippableFact]
    public void A_folder_without_a_readable_picture_ends_even_when_it_loops()
    {
        using var folder = new TemporaryFolder();
        using var source = new PictureFolderSource(folder.Path, new SourceOptions { Loops = true }, _clock);
        using var slot = new FrameSlot();
        Assert.False(source.Open());
        Assert.Contains("has no picture (.jpg .jpeg .png", source.Fault.Detail, StringComparison.Ordinal);
        File.WriteAllText(folder.File("1.jpg"), "text");
        Assert.True(source.Open(), source.Fault.Detail);
        Assert.Equal(ReadOutcome.Nothing, source.Read(slot, 0, out _));
        Assert.Equal(ReadOutcome.Fault, source.Read(slot, 0, out _));
        Assert.Contains("none of the 1 pictures", source.Fault.Detail, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_loop_of_pictures_goes_on_when_the_machine_gives_the_files_again(double framesPerSecond)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("1.png"), PictureMaker.Png(20, 10));
        File.WriteAllBytes(folder.File("2.png"), PictureMaker.Png(20, 10));
        using var source = new PictureFolderSource(folder.Path, new SourceOptions { Loops = true, FramesPerSecond = framesPerSecond },
            _clock, ms => _clock.AdvanceMs(ms));
        using var slot = new FrameSlot();
        Assert.True(source.Open(), source.Fault.Detail);
        Directory.Move(folder.Path, folder.Path + "-away");
        try
        {
            var seen = new HashSet<ReadOutcome>();
            long before = _clock.NowNs();
            for (int i = 0; i < 1000; i++)
            {
                seen.Add(source.Read(slot, 100, out _));
            }

            Assert.Equal([ReadOutcome.Nothing], seen);
            Assert.Contains("No such file", source.Fault.Detail, StringComparison.Ordinal);
            Assert.True(_clock.NowNs() - before > 20_000_000_000, "a pass that had nothing is followed by a pause");
        }
        finally
        {
            Directory.Move(folder.Path + "-away", folder.Path);
        }

        var outcomes = Enumerable.Range(0, 100).Select(_ => source.Read(slot, 100, out long _)).ToList();
        Assert.Contains(ReadOutcome.Frame, outcomes);
        Assert.DoesNotContain(ReadOutcome.Fault, outcomes);
    }

    [SkippableTheory]
    [InlineData(131, 97, JpegSampling.HalfBoth, PixelFormat.I420)]
    [InlineData(131, 97, JpegSampling.Full, PixelFormat.Rgb)]
    [InlineData(131, 97, JpegSampling.HalfWidth, PixelFormat.Rgb)]
    [InlineData(131, 97, JpegSampling.Gray, PixelFormat.Gray8)]
    public void JPEG_unpacks_to_a_format_of_ours_at_the_scale_wanted(int width, int height, JpegSampling sampling, PixelFormat format)
    {
        byte[] jpeg = PictureMaker.Jpeg(width, height, sampling);
        using var unpacker = new JpegUnpacker();
        using var slot = new FrameSlot();
        var cases = new[]
        {
            ((0, 0), (131, 97)), ((131, 97), (131, 97)), ((66, 49), (66, 49)), ((60, 49), (66, 49)), ((20, 10), (33, 25)),
            ((1, 1), (17, 13)),
        };
        foreach (var (wanted, expected) in cases)
        {
            Assert.True(unpacker.TryUnpack(jpeg, wanted.Item1, wanted.Item2, slot), unpacker.ErrorText);
            Assert.Equal((format, expected.Item1, expected.Item2), (slot.Layout.Format, slot.Layout.Width, slot.Layout.Height));
            Assert.Equal(ColorSpace.Bt601Full, slot.Layout.ColorSpace);
        }

        Assert.False(unpacker.TryUnpack(jpeg.AsSpan(0, jpeg.Length / 2), 0, 0, slot));
        Assert.NotEmpty(unpacker.ErrorText);
    }
}
