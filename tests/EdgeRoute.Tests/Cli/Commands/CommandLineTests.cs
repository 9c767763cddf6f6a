using System.CommandLine;
using EdgeRoute.Cli;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Tests.Cli.Commands;

public sealed class CommandLineTests
{
    public static TheoryData<string> CommandPaths { get; } = [.. All(RootCommands.Create(), "").Select(c => c.Path)];

    [Theory]
    [MemberData(nameof(CommandPaths))]
    public void Every_help_says_what_it_does_and_has_an_example_that_parses(string path)
    {
        var root = RootCommands.Create();
        var command = All(root, "").Single(c => c.Path == path).Command;
        Assert.NotEmpty(HelpText.SummaryOf(command));
        Assert.NotEmpty(HelpText.ExamplesOf(command));
        foreach (string example in HelpText.ExamplesOf(command))
        {
            string line = example.Split(" > ")[0].Split(" | ")[0];
            int at = line.IndexOf("edgeroute ", StringComparison.Ordinal);
            var errors = root.Parse(line[(at + "edgeroute ".Length)..].Replace('\'', '"')).Errors;
            Assert.True(errors.Count == 0, $"{line}: {string.Join("; ", errors.Select(e => e.Message))}");
        }
    }

    [Theory]
    [MemberData(nameof(CommandPaths))]
    public void Every_option_and_argument_is_described(string path)
    {
        var command = All(RootCommands.Create(), "").Single(c => c.Path == path).Command;
        Assert.All(command.Options, o => Assert.False(string.IsNullOrWhiteSpace(o.Description), $"{path} {o.Name}"));
        Assert.All(command.Arguments, a => Assert.False(string.IsNullOrWhiteSpace(a.Description), $"{path} {a.Name}"));
    }

    [Fact]
    public void Top_level_help_names_every_command_under_a_heading()
    {
        var root = RootCommands.Create();
        var lines = HelpText.Of(root, 80);
        Assert.All(root.Subcommands, c => Assert.Contains(lines, l => l.StartsWith($"  {c.Name} ", StringComparison.Ordinal)));
        Assert.All(lines.Where(l => !l.StartsWith("  edgeroute ", StringComparison.Ordinal)), l => Assert.True(l.Length <= 80, l));
        Assert.Contains("Tune:", lines);
    }

    [Fact]
    public void On_a_narrow_terminal_texts_stand_below_what_they_explain()
    {
        var lines = HelpText.Of(RootCommands.Create().Subcommands.Single(c => c.Name == "budget"), 40);
        int at = lines.ToList().IndexOf("  set [STREAM] KEY=VALUE...");
        Assert.True(at > 0, string.Join('\n', lines));
        Assert.Equal("      Sets budgets of a stream, all", lines[at + 1]);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Completion_scripts_ask_the_program(string shell) => Assert.Contains("[suggest:", CompletionCommand.ScriptOf(shell),
        StringComparison.Ordinal);

    [Fact]
    public void Suggestions_are_the_commands_of_a_group()
    {
        var names = RootCommands.Create().Parse("budget ").GetCompletions().Select(c => c.Label).ToList();
        Assert.Contains("try", names);
        Assert.DoesNotContain("/?", names);
    }

    [Fact]
    public void Suggestions_are_the_keys_of_settings()
    {
        var names = RootCommands.Create().Parse("budget set ").GetCompletions().Select(c => c.Label).ToList();
        Assert.Contains("device_ms=", names);
        Assert.DoesNotContain("price=", names);
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path)
    {
        string own = (path + " " + (command is RootCommand ? "" : command.Name)).Trim();
        return command.Subcommands.SelectMany(c => All(c, own)).Prepend((own.Length == 0 ? "edgeroute" : own, command));
    }
}
