using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EdgeRoute.SystemTests;

/// <summary>What the README says can be done can be done, and what it points at is there.</summary>
public sealed partial class ReadmeTests
{
    private const string BinaryInReadme = "out/linux-x64/edgerouted";

    private const string ToolInReadme = "out/tools/edgeroute", ValueConfig = "device-configs/examples/value.yaml",
        LiveSection = "## Watch and tune";

    private static readonly string _text = File.ReadAllText(Path.Combine(HostProcess.Repository, "README.md"));

    public static TheoryData<string> Commands =>
        [.. ShellLines(WithoutLive()).Where(line => line.StartsWith(BinaryInReadme + " ", StringComparison.Ordinal)
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
        var (exitCode, _, error) = HostProcess.Run(command.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);
        Assert.True(exitCode == 0, $"{command} ended with {exitCode}:\n{error}");
    }

    /// <summary>
    /// From footage to an explained frame: each command stands on what those before it wrote, so they run in the README's order.
    /// </summary>
    [Fact]
    public void The_calibration_commands_of_the_readme_run_in_their_order()
    {
        string[] lines = [.. ShellLines(WithoutLive())
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
        string[] lines = [.. ShellLines(Live())];
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

    private static void RunInShell(string line)
    {
        var start = new ProcessStartInfo("bash", ["-c", line]) { WorkingDirectory = HostProcess.Repository, RedirectStandardError = true,
            RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        var error = shell.StandardError.ReadToEndAsync();
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, $"{line} ended with {shell.ExitCode}:\n{error.GetAwaiter().GetResult()}\n{output}");
    }

    private static string Live()
    {
        int start = _text.IndexOf(LiveSection, StringComparison.Ordinal), end = _text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return _text[start..end];
    }

    private static string WithoutLive() => _text.Replace(Live(), "", StringComparison.Ordinal);

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
