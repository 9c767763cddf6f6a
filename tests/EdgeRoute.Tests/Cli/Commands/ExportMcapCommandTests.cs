using System.Text.Json;
using EdgeRoute.Cli;
using EdgeRoute.Tests.Workbench.Exporting;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary>The verb as people and scripts use it: files, exit codes, JSON.</summary>
public sealed class ExportMcapCommandTests : IDisposable
{
    private readonly ExportSample _sample = new();

    public ExportMcapCommandTests() => File.WriteAllBytes(_sample.RecordingPath, _sample.Record());

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void The_file_stands_beside_the_recording_and_is_not_replaced_without_force()
    {
        var (exitCode, output, error) = Run("run.erec", "--layout", "--json");
        Assert.True(exitCode == 0, error);
        using var report = JsonDocument.Parse(output);
        Assert.Equal(new FileInfo(_sample.OutPath).Length, report.RootElement.GetProperty("bytes").GetInt64());
        Assert.True(report.RootElement.GetProperty("is_whole").GetBoolean());
        Assert.True(File.Exists(Path.Combine(_sample.Folder, "run.layout.json")));

        var second = Run("run.erec");
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("--force", second.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run("run.erec", "--force", "--layout").ExitCode);
    }

    [Fact]
    public void A_recording_that_is_cut_is_exported_with_a_warning()
    {
        File.WriteAllBytes(_sample.RecordingPath, _sample.Record()[..^100]);
        var (exitCode, output, error) = Run("run.erec");
        Assert.Equal(0, exitCode);
        Assert.Contains("/front/image", output, StringComparison.Ordinal);
        Assert.Contains("warning: the recording can be read only up to a point", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "is the recording itself", "--out", "run.erec")]
    [InlineData(2, "no instant", "--from", "T12")]
    [InlineData(2, "no duration", "--to", "soon")]
    [InlineData(2, "lies before", "--from", "5m", "--to", "2m")]
    [InlineData(1, "answers.jsonl", "--answers", "answers.jsonl")]
    [InlineData(1, "no folder for 'absent/run.mcap'", "--out", "absent/run.mcap")]
    [InlineData(2, "is a folder", "--out", ".")]
    public void What_cannot_be_done_ends_with_a_line_and_a_code(int exitCode, string words, params string[] arguments)
    {
        var run = Run(["run.erec", .. arguments]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.Equal(["run.erec"], Directory.GetFiles(_sample.Folder).Select(Path.GetFileName));
    }

    /// <summary>The limit of a shell stands for a full disk; the signal that comes with it is ignored, as a disk sends none.</summary>
    [Fact]
    public void A_full_disk_is_told_and_leaves_no_file()
    {
        // The runtime's own memory is files too, where it keeps code apart from its writing.
        var environment = new Dictionary<string, string?> { ["DOTNET_EnableWriteXorExecute"] = "0" };
        var (exitCode, _, error) = LaptopTool.Run(_sample.Folder, "trap '' XFSZ; ulimit -f 8", environment, "export", "mcap", "run.erec",
            "--compression", "none");
        Assert.True(exitCode == 1, error);
        Assert.Contains("cannot grow beyond", error, StringComparison.Ordinal);
        Assert.Equal(["run.erec"], Directory.GetFiles(_sample.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Completion_offers_the_sources_of_the_recording()
    {
        var names = RootCommands.Create().Parse($"export mcap {_sample.RecordingPath} --stream ").GetCompletions().Select(c => c.Label);
        Assert.Contains("front", names);
    }

    private (int ExitCode, string Output, string Error) Run(params string[] arguments) =>
        LaptopTool.Run(_sample.Folder, "", [], ["export", "mcap", .. arguments]);
}
