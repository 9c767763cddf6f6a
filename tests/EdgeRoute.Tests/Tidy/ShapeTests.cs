using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EdgeRoute.Tests.Tidy;

/// <summary>Sizes and places: short functions, short files, nothing where no one would look.</summary>
public sealed class ShapeTests
{
    private const int FunctionLineLimit = 70;
    private const int FunctionLineMedian = 9;
    private const int FileLineLimit = 400;
    private const int FragmentLines = 30;

    /// <summary>Files of fewer lines than <see cref="FragmentLines"/> there may be in runtime and tools: no more than there are.</summary>
    private const int FragmentLimit = 50;
    private const int LineLengthLimit = 140;
    private const int TupleLimit = 3;
    private const long FileSizeLimitBytes = 4 << 20;

    private static readonly string[] TopLevel =
    [
        "runtime", "models", "device-configs", "tests", "tools", "EdgeRoute.sln", "build.sh",
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", ".ci", ".editorconfig",
        ".gitignore", ".gitattributes", "Directory.Build.props", "Directory.Packages.props", "global.json",
    ];

    [Fact]
    public void No_function_is_longer_than_a_screen()
    {
        var problems = from file in SourceTree.CSharp
                       from function in Functions(file)
                       let lines = LinesOf(function)
                       where lines > FunctionLineLimit
                       select $"{file.At(function)}: a function of {lines} lines; split it so that each part is below {FunctionLineLimit}";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void The_median_function_is_short()
    {
        var lengths = SourceTree.CSharp.Where(f => f.RelativePath.StartsWith("runtime/", StringComparison.Ordinal)).SelectMany(Functions)
            .Select(LinesOf).Order().ToList();
        Assert.True(lengths[lengths.Count / 2] <= FunctionLineMedian,
            $"the median of {lengths.Count} functions is {lengths[lengths.Count / 2]} lines");
    }

    [Fact]
    public void Files_are_short()
    {
        var problems = Production().Where(f => f.Text.Count(c => c == '\n') > FileLineLimit)
            .Select(f => $"{f.RelativePath}: {f.Text.Count(c => c == '\n')} lines; split it below {FileLineLimit}");
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Companions_stand_in_their_owners_file()
    {
        var fragments = Production().Where(f => f.Text.Count(c => c == '\n') < FragmentLines).Select(f => f.RelativePath).ToList();
        Assert.True(fragments.Count <= FragmentLimit, $"{fragments.Count} files of fewer than {FragmentLines} lines, where {FragmentLimit} "
            + $"are allowed; a type that serves one other type belongs into that type's file:\n{string.Join('\n', fragments)}");
    }

    [Fact]
    public void Lines_fit_a_screen()
    {
        var problems = from file in SourceTree.CSharp
                       from line in file.Text.Split('\n').Select((text, i) => (text, number: i + 1))
                       where line.text.Length > LineLengthLimit
                       select $"{file.RelativePath}:{line.number}: {line.text.Length} characters; the limit is {LineLengthLimit}";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void No_conditional_expression_is_chained()
    {
        var problems = from file in SourceTree.CSharp
                       from conditional in file.Root.DescendantNodes().OfType<ConditionalExpressionSyntax>()
                       where Bare(conditional.WhenTrue) is ConditionalExpressionSyntax
                           || Bare(conditional.WhenFalse) is ConditionalExpressionSyntax
                       select $"{file.At(conditional)}: a chain of ? and :; write a switch expression on one subject, a small function "
                           + "with early returns, or if statements";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Tuple_assignments_are_short()
    {
        var problems = from file in SourceTree.CSharp
                       from assignment in file.Root.DescendantNodes().OfType<AssignmentExpressionSyntax>()
                       where assignment is { Left: TupleExpressionSyntax { Arguments.Count: > TupleLimit }, Right: TupleExpressionSyntax }
                       select $"{file.At(assignment)}: assigns more than {TupleLimit} things at once; write a statement for each";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Loops_have_a_body()
    {
        var problems = from file in Production()
                       from loop in file.Root.DescendantNodes().OfType<StatementSyntax>()
                       where BodyOf(loop) is EmptyStatementSyntax or BlockSyntax { Statements.Count: 0 }
                       select $"{file.At(loop)}: the condition does the loop's work; say in its body what happens";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Namespaces_are_the_folders()
    {
        var problems = from file in SourceTree.CSharp
                       from space in file.Root.Members.OfType<BaseNamespaceDeclarationSyntax>()
                       let folder = string.Join('.', Path.GetDirectoryName(file.RelativePath)!.Split('/').Skip(1))
                       where folder.Length > 0 && space.Name.ToString() != folder
                       select $"{file.RelativePath}: namespace {space.Name} should be {folder}";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Classes_are_sealed_static_or_abstract()
    {
        var problems = from file in SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal))
                       from type in file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>()
                       where type is ClassDeclarationSyntax || (type is RecordDeclarationSyntax r
                           && !r.ClassOrStructKeyword.IsKind(SyntaxKind.StructKeyword))
                       where !type.Modifiers.Any(m => m.Kind() is SyntaxKind.SealedKeyword or SyntaxKind.StaticKeyword
                           or SyntaxKind.AbstractKeyword)
                       select $"{file.At(type)}: {type.Identifier.Text} should be sealed";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Nothing_unfinished_is_left()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception", "HA" + "CK"];
        var problems = from file in SourceTree.CSharp
                       from mark in marks
                       where file.Text.Contains(mark, StringComparison.Ordinal)
                       select $"{file.RelativePath}: holds '{mark}'";
        FenceTests.AssertNone(problems);
    }

    [Fact]
    public void Nothing_stray_lies_in_the_repository()
    {
        var stray = SourceTree.AllPaths.Select(p => p.Split('/')[0]).Distinct().Where(t => !TopLevel.Contains(t))
            .Select(t => $"unexpected at the top level: {t}");
        var large = SourceTree.AllPaths.Where(p => new FileInfo(Path.Combine(TestPlaces.Repository, p)).Length > FileSizeLimitBytes)
            .Select(p => $"{p}: larger than {FileSizeLimitBytes} bytes");
        FenceTests.AssertNone(stray.Concat(large));
    }

    [Fact]
    public void Limits_are_measured_on_real_code() => Assert.True(SourceTree.CSharp.Count > 20,
        $"only {SourceTree.CSharp.Count} files found");

    private static StatementSyntax? BodyOf(StatementSyntax loop) => loop switch
    {
        WhileStatementSyntax w => w.Statement,
        ForStatementSyntax f => f.Statement,
        DoStatementSyntax d => d.Statement,
        _ => null,
    };

    private static IEnumerable<SourceFile> Production() =>
        SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal));

    private static IEnumerable<SyntaxNode> Functions(SourceFile file) => file.Root.DescendantNodes().Where(n =>
        n is BaseMethodDeclarationSyntax { Body: not null } or BaseMethodDeclarationSyntax { ExpressionBody: not null }
            or LocalFunctionStatementSyntax or AccessorDeclarationSyntax { Body: not null });

    private static ExpressionSyntax Bare(ExpressionSyntax expression) =>
        expression is ParenthesizedExpressionSyntax inner ? Bare(inner.Expression) : expression;

    private static int LinesOf(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
