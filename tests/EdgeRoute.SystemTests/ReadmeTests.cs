using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EdgeRoute.SystemTests;

/// <summary>What the README says can be done can be done, and what it points at is there.</summary>
public sealed partial class ReadmeTests
{
    private const string BinaryInReadme = "out/linux-x64/edgerouted";

    private static readonly string _text = File.ReadAllText(Path.Combine(HostProcess.Repository, "README.md"));

    public static TheoryData<string> Commands =>
        [.. ShellLines().Where(line => line.StartsWith(BinaryInReadme + " ", StringComparison.Ordinal))];

    /// <summary>Links of the text without those to other sites, and names in backticks that hold a slash.</summary>
    public static TheoryData<string> Places =>
        [.. Links().Matches(Prose()).Select(m => m.Groups[1].Value).Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Concat(CodeNames().Matches(Prose()).Select(m => m.Groups[1].Value.Split(' ')[0]).Where(IsPath)).Distinct(StringComparer.Ordinal)];

    public static TheoryData<string> Verbs => [.. BuildVerbs().Matches(_text).Select(m => m.Groups[1].Value).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_the_readme_runs(string command)
    {
        var (exitCode, _, error) = HostProcess.Run(command.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);
        Assert.True(exitCode == 0, $"{command} ended with {exitCode}:\n{error}");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_place_that_the_readme_names_is_there(string place) =>
        Assert.True(Path.Exists(Path.Combine(HostProcess.Repository, place.Split('#')[0])), $"README.md names {place}, which does not exist");

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_that_the_readme_names_is_listed_by_the_build(string verb) => Assert.Matches($@"(?m)^\s*(\S*build\.sh )?{Regex.Escape(verb)}\b", BuildHelp());

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
    private static IEnumerable<string> ShellLines() =>
        ShellBlocks().Matches(_text).SelectMany(m => m.Groups[1].Value.Split('\n')).Select(line => Remark().Replace(line, "").Trim()).Where(line => line.Length > 0);

    private static string Prose() => AnyBlock().Replace(_text, "");

    private static bool IsPath(string name) => name.Contains('/', StringComparison.Ordinal) && !name.Contains("://", StringComparison.Ordinal);

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
