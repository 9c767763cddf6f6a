using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>Passwords of cameras in files of their own: none stands in the config, and none is shown.</summary>
public sealed class PasswordFileTests : IDisposable
{
    private const string Password = "s3cr\"et \\word";

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public PasswordFileTests()
    {
        _path = _folder.Write("password", Password + "\n");
        FileModes.Set(_path, PrivateFile.Mode);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_camera_gets_user_and_password_and_nobody_sees_them()
    {
        var source = Assert.Single(Read("open: 'rtsp://cam/live', user: anna, password_file: password").Config!.Sources);
        Assert.Equal(("anna", _path), (source.User, source.PasswordFile!.Full));
        var address = AddressOf(source);
        var plan = PipelineWriter.FromRtsp(address, source.CaptureOptions, PrivateFile.ReadSecret(_path, 100));
        Assert.Contains("user-id=\"anna\" user-pw=\"s3cr\\\"et \\\\word\"", plan.Texts[0], StringComparison.Ordinal);
        Assert.Equal("rtsp://cam/live", plan.Description);
        string shown = plan.WithoutPassword($"cannot build '{plan.Texts[0]}' with {Password}");
        Assert.DoesNotContain("s3cr", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipeline_gets_them_where_it_says()
    {
        var source = Assert.Single(Read("pipeline: 'x location={user} token={password} ! y', user: anna, password_file: password")
            .Config!.Sources);
        var plan = PipelineWriter.FromText(source.Address.FactoryText, source.CaptureOptions, Password);
        Assert.StartsWith("x location=\"anna\" token=\"s3cr\\\"et", plan.Texts[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_effective_config_names_the_file_and_reads_as_the_same()
    {
        var config = Read("open: 'rtsp://cam/live', user: anna, password_file: password").Config!;
        Assert.Contains("password_file: \"password\"", config.Printable(), StringComparison.Ordinal);
        string again = DeviceConfigReader.ReadText(config.Effective(), _folder.File("device.yaml"), checkPaths: false).Config!.HashText();
        Assert.Equal(config.HashText(), again);
    }

    [Theory]
    [InlineData("open: 'rtsp://cam/live', user: anna", "has one of 'user' and 'password_file'")]
    [InlineData("open: 'rtsp://a:b@cam/live', user: anna, password_file: password", "holds a user already")]
    [InlineData("open: 'v4l2:///dev/video0', user: anna, password_file: password", "only for rtsp")]
    [InlineData("pipeline: 'x ! y', password_file: password", "is nowhere in the pipeline")]
    [InlineData("pipeline: 'x p={password} ! y'", "has no 'password_file'")]
    [InlineData("open: 'rtsp://cam/live', user: anna, password_file: none", "no file 'none'")]
    public void What_would_not_work_is_told(string source, string expected) =>
        Assert.Contains(Read(source, checkPaths: true).Problems, p => p.ToString()!.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("open to others", "secret", UnixFileMode.GroupRead)]
    [InlineData("on one line", "two\nlines", UnixFileMode.None)]
    [InlineData("on one line", "", UnixFileMode.None)]
    public void A_file_that_holds_no_secret_is_refused(string expected, string text, UnixFileMode more)
    {
        File.WriteAllText(_path, text);
        FileModes.Set(_path, PrivateFile.Mode | more);
        Assert.Contains(expected, Problem(_path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_regular_file_is_refused()
    {
        Assert.Contains("a folder", Problem(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("a device", Problem("/dev/zero"), StringComparison.Ordinal);
    }

    private static string Problem(string path)
    {
        var options = SourceOptions.Usual with { User = "anna", PasswordPath = path };
        Assert.False(new SourceFactory(TimeProvider.System).TryMake("rtsp://cam/live", options, out _, out string problem));
        return problem;
    }

    private static CaptureAddress AddressOf(SourceConfig source)
    {
        Assert.True(CaptureAddress.TryParse(source.Address.FactoryText, out var address, out string problem), problem);
        return address!;
    }

    private DeviceConfigReading Read(string source, bool checkPaths = false) => DeviceConfigReader.ReadText(
        $"packs: {{ p: {{ manifest: {_path} }} }}\nsources: {{ s: {{ {source}, pack: p }} }}\n", _folder.File("device.yaml"), checkPaths);
}
