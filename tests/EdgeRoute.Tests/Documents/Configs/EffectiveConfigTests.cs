using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class EffectiveConfigTests
{
    private const string Smallest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    [Fact]
    public void Effective_text_shows_every_default() => Assert.Equal(
        """
        runtime:
          threads: auto
          nice: auto
          realtime: 0
          spin: false
          kernel: auto
          stage_limit_ms: 10000
          providers:
            - name: CPU
              require: false
        packs:
          d:
            manifest: "m.json"
        sources:
          s:
            open: "x.mp4"
            pack: d
            take: every
            pace: free
            loop: false
            isolate: false
            stall_ms: 3000
            policy:
              kind: cascade
            weight: 1
            deadline_ms: none
        disk:
          keep_mb: 4096
          keep_days: 30
          file_mb: 256
          free_mb: 512

        """,
        Read(Smallest, "/a/d.yaml").Effective());

    [Fact]
    public void Effective_text_reads_back_to_itself()
    {
        foreach (string file in ShippedConfigTests.Files)
        {
            string text = DeviceConfigReader.ReadFile(file, checkPaths: false).Config!.Effective();
            Assert.Equal(text, Read(text, "/elsewhere/x.yaml").Effective());
        }
    }

    [Fact]
    public void Odd_characters_survive()
    {
        string path = "a\"b\\c\u0001\u0085\u2028é: #x";
        string text = Read("packs: { d: { manifest: m } }\nsources: { s: { pack: d, open: \"a\\\"b\\\\c\\u0001\\u0085\\u2028é: "
            + "#x\" } }", "/a/d.yaml").Effective();
        Assert.Equal(path, Read(text, "/a/d.yaml").Sources[0].Address.Text);
    }

    [Fact]
    public void Hash_ignores_comments_order_and_folder_but_not_values()
    {
        string hash = Read(Smallest, "/a/d.yaml").HashText();
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, Read("# a robot\nsources: { s: { pack: d, open: x.mp4 } }\npacks: { d: { manifest: m.json } }",
            "/b/e.yaml").HashText());
        Assert.Equal(hash, Read(Smallest + "runtime: { threads: auto }", "/a/d.yaml").HashText());
        Assert.NotEqual(hash, Read(Smallest + "runtime: { threads: 1 }", "/a/d.yaml").HashText());
    }

    [Theory]
    [InlineData("open: 'rtsp://bob:s3cret@camera/1'")]
    [InlineData("pipeline: 'rtspsrc location=rtsp://camera/1 user-pw=\"s3cret word\" ! decodebin'")]
    public void Credentials_are_not_printed_but_hashed(string address)
    {
        string text = $"packs: {{ d: {{ manifest: m }} }}\nsources: {{ s: {{ pack: d, {address} }} }}";
        var config = Read(text, "/a/d.yaml");
        Assert.DoesNotContain("s3cret", config.Printable(), StringComparison.Ordinal);
        Assert.Contains("***", config.Printable(), StringComparison.Ordinal);
        Assert.NotEqual(Read(text.Replace("s3cret", "other", StringComparison.Ordinal), "/a/d.yaml").HashText(), config.HashText());
    }

    private static DeviceConfig Read(string text, string path)
    {
        var reading = DeviceConfigReader.ReadText(text, path, checkPaths: false);
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }
}
