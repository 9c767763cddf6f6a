using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Steering;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class OutputConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    [Fact]
    public void Files_and_standard_output_are_read_and_written_back()
    {
        const string Text = """
            disk: { keep_mb: 100, file_mb: 10, free_mb: 3 }
            outputs:
              all: { kind: jsonl, path: out/a.jsonl, file_minutes: 60, keep_days: 2 }
              few: { kind: jsonl, path: b.jsonl, file_mb: 1, keep_mb: 5 }
              pipe: { kind: jsonl, path: "-" }
            """;
        var config = Read(Text).Config!;
        Assert.Equal(["all", "few", "pipe"], config.Outputs.Select(o => o.Name));
        JsonlOutputConfig[] read = [.. config.Outputs.Cast<JsonlOutputConfig>()];
        var (all, few, pipe) = (read[0], read[1], read[2]);
        Assert.Equal(("/a/out/a.jsonl", 60, new DiskConfig(100, 2, 10, 3) { Group = "outputs.all" }),
            (all.File!.Full, all.FileMinutes, all.Disk));
        Assert.Equal((null, new DiskConfig(5, 30, 1, 3) { Group = "outputs.few" }), (few.FileMinutes, few.Disk));
        Assert.Null(pipe.File);
        string effective = config.Effective();
        Assert.Contains("    file_minutes: 60\n    keep_mb: 100\n    keep_days: 2\n", effective, StringComparison.Ordinal);
        Assert.Contains("  pipe:\n    kind: jsonl\n    path: \"-\"\n", effective, StringComparison.Ordinal);
        Assert.Equal(effective, DeviceConfigReader.ReadText(effective, "/a/e.yaml", checkPaths: false).Config!.Effective());
    }

    [Fact]
    public void A_budget_smaller_than_the_disks_file_makes_files_smaller() =>
        Assert.Equal(20, Assert.IsType<JsonlOutputConfig>(Assert.Single(Read("outputs: { a: { kind: jsonl, path: a.jsonl, keep_mb: 20 } }")
            .Config!.Outputs)).Disk.FileMegabytes);

    [Theory]
    [InlineData("outputs: {}", "outputs has 0 entries; 1 to 8 outputs are possible")]
    [InlineData("outputs: { a: { path: x } }", "outputs.a needs 'kind'")]
    [InlineData("outputs: { a: { kind: jsonl } }", "outputs.a needs 'path'")]
    [InlineData("outputs: { a: { kind: jsonn, path: x } }",
        "outputs.a.kind is 'jsonn'; it must be one of jsonl, mqtt, websocket; did you mean "
            + "'jsonl'?")]
    [InlineData("outputs: { a: { kind: jsonl, path: x, file_minute: 1 } }", "unknown key 'file_minute' in outputs.a; did you mean "
        + "'file_minutes'?")]
    [InlineData("outputs:\n  a:\n    kind: jsonl\n    path: -", "a '-' that is a value stands in quotes")]
    [InlineData("outputs: { a: { kind: jsonl, path: '-', file_mb: 1 } }", "unknown key 'file_mb' in outputs.a")]
    [InlineData("outputs: { a: { kind: jsonl, path: x, file_mb: 9, keep_mb: 8 } }", "outputs.a.file_mb is 9, more than the 8 MB that are "
        + "kept")]
    [InlineData("outputs: { a: { kind: jsonl, path: x, file_minutes: 0 } }", "outputs.a.file_minutes is '0'; it must be a whole number "
        + "from 1 to 44640 minutes, or none")]
    [InlineData("outputs: { a: { kind: jsonl, path: x }, b: { kind: jsonl, path: ./x } }", "outputs.b.path is that of the output 'a' too")]
    [InlineData("outputs: { a: { kind: jsonl, path: '-' }, b: { kind: jsonl, path: '-' } }",
        "outputs.b.path is that of the output 'a' too")]
    public void What_is_wrong_is_told(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(text).Problems).Message, StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_not_there_and_a_link_in_the_files_place_are_problems_before_a_start()
    {
        using var folder = new TemporaryFolder();
        string text = Rest + "outputs: { a: { kind: jsonl, path: none/a.jsonl } }";
        Assert.Contains(DeviceConfigReader.ReadText(text, folder.File("d.yaml")).Problems,
            p => p.Message.Contains("no folder to write 'none/a.jsonl' into", StringComparison.Ordinal));
        File.CreateSymbolicLink(folder.File("a.jsonl"), folder.Write("victim", ""));
        var config = DeviceConfigReader.ReadText(text.Replace("none/", "", StringComparison.Ordinal), folder.File("d.yaml"),
            checkPaths: false).Config!;
        Assert.Contains("is a link", Assert.Single(ConfigTrial.ProblemsOfMachine(config, _ => { })), StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_named_as_what_is_kept_of_another_is_refused()
    {
        using var folder = new TemporaryFolder();
        string text = Rest + "outputs: { a: { kind: jsonl, path: a.jsonl }, b: { kind: jsonl, path: a-2.jsonl } }";
        var config = DeviceConfigReader.ReadText(text, folder.File("d.yaml"), checkPaths: false).Config!;
        Assert.Contains("outputs.b.path 'a-2.jsonl' is a name that files kept of outputs.a.path 'a.jsonl' have",
            Assert.Single(ConfigTrial.ProblemsOfMachine(config, _ => { })), StringComparison.Ordinal);
    }

    private static DeviceConfigReading Read(string text) => DeviceConfigReader.ReadText(Rest + text + "\n", "/a/d.yaml", checkPaths: false);
}
