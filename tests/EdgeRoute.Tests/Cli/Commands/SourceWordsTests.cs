using EdgeRoute.Cli.Commands;

namespace EdgeRoute.Tests.Cli.Commands;

public sealed class SourceWordsTests
{
    [Theory]
    [InlineData("rtsp://10.0.0.7/main", "open: 'rtsp://10.0.0.7/main'\n")]
    [InlineData("http://h/x?a=b", "open: 'http://h/x?a=b'\n")]
    [InlineData("v4l2src device=/dev/video4 ! queue", "pipeline: 'v4l2src device=/dev/video4 ! queue'\n")]
    [InlineData("it's.mp4", "open: 'it''s.mp4'\n")]
    public void A_word_is_an_address_or_a_pipeline(string word, string expected) =>
        Assert.Equal(expected, SourceWords.Text("", [word], []));

    [Fact]
    public void Keys_lead_into_groups_and_change_what_a_file_says()
    {
        string text = SourceWords.Text("open: a.mp4\nloop: true\npolicy: { kind: value }\n",
            ["policy.floor=0.97", "loop=false", "zones={ door: [[0, 0], [1, 0], [1, 1]] }"], [("pack", "night"), ("take", null)]);
        Assert.Equal("open: a.mp4\nloop: false\npolicy: { kind: value, floor: 0.97 }\nzones: { door: [[0, 0], [1, 0], [1, 1]] }\n"
            + "pack: night\n", text);
    }

    [Fact]
    public void Nothing_is_no_source()
    {
        Assert.Contains("write an address", Assert.Throws<ArgumentException>(() => SourceWords.Text("", [], [("pack", null)])).Message,
            StringComparison.Ordinal);
    }
}
