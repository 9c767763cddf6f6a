using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>One source as text: read, told in short, and changed.</summary>
public sealed class SourceTextTests
{
    private static readonly DeviceConfig Device = DeviceConfigReader.ReadText(
        "packs: { d: { manifest: m }, night: { manifest: n } }\nsources: { a: { pack: d, open: x.mp4 } }", "/a/d.yaml", checkPaths: false)
        .Config!;

    [Fact]
    public void A_source_reads_as_it_would_in_a_config()
    {
        var read = SourceText.Read(Device, "cam2", "open: rtsp://10.0.0.7/main\npack: d\ndeadline_ms: 50\npolicy: { kind: cascade }");
        Assert.Empty(read.Problems);
        Assert.Equal(("cam2", DeliveryMode.NewestWins, 50.0), (read.Source!.Name, read.Source.Take, read.Source.DeadlineMs!.Value));
    }

    [Theory]
    [InlineData("cam2", "open: rtsp://10.0.0.7/main\npack: d\ntakes: every", "takes")]
    [InlineData("cam2", "open: rtsp://10.0.0.7/main\npack: c", "names 'c', which is not under 'packs'")]
    [InlineData("cam2", "open: rtsp://10.0.0.7/main", "needs 'pack'")]
    [InlineData("cam2", "pack: d", "needs 'open'")]
    [InlineData("cam2", "open: rtsp://u:s3cret@/x\npack: d", "open")]
    [InlineData("cam2", "open: nowhere.mp4\npack: d", "nowhere.mp4")]
    [InlineData("cam2", "open: [", "this is not YAML")]
    [InlineData("cam2", "", "is empty")]
    [InlineData("cam2", "just words", "")]
    [InlineData("Cam 2", "open: rtsp://10.0.0.7/main\npack: d", "cannot be a name")]
    [InlineData("x: { open: y }\nz", "open: rtsp://10.0.0.7/main\npack: d", "cannot be a name")]
    public void What_a_config_would_refuse_is_refused_in_the_same_words(string name, string text, string part)
    {
        var read = SourceText.Read(Device, name, text);
        Assert.Null(read.Source);
        Assert.Contains(part, string.Join("; ", read.Problems), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", string.Join("; ", read.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_cannot_leave_its_source()
    {
        var read = SourceText.Read(Device, "cam2", "open: rtsp://10.0.0.7/main\npack: d\n---\nruntime: { library: evil.so }");
        Assert.Null(read.Source);
        Assert.Null(SourceText.Read(Device, "cam2", "open: rtsp://h/x\npack: d\rcam3:\r  open: rtsp://h/y").Source);
    }

    [Theory]
    [InlineData("open: rtsp://10.0.0.7/main\npack: d\n")]
    [InlineData("open: \"rtsp://10.0.0.7/main\"\npack: d\ntake: newest\nloop: false\n")]
    [InlineData("pipeline: 'videotestsrc ! videoconvert'\nlive: false\npack: d\ndeadline_ms: 20\nisolate: true\n")]
    [InlineData("open: sim://tabletop\npack: night\npolicy: { kind: fixed, path: light }\nweight: 3\n"
        + "zones: { door: [[0, 0], [0.5, 0], [0.5, 1]] }\nrules: { r: { when: { count: { class: 0, at_least: 1, zone: door } } } }\n")]
    public void A_source_told_in_short_reads_as_the_same(string text)
    {
        var source = SourceText.Read(Device, "cam2", text).Source;
        Assert.NotNull(source);
        string inShort = SourceText.Of(Device, source);
        var again = SourceText.Read(Device, "cam2", inShort);
        Assert.Empty(again.Problems);
        Assert.Equal((Device with { Sources = [source] }).Effective(), (Device with { Sources = [again.Source!] }).Effective());
        Assert.DoesNotContain("stall_ms", inShort, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_are_given_change_and_others_stay()
    {
        string merged = SourceText.Merge("open: a.mp4\npack: d\npolicy: { kind: value, floor: 0.9 }\nloop: true\n",
            "policy: { price: 0.1 }\nloop: false\ndeadline_ms: 5");
        Assert.Equal("open: a.mp4\npack: d\npolicy: { kind: value, floor: 0.9, price: 0.1 }\nloop: false\ndeadline_ms: 5\n", merged);
        Assert.Equal("pack: d\npipeline: a ! b\n", SourceText.Merge("pipeline: x ! y\nlive: false\npack: d\n", "pipeline: a ! b"));
        Assert.Equal("open: [", SourceText.Merge("pack: d\n", "open: ["));
        Assert.Equal("open: [", SourceText.Merge("open: [", "pack: d\n"));
    }
}
