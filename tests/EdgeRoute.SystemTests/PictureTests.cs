using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace EdgeRoute.SystemTests;

/// <summary>
/// Folders of pictures in the published binary: what ahead-of-time compilation leaves of the picture library must read them.
/// </summary>
public sealed class PictureTests
{
    [Fact]
    public void A_folder_of_every_picture_type_is_read_by_the_published_program()
    {
        using var folder = new TempFolder();
        string pictures = Directory.CreateDirectory(folder.File("pictures")).FullName, recording = folder.File("r.erec");
        // The extension chooses the type; the orientation is that of a camera held on its side, in the types that can say so.
        string[] names = ["1.jpg", "2.png", "3.webp", "4.bmp", "5.tif", "6.gif"];
        Array.ForEach(names, name => Save(Path.Combine(pictures, name)));
        File.WriteAllText(Path.Combine(pictures, "7.tiff"), "II*\0, but nothing behind it");
        string config = folder.Write("pictures.yaml", $$"""
            runtime: { threads: 1, providers: [cpu] }
            packs:
              shapes: { manifest: {{HostProcess.Repository}}/models/shapes/manifest.json }
            sources:
              pictures: { open: {{pictures}}, pack: shapes }
            record: { file: {{recording}}, frames: raw }
            """);
        var (exitCode, output, error) = HostProcess.Run("run", config, "--json");
        Assert.True(exitCode == 0, error);
        Assert.Contains("7.tiff: this TIFF cannot be decoded", error, StringComparison.Ordinal);
        var total = HostProcess.ReportOf(output).GetProperty("total");
        Assert.Equal(6, total.GetProperty("ends").GetProperty("captured").GetInt64());
        Assert.Equal(0, total.GetProperty("ends").GetProperty("failed").GetInt64());
        var frames = ReadFrames(recording);
        Assert.Equal([(64, 96), (64, 96), (64, 96), (96, 64), (64, 96), (96, 64)], frames.Select(f => (f.Layout.Width, f.Layout.Height)));
        Assert.All(frames, f => Assert.Equal(PixelFormat.Rgb, f.Layout.Format));
        // The stored picture is red on its left side, which a turn to the right brings to the top.
        Assert.All(frames, f => Assert.InRange(f.Bytes[0], 180, 255));
        Assert.All(frames, f => Assert.InRange(f.Bytes[^3], 0, 60));
        Assert.All(frames.Where(f => f.Layout.Width == 64), f => Assert.InRange(f.Bytes[(64 * 3) - 3], 180, 255));
    }

    private static void Save(string path)
    {
        using var image = new Image<Rgb24>(96, 64, new Rgb24(20, 40, 200));
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width / 2; x++)
            {
                image[x, y] = new Rgb24(220, 40, 30);
            }
        }

        var exif = new ExifProfile();
        exif.SetValue(ExifTag.Orientation, (ushort)6);
        exif.SetValue(ExifTag.Model, "a camera held on its side");
        image.Metadata.ExifProfile = exif;
        image.Frames.RootFrame.Metadata.ExifProfile = exif.DeepClone();
        image.Save(path);
    }

    private static List<(FrameLayout Layout, byte[] Bytes)> ReadFrames(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new RecordReader(file);
        var frames = new List<(FrameLayout, byte[])>();
        while (reader.Read())
        {
            if (reader.Kind == RecordKind.Frame)
            {
                frames.Add((reader.FrameLayout, reader.FrameBytes.ToArray()));
            }
        }

        return frames;
    }
}
