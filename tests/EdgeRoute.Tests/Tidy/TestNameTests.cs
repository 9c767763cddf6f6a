using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EdgeRoute.Tests.Tidy;

/// <summary>The name of a test is the sentence that it shows.</summary>
public sealed partial class TestNameTests
{
    private static readonly string[] TestAttributes = ["Fact", "Theory", "SkippableFact", "SkippableTheory", "Property"];

    /// <summary>Names of the world that have a capital inside.</summary>
    private static readonly string[] ProperNames = ["FastestDet", "JavaScript", "TensorRT"];

    [Fact]
    public void Test_methods_are_sentences_with_underscores()
    {
        var tests = (from file in SourceTree.CSharp
                     from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
                     where method.AttributeLists.SelectMany(l => l.Attributes).Any(a => TestAttributes.Contains(a.Name.ToString()))
                     select (Place: file.At(method), Name: method.Identifier.Text)).ToList();
        Assert.True(tests.Count > 1000, $"only {tests.Count} tests found");
        FenceTests.AssertNone(tests.Where(t => !IsSentence(t.Name)).Select(t => $"{t.Place}: '{t.Name}' should read "
            + "Like_a_sentence_with_underscores: two words or more, a capital first, capitals inside only for names and abbreviations"));
    }

    [Theory]
    [InlineData("The_end_is_told", true)]
    [InlineData("Who_speaks_no_TLS_is_refused", true)]
    [InlineData("What_JavaScript_writes_is_read_here", true)]
    [InlineData("TheEndIsTold", false)]
    [InlineData("The_EndIsTold", false)]
    [InlineData("the_end_is_told", false)]
    [InlineData("Ends", false)]
    public void The_rule_knows_a_sentence(string name, bool isSentence) => Assert.Equal(isSentence, IsSentence(name));

    private static bool IsSentence(string name) =>
        char.IsAsciiLetterUpper(name[0]) && name.Contains('_', StringComparison.Ordinal)
        && name.Split('_').All(word => word.Length > 0 && (ProperNames.Contains(word) || !Hump().IsMatch(word)));

    [GeneratedRegex("[a-z][A-Z]")]
    private static partial Regex Hump();
}
