using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Engine.Doctor;

public sealed class CameraReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CameraReportTests()
    {
        foreach (string name in new[] { "video0", "video1", "video2", "video10", "null" })
        {
            _folder.Write($"dev/{name}", "");
        }

        Directory.CreateDirectory(_folder.File("dev", "v4l", "by-path"));
        File.CreateSymbolicLink(_folder.File("dev", "v4l", "by-path", "pci-0000:00:14.0-usb-0:2:1.0-video-index0"), "../../video0");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cameras_are_listed_with_what_they_can_and_the_lines_to_paste()
    {
        var report = Read(path => Path.GetFileName(path) switch
        {
            "video0" => (new CameraDescription("HD Webcam", "uvcvideo", "usb-2", true, [new CameraMode("MJPG", 1920, 1080, [60, 30]),
                new CameraMode("YUYV", 640, 480, [30, 15]), new CameraMode("MJPG", 640, 480, [60, 30])]), ""),
            "video1" => (new CameraDescription("HD Webcam", "uvcvideo", "usb-2", false, []), ""),
            "video2" => (null, "no permission to open /dev/video2: add the user to the group that owns it (often video)"),
            _ => (new CameraDescription("imx219", "tegra-video", "platform", true, [new CameraMode("RG10", 3280, 2464, [21])]), ""),
        });
        Assert.Equal(["/dev/video0", "/dev/video2", "/dev/video10"], report.Cameras.Select(c => c.Path));
        Assert.Equal("open: \"v4l2:///dev/video0?width=640&height=480&fps=30&format=YUY2\"", report.Cameras[0].Source);
        Assert.Equal("/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0", report.Cameras[0].LastingPath);
        Assert.Contains("group", report.Cameras[1].Problem, StringComparison.Ordinal);
        Assert.StartsWith("pipeline: \"nvarguscamerasrc sensor-id=2 ", report.Cameras[2].Source, StringComparison.Ordinal);
        string text = report.ToText();
        Assert.All(["MJPG  1920x1080 at 60 30, 640x480 at 60 30", "HD Webcam (uvcvideo, usb-2)", "no permission"],
            t => Assert.Contains(t, text, StringComparison.Ordinal));
        Assert.Contains("\"lasting_path\"", report.ToJson(), StringComparison.Ordinal);
        AssertRead($"packs: {{ detect: {{ manifest: m }} }}\nsources:\n{report.Sources("detect")}", "camera0", "camera10");
    }

    [Fact]
    public void Formats_that_nothing_here_reads_are_told_and_not_offered()
    {
        var report = Read(_ => (new CameraDescription("thermal", "uvcvideo", "usb-1", true, [new CameraMode("Y16", 160, 120, [9])]), ""));
        Assert.Equal("", report.Sources("p"));
        Assert.All(report.Cameras, c => Assert.Contains("none of these formats", c.Problem, StringComparison.Ordinal));
    }

    [Fact]
    public void No_camera_is_said_with_what_to_do()
    {
        using var empty = new TemporaryFolder();
        var report = CameraReport.Read(new SystemFiles(empty.Path), CameraReport.AskKernel);
        Assert.Empty(report.Cameras);
        Assert.Contains("rtsp://", report.ToText(), StringComparison.Ordinal);
    }

    /// <summary>Files that are no devices answer the kernel's questions with a reason.</summary>
    [Fact]
    public void What_is_no_camera_is_asked_in_vain() => Assert.All(
        CameraReport.Read(new SystemFiles(_folder.Path), CameraReport.AskKernel).Cameras,
        c => Assert.Contains("is no V4L2 device", c.Problem, StringComparison.Ordinal));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_first_config_is_read_without_a_problem(bool hasCamera)
    {
        CameraDescription camera = new("A: \"camera\"", "uvcvideo", "usb-1", true, [new CameraMode("YUYV", 640, 480, [])]);
        var cameras = hasCamera ? Read(_ => (camera, "")) : new CameraReport([], "none");
        var found = new FirstConfig("/packs/detect/manifest.json", ["CUDA", "CPU"], ["TensorRT: not compiled\nin"], cameras);
        var config = AssertRead(found.Text(), hasCamera ? ["camera0", "camera1", "camera2", "camera10"] : ["table"]);
        Assert.Equal(["CUDA", "CPU"], config.Runtime.Providers.Select(p => p.Name));
        Assert.Equal("detect", config.Sources[0].PackName);
        Assert.Contains("\"refused\"", found.ToJson(), StringComparison.Ordinal);
    }

    private static DeviceConfig AssertRead(string text, params string[] sources)
    {
        var reading = DeviceConfigReader.ReadText(text, "/robot/device.yaml", checkPaths: false);
        Assert.Equal([], reading.Problems.Select(p => p.ToString()));
        Assert.Equal(sources, reading.Config!.Sources.Select(s => s.Name));
        return reading.Config;
    }

    private CameraReport Read(Func<string, (CameraDescription? Found, string Reason)> ask) =>
        CameraReport.Read(new SystemFiles(_folder.Path), ask);
}
