using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EdgeRoute.Tests.Tidy;

/// <summary>One C# file of the repository with its syntax.</summary>
internal sealed record SourceFile(string RelativePath, string Project, string Text, CompilationUnitSyntax Root)
{
    public int LineOf(Microsoft.CodeAnalysis.SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    public string At(Microsoft.CodeAnalysis.SyntaxNode node) => $"{RelativePath}:{LineOf(node)}";
}

/// <summary>The files that git knows or would add: what a reader of the repository sees.</summary>
internal static class SourceTree
{
    public static IReadOnlyList<string> AllPaths { get; } = ListPaths();

    public static IReadOnlyList<SourceFile> CSharp { get; } =
        [.. AllPaths.Where(p => p.EndsWith(".cs", StringComparison.Ordinal)).Select(Parse)];

    public static IEnumerable<SourceFile> Of(params string[] projects) => CSharp.Where(f => projects.Contains(f.Project));

    private static SourceFile Parse(string path)
    {
        string text = File.ReadAllText(Path.Combine(TestPlaces.Repository, path));
        string[] parts = path.Split('/');
        return new SourceFile(path, parts.Length > 1 ? parts[1].Replace("EdgeRoute.", "", StringComparison.Ordinal) : "", text,
            CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.CSharp13)).GetCompilationUnitRoot());
    }

    private static List<string> ListPaths()
    {
        var start = new System.Diagnostics.ProcessStartInfo("git", "ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = TestPlaces.Repository,
            RedirectStandardOutput = true,
        };
        using var git = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("git did not start");
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(p => File.Exists(Path.Combine(TestPlaces.Repository, p)))];
    }
}
