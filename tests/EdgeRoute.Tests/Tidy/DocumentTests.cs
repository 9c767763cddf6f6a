using System.Text.RegularExpressions;

namespace EdgeRoute.Tests.Tidy;

/// <summary>What the documents of the tree point at is there, and what they repeat of the code is as the code has it.</summary>
public sealed partial class DocumentTests
{
    private const int ResultRowsMost = 8;

    /// <summary>Where paths begin that are checked; what a build makes lies under out/ and is not.</summary>
    private static readonly string[] Roots = ["runtime/", "tools/", "tests/", "models/", "device-configs/"];

    /// <summary>Such words stand for a name that the reader chooses, or for many.</summary>
    private static readonly char[] Placeholders = ['<', '*', '$'];

    private static readonly HashSet<string> Known =
        [.. SourceTree.AllPaths, .. SourceTree.AllPaths.SelectMany(FoldersOf)];

    private static readonly IReadOnlyList<string> Pages = [.. SourceTree.AllPaths.Where(p => p.EndsWith(".md", StringComparison.Ordinal))];

    [Fact]
    public void Paths_named_in_documents_exist()
    {
        var problems = from page in Pages
                       from path in PathsIn(TextOf(page))
                       where !Known.Contains(path)
                       select $"{page}: names {path}, which is not in the repository";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var problems = from page in Pages
                       from link in Links().Matches(WithoutBlocks(TextOf(page))).Select(m => m.Groups[1].Value)
                       where !link.Contains("://", StringComparison.Ordinal)
                       let parts = link.Split('#', 2)
                       let target = parts[0].Length == 0 ? page : Resolve(page, parts[0])
                       where !Known.Contains(target) || (parts.Length == 2 && !AnchorsOf(target).Contains(parts[1]))
                       select $"{page}: the link to {link} leads nowhere";
        FenceTests.AssertNone(problems);
    }

    /// <summary>Comments say which section of a format they carry out; a page that is rearranged would leave them behind.</summary>
    [Fact]
    public void Sections_that_the_code_refers_to_exist()
    {
        var problems = from file in SourceTree.AllPaths.Where(p => Path.GetExtension(p) is ".cs" or ".py" or ".md")
                       from match in Sections().Matches(TextOf(file))
                       let page = $"runtime/EdgeRoute.Protocol/{match.Groups[1].Value}.md"
                       where !TextOf(page).Contains($"\n## {match.Groups[2].Value}. ", StringComparison.Ordinal)
                       select $"{file}: {match.Value} is not there";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Contributing_shows_the_fence_as_it_stands()
    {
        string text = TextOf("CONTRIBUTING.md");
        var problems = FenceTests.AllowedReferences
            .Select(p => $"| {p.Key} | {(p.Value.Length == 0 ? "nothing" : string.Join(", ", p.Value))} |")
            .Where(row => !text.Contains(row, StringComparison.Ordinal))
            .Select(row => $"CONTRIBUTING.md: the table of references has no row '{row}'");
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void The_readme_keeps_a_few_rows_of_results()
    {
        string text = TextOf("README.md");
        string results = text[text.IndexOf("<!-- results -->", StringComparison.Ordinal)..];
        int rows = results.Split('\n').Count(l => l.StartsWith("| ", StringComparison.Ordinal)) - 1;
        Assert.InRange(rows, 1, ResultRowsMost);
    }

    /// <summary>
    /// Words between backticks and in blocks of commands that look like paths of the repository. <c>a/{b,c}.cs</c> names two files.
    /// </summary>
    private static IEnumerable<string> PathsIn(string text) =>
        Code().Matches(WithoutBlocks(text)).Select(m => m.Groups[1].Value).Concat(Blocks().Matches(text).Select(m => m.Value))
            .SelectMany(code => code.Split([' ', '\n', '"', '=', '(', ')'], StringSplitOptions.RemoveEmptyEntries))
            .Where(word => Roots.Any(root => word.StartsWith(root, StringComparison.Ordinal)) && word.IndexOfAny(Placeholders) < 0)
            .SelectMany(Expand).Select(path => path.TrimEnd('/', ',', '.', ';', ':')).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Expand(string path)
    {
        int open = path.IndexOf('{', StringComparison.Ordinal), close = path.IndexOf('}', StringComparison.Ordinal);
        return open < 0 || close < open ? [path]
            : path[(open + 1)..close].Split(',').Select(part => path[..open] + part + path[(close + 1)..]);
    }

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }

    private static string Resolve(string page, string link)
    {
        string root = Path.GetFullPath(TestPlaces.Repository);
        return Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, Path.GetDirectoryName(page)!, link)));
    }

    /// <summary>As the usual viewers make them: lower case, spaces as hyphens, other signs left out.</summary>
    private static IEnumerable<string> AnchorsOf(string page) => Headings().Matches(TextOf(page))
        .Select(m => NotInAnchors().Replace(m.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutBlocks(string text) => Blocks().Replace(text, "");

    private static string TextOf(string path) => File.ReadAllText(Path.Combine(TestPlaces.Repository, path));

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"\b(CHANNEL|RECORDING)\.md section (\d+)")]
    private static partial Regex Sections();
}
