using System.Text.Json;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Tests.Workbench.Exporting;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary>The verb as people and scripts use it: files, exit codes, JSON.</summary>
public sealed class FilmCommandTests : IDisposable
{
    private readonly ExportSample _sample = new();

    public FilmCommandTests()
    {
        File.WriteAllBytes(_sample.RecordingPath, _sample.Record());
        File.WriteAllText(_sample.AnswersPath, ExportSample.Answers());
    }

    public void Dispose() => _sample.Dispose();

    [SkippableFact]
    public void The_film_is_not_replaced_without_force()
    {
        Skip.If(FilmEncoder.EncoderOf(".webm", out string reason) is null, reason);
        string[] wanted = ["run.erec", "--answers", "answers.jsonl", "--stream", "front", "--out", "walk.webm"];
        var (exitCode, output, error) = Run([.. wanted, "--json"]);
        Assert.True(exitCode == 0, error);
        using var report = JsonDocument.Parse(output);
        Assert.Equal(new FileInfo(Path.Combine(_sample.Folder, "walk.webm")).Length, report.RootElement.GetProperty("bytes").GetInt64());
        Assert.Equal(ExportSample.FrameCount, report.RootElement.GetProperty("frame_count").GetInt32());
        var second = Run(wanted);
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("replace it with --force", second.Error, StringComparison.Ordinal);
        Assert.Contains("40 pictures of 'front'", Run([.. wanted, "--force"]).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "name one with --stream")]
    [InlineData(2, "no source 'back'", "--stream", "back")]
    [InlineData(2, "'run.gif' is no name of a film", "--out", "run.gif")]
    [InlineData(2, "no duration", "--to", "soon")]
    [InlineData(1, "no folder for 'absent/run.mp4'", "--out", "absent/run.mp4")]
    [InlineData(1, "none.jsonl", "--stream", "front", "--answers", "none.jsonl")]
    public void What_cannot_be_done_ends_with_a_line_and_a_code(int exitCode, string words, params string[] arguments)
    {
        var run = Run(["run.erec", .. arguments]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.Equal(["answers.jsonl", "run.erec"], Directory.GetFiles(_sample.Folder).Select(Path.GetFileName).Order());
    }

    private (int ExitCode, string Output, string Error) Run(params string[] arguments) =>
        LaptopTool.Run(_sample.Folder, "", [], ["film", .. arguments]);
}
