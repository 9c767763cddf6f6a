using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EdgeRoute.Tests.Tidy;

/// <summary>A type is public only if another project names it, or if what another project names shows it.</summary>
public sealed class PublicTests
{
    [Fact]
    public void Only_what_another_project_names_is_public()
    {
        var types = Production().SelectMany(PublicTypes).ToList();
        var needed = Needed(types);
        var problems = from type in types
                       where !needed.Contains(type.Name)
                       select $"{type.File.At(type.Node)}: {type.Name} is public, but no other project names it; make it internal";
        FenceTests.AssertNone(problems);
    }

    /// <summary>Begins with the names other projects use, and adds what the signatures of those show until nothing is new.</summary>
    private static HashSet<string> Needed(List<PublicType> types)
    {
        var namedBy = NamesByProject();
        var byName = types.ToLookup(t => t.Name);
        var needed = types.Where(t => namedBy.Any(p => p.Key != t.File.Project && CallNames(t).Any(p.Value.Contains)))
            .Select(t => t.Name).ToHashSet();
        var open = new Queue<string>(needed);
        while (open.TryDequeue(out string? name))
        {
            foreach (string shown in byName[name].SelectMany(t => ShownNames(t.Node)).Where(byName.Contains).Where(needed.Add))
            {
                open.Enqueue(shown);
            }
        }

        return needed;
    }

    private static Dictionary<string, HashSet<string>> NamesByProject() => SourceTree.CSharp
        .Where(f => f.Project != "Tests" && f.Project != "SystemTests").GroupBy(f => f.Project)
        .ToDictionary(g => g.Key, g => g.SelectMany(f => f.Root.DescendantTokens())
            .Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.Text).ToHashSet());

    private static IEnumerable<SourceFile> Production() =>
        SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal));

    private static IEnumerable<PublicType> PublicTypes(SourceFile file) => file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
        .Where(m => m is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax && m.Parent is BaseNamespaceDeclarationSyntax)
        .Where(m => m.Parent is BaseNamespaceDeclarationSyntax && m.Modifiers.Any(SyntaxKind.PublicKeyword))
        .Select(m => new PublicType(NameOf(m), m, file));

    private static string NameOf(MemberDeclarationSyntax type) =>
        type is DelegateDeclarationSyntax named ? named.Identifier.Text : ((BaseTypeDeclarationSyntax)type).Identifier.Text;

    /// <summary>Its own name, and those of its extension methods, which are called without it.</summary>
    private static IEnumerable<string> CallNames(PublicType type) => type.Node.DescendantNodes().OfType<MethodDeclarationSyntax>()
        .Where(m => m.ParameterList.Parameters.FirstOrDefault()?.Modifiers.Any(SyntaxKind.ThisKeyword) == true)
        .Select(m => m.Identifier.Text).Prepend(type.Name);

    /// <summary>Names in base lists and in the signatures of members that others can call.</summary>
    private static IEnumerable<string> ShownNames(MemberDeclarationSyntax type) =>
        Signatures(type).SelectMany(n => n.DescendantNodesAndSelf())
        .OfType<SimpleNameSyntax>().Select(n => n.Identifier.Text);

    private static IEnumerable<SyntaxNode> Signatures(MemberDeclarationSyntax member)
    {
        switch (member)
        {
            case DelegateDeclarationSyntax d:
                return [d.ReturnType, d.ParameterList];
            case TypeDeclarationSyntax t:
                bool isInterface = t is InterfaceDeclarationSyntax;
                IEnumerable<SyntaxNode?> own = [t.BaseList, t.ParameterList, .. t.ConstraintClauses];
                return own.OfType<SyntaxNode>().Concat(t.Members.Where(m => isInterface || IsShown(m)).SelectMany(Signatures));
            case BaseMethodDeclarationSyntax m:
                return new SyntaxNode?[] { m.ParameterList, (m as MethodDeclarationSyntax)?.ReturnType }.OfType<SyntaxNode>();
            case BasePropertyDeclarationSyntax p:
                return new SyntaxNode?[] { p.Type, (p as IndexerDeclarationSyntax)?.ParameterList }.OfType<SyntaxNode>();
            case BaseFieldDeclarationSyntax f:
                return [f.Declaration.Type];
            default:
                return [];
        }
    }

    private static bool IsShown(MemberDeclarationSyntax member) =>
        member.Modifiers.Any(SyntaxKind.PublicKeyword) || member.Modifiers.Any(SyntaxKind.ProtectedKeyword);

    private sealed record PublicType(string Name, MemberDeclarationSyntax Node, SourceFile File);
}
