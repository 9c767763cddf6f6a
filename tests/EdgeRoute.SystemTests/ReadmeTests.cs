using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EdgeRoute.SystemTests;

/// <summary>What the README says can be done can be done, and what it points at is there.</summary>
public sealed partial class ReadmeTests
{
    private const string BinaryInReadme = "out/linux-x64/edgerouted";

    private const string ToolInReadme = "out/tools/edgeroute", ValueConfig = "device-configs/examples/value.yaml",
        LiveSection = "## Watch and tune", ModelSection = "## Your own model";

    private static readonly string _text = File.ReadAllText(Path.Combine(HostProcess.Repository, "README.md"));

    public static TheoryData<string> Commands =>
        [.. ShellLines(Standing()).Where(line => line.StartsWith(BinaryInReadme + " ", StringComparison.Ordinal)
            && !line.Contains(ValueConfig, StringComparison.Ordinal))];

    /// <summary>Links of the text without those to other sites, and names in backticks that hold a slash.</summary>
    public static TheoryData<string> Places =>
        [.. Links().Matches(Prose()).Select(m => m.Groups[1].Value).Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Concat(CodeNames().Matches(Prose()).Select(m => m.Groups[1].Value.Split(' ')[0]).Where(IsPath))
            .Distinct(StringComparer.Ordinal)];

    public static TheoryData<string> Verbs => [.. BuildVerbs().Matches(_text).Select(m => m.Groups[1].Value)
        .Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_the_readme_runs(string command)
    {
        // Quotes keep the shell from an ampersand; no word of the page has a blank in it.
        string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"'))];
        var (exitCode, _, error) = HostProcess.Run(words[1..]);
        Assert.True(exitCode == 0, $"{command} ended with {exitCode}:\n{error}");
    }

    /// <summary>
    /// From footage to an explained frame: each command stands on what those before it wrote, so they run in the README's order.
    /// </summary>
    [Fact]
    public void The_calibration_commands_of_the_readme_run_in_their_order()
    {
        string[] lines = [.. ShellLines(Standing())
            .Where(l => l.StartsWith(ToolInReadme + " ", StringComparison.Ordinal) || l.Contains(ValueConfig, StringComparison.Ordinal))];
        Assert.True(lines.Length >= 5, "the README no longer shows how to calibrate");
        Assert.True(File.Exists(Path.Combine(HostProcess.Repository, ToolInReadme)), $"{ToolInReadme} is not there; run ./build.sh tools");
        foreach (string old in Directory.EnumerateFiles(Path.Combine(HostProcess.Repository, "out"), "value*.erec"))
        {
            File.Delete(old);
        }

        foreach (string line in lines)
        {
            RunInShell(line);
        }
    }

    /// <summary>
    /// A running device, watched and tuned, and at last shut down, all by the README's own lines. <c>top</c> wants a terminal and is tried
    /// elsewhere.
    /// </summary>
    [Fact]
    public async Task The_lines_that_watch_and_tune_a_device_run_in_their_order()
    {
        string[] lines = [.. ShellLines(Section(LiveSection))];
        string run = Assert.Single(lines, l => l.EndsWith('&'));
        string export = Assert.Single(lines, l => l.StartsWith("export ", StringComparison.Ordinal));
        using var host = HostProcess.Start([.. run.TrimEnd('&', ' ').Split(' ')[1..]]);
        await host.FirstFrame.WaitAsync(TimeSpan.FromMinutes(1));
        foreach (string line in lines.Where(l => l.StartsWith(ToolInReadme, StringComparison.Ordinal)
            && !l.EndsWith(" top", StringComparison.Ordinal)))
        {
            RunInShell($"{export}; {line}");
        }

        Assert.Equal(0, host.WaitForExit());
    }

    /// <summary>From a model file and a video to boxes, in a folder that holds nothing else, by the README's own lines.</summary>
    [Fact]
    public void A_model_file_and_a_video_become_boxes_by_the_lines_of_the_readme()
    {
        string[] lines = [.. ShellLines(Section(ModelSection)).Where(l => l.StartsWith("out/", StringComparison.Ordinal))];
        Assert.InRange(lines.Length, 2, 3);
        using var folder = new TempFolder();
        string fixtures = Path.Combine(HostProcess.Repository, "tests", "fixtures");
        File.Copy(Path.Combine(fixtures, "onnx", "ultralytics.onnx"), Path.Combine(folder.Path, "yolov8n.onnx"));
        File.Copy(Path.Combine(fixtures, "video", "tables.mp4"), Path.Combine(folder.Path, "street.mp4"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "out"));
        foreach (string built in new[] { "tools", "linux-x64" })
        {
            File.CreateSymbolicLink(Path.Combine(folder.Path, "out", built), Path.Combine(HostProcess.Repository, "out", built));
        }

        foreach (string line in lines)
        {
            RunInShell(line, folder.Path);
        }

        string[] answers = File.ReadAllLines(Path.Combine(folder.Path, "out", "boxes.jsonl"));
        Assert.Equal(4, answers.Length);
        Assert.Contains(answers, a => a.Contains("\"red\"", StringComparison.Ordinal) || a.Contains("\"blue\"", StringComparison.Ordinal));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(folder.Path, "out", "boxes"), "*.jpg").Length);
        Assert.True(File.Exists(Path.Combine(folder.Path, "yolov8n", "trial.jpg")), "the first frame is shown with its answer");
    }

    private static void RunInShell(string line, string? folder = null)
    {
        var start = new ProcessStartInfo("bash", ["-c", line]) { WorkingDirectory = folder ?? HostProcess.Repository,
            RedirectStandardError = true, RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        var error = shell.StandardError.ReadToEndAsync();
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, $"{line} ended with {shell.ExitCode}:\n{error.GetAwaiter().GetResult()}\n{output}");
    }

    private static string Section(string title)
    {
        int start = _text.IndexOf(title, StringComparison.Ordinal), end = _text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return _text[start..end];
    }

    /// <summary>What needs neither a running device nor files of the reader's own.</summary>
    private static string Standing() => _text.Replace(Section(LiveSection), "", StringComparison.Ordinal)
        .Replace(Section(ModelSection), "", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Places))]
    public void A_place_that_the_readme_names_is_there(string place) =>
        Assert.True(Path.Exists(Path.Combine(HostProcess.Repository, place.Split('#')[0])),
            $"README.md names {place}, which does not exist");

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_that_the_readme_names_is_listed_by_the_build(string verb) =>
    Assert.Matches($@"(?m)^\s*(\S*build\.sh )?{Regex.Escape(verb)}\b", BuildHelp());

    private static string BuildHelp()
    {
        var start = new ProcessStartInfo(Path.Combine(HostProcess.Repository, "build.sh"), "--help") { RedirectStandardOutput = true };
        using var build = Process.Start(start)!;
        string help = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.Equal(0, build.ExitCode);
        return help;
    }

    /// <summary>The lines of the README's shell blocks without their remarks.</summary>
    private static IEnumerable<string> ShellLines(string text) =>
        ShellBlocks().Matches(text).SelectMany(m => m.Groups[1].Value.Split('\n')).Select(line => Remark().Replace(line, "").Trim())
            .Where(line => line.Length > 0);

    private static string Prose() => AnyBlock().Replace(_text, "");

    private static bool IsPath(string name) => name.Contains('/', StringComparison.Ordinal)
        && !name.Contains("://", StringComparison.Ordinal);

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellBlocks();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex(@"\s#.*$")]
    private static partial Regex Remark();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex CodeNames();

    [GeneratedRegex(@"\./build\.sh ([a-z][a-z-]*)")]
    private static partial Regex BuildVerbs();
}
