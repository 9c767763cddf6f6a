using System.Text.RegularExpressions;
using EdgeRoute.Cli;

namespace EdgeRoute.Tests.Packaging;

/// <summary>What the page on installing tells is what the tools say, take and leave behind.</summary>
public sealed partial class InstallPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestPlaces.Repository, "device-configs", "INSTALL.md"));

    [Fact]
    public void Messages_of_the_page_are_those_of_the_tools()
    {
        string table = Page[Page.IndexOf("| message |", StringComparison.Ordinal)..];
        string said = Joints().Replace(string.Join('\n', Sources("tools", "EdgeRoute.Workbench", "Flashing")
            .Concat(Sources("tools", "EdgeRoute.Cli")).Concat(Sources("runtime", "EdgeRoute.Host"))), "");
        said = Holes().Replace(said, "...");
        var rows = Messages().Matches(table).Select(m => m.Groups[1].Value).ToList();
        Assert.True(rows.Count > 8, table);
        Assert.All(rows, row => Assert.All(Figures().Replace(row, "...").Split("..."), part =>
            Assert.Contains(part.Trim(' ', ':'), said, StringComparison.Ordinal)));
    }

    [Fact]
    public void Commands_of_the_page_are_understood()
    {
        var commands = Commands().Matches(Page).Select(m => m.Groups[1].Value).ToList();
        Assert.True(commands.Count > 5, Page);
        var root = RootCommands.Create();
        Assert.All(commands, command => Assert.Empty(root.Parse(command.Split(' ')[1..]).Errors));
    }

    [Fact]
    public void Places_of_the_page_are_those_of_unit_and_package()
    {
        string packaging = string.Join('\n', Directory.EnumerateFiles(Path.Combine(TestPlaces.Repository, "tools", "packaging"), "*",
            SearchOption.AllDirectories).Select(File.ReadAllText))
            + File.ReadAllText(Path.Combine(TestPlaces.Repository, "device-configs", "edgeroute.service"))
            + string.Join('\n', Sources("tools", "EdgeRoute.Workbench", "Flashing"));
        var places = Places().Matches(Page).Select(m => m.Groups[1].Value.TrimEnd('/')).ToList();
        Assert.True(places.Count >= 5, Page);
        Assert.All(places, place => Assert.Contains(place.Replace("/usr/share/", "share/", StringComparison.Ordinal), packaging,
            StringComparison.Ordinal));
    }

    private static IEnumerable<string> Sources(params string[] folder) =>
        Directory.EnumerateFiles(Path.Combine([TestPlaces.Repository, .. folder]), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText);

    /// <summary>Where one string of the source goes on in the next line.</summary>
    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Joints();

    [GeneratedRegex(@"\{[^{}\n]*\}")]
    private static partial Regex Holes();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Messages();

    /// <summary>What the tools fill in.</summary>
    [GeneratedRegex(@"SHA256:|arm64|amd64|\b60\b|7420")]
    private static partial Regex Figures();

    [GeneratedRegex("`(edgeroute [^`]+)`")]
    private static partial Regex Commands();

    [GeneratedRegex(@"^\| `(/[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Places();
}
