using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Workbench.Importing;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Beside an imported pack lie a config that runs it and a page that tells what was guessed.</summary>
public sealed class PackGuideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ImportReport Import(string? source, bool replaces = false, string name = "model") => ModelImport.Run(
        new ImportRequest(TestPlaces.Fixture("onnx", "ultralytics.onnx"), name, null,
            _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, replaces) { Source = source }, (_, _) => { });

    /// <summary>What was written, which a start would take as it is.</summary>
    private DeviceConfig Config()
    {
        var reading = DeviceConfigReader.ReadFile(_folder.File("pack", "device.yaml"), checkPaths: true);
        Assert.Empty(reading.Problems);
        Assert.Empty(StartCheck.Problems(reading.Config!, SimulatedSources.Schemes, _ => { }));
        return reading.Config!;
    }

    [Theory]
    [InlineData("plain.bmp")]
    [InlineData("two words #1: 50% 'quoted' \"twice\" é.bmp")]
    public void The_config_opens_the_footage_whatever_its_name(string name)
    {
        string picture = _folder.File(name);
        using (var red = new Image<Rgb24>(8, 8, new Rgb24(255, 0, 0)))
        {
            red.SaveAsBmp(picture);
        }

        var report = Import(picture);
        Assert.Equal(_folder.File("pack", "device.yaml"), report.Config);
        Assert.Equal(picture, report.Trial!.Picture);
        var source = Assert.Single(Config().Sources);
        Assert.Equal(picture, source.Address.Text);
        Assert.Equal("model", source.PackName);
    }

    [Theory]
    [InlineData("rtsp://10.0.0.7/street", "rtsp://10.0.0.7/street")]
    [InlineData("/dev/video2", "v4l2:///dev/video2")]
    [InlineData(null, "v4l2:///dev/video0")]
    public void A_camera_is_named_and_not_opened(string? source, string address)
    {
        Assert.Equal("grey", Import(source).Trial!.Picture);
        Assert.Equal(address, Assert.Single(Config().Sources).Address.Text);
    }

    /// <summary>A number for YAML, a point that keys may not hold, and a name longer than they may be.</summary>
    [Theory]
    [InlineData("150", "150")]
    [InlineData("yolo11n.v2", "yolo11n-v2")]
    [InlineData("._a", "a")]
    [InlineData("--", "model")]
    [InlineData("a-name-of-forty-letters-and-not-one-more", "a-name-of-forty-letters-and-not-")]
    public void A_name_of_a_pack_becomes_a_key_of_the_config(string name, string key)
    {
        Import(null, name: name);
        Assert.Equal(key, Assert.Single(Config().Sources).PackName);
    }

    [Fact]
    public void Footage_that_is_not_there_is_refused_before_anything_is_written()
    {
        var refused = Assert.Throws<InvalidDataException>(() => Import("stret.mp4"));
        Assert.Contains("there is no footage 'stret.mp4'", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("pack")));
    }

    [Fact]
    public void What_stood_in_the_folder_is_kept_unless_the_pack_is_replaced()
    {
        _folder.Write("pack/README.md", "mine");
        Import(null);
        Assert.Equal("mine", File.ReadAllText(_folder.File("pack", "README.md")));
        Import("rtsp://10.0.0.7/street", replaces: true);
        string page = File.ReadAllText(_folder.File("pack", "README.md"));
        Assert.Contains("edgerouted run device.yaml", page, StringComparison.Ordinal);
        Assert.Contains("- licence, which the model does not tell: NOASSERTION", page, StringComparison.Ordinal);
        Assert.Contains("10.0.0.7", File.ReadAllText(_folder.File("pack", "device.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_too_deep_for_a_socket_gets_no_channel()
    {
        string deep = _folder.File(new string('d', 90));
        var request = new ImportRequest(TestPlaces.Fixture("onnx", "ultralytics.onnx"), null, null,
            deep, null, null, TestPlaces.OnnxRuntimeLibrary, Replaces: false);
        Assert.DoesNotContain("control:", File.ReadAllText(ModelImport.Run(request, (_, _) => { }).Config!), StringComparison.Ordinal);
        Assert.Equal("ultralytics", PackReader.Read(deep).Name);
    }
}
