using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EdgeRoute.Tests.Tidy;

/// <summary>The fence between the projects: who may reference whom, and what may not be called where.</summary>
public sealed class FenceTests
{
    internal static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["Core"] = [],
        ["Interop"] = [],
        ["Protocol"] = ["Core"],
        ["Documents"] = ["Core", "Interop", "Protocol"],
        ["ControlChannel"] = ["Core", "Interop", "Protocol", "Documents"],
        ["Engine"] = ["Core", "Interop", "Protocol", "Documents", "ControlChannel"],
        ["Simulation"] = ["Core", "Protocol", "Documents", "Engine"],
        ["Host"] = ["Core", "Protocol", "Documents", "ControlChannel", "Interop", "Engine", "Simulation"],
        ["Workbench"] = ["Core", "Protocol", "Documents", "Engine", "Simulation"],
        ["Cli"] = ["Core", "Interop", "Protocol", "Documents", "Workbench"],
    };

    /// <summary>Names whose use in a project breaks its promise, and why.</summary>
    private static readonly (string Project, string[] Names, string Why)[] BannedNames =
    [
        ("Core", ["DateTime", "DateTimeOffset", "Stopwatch", "Environment", "TimeProvider"], "Core has no clock: time is handed in"),
        ("Core", ["File", "Stream", "Socket", "Console", "HttpClient", "Process"], "Core does no I/O"),
        ("Core", ["Thread", "Task", "Monitor", "Interlocked", "SemaphoreSlim", "Timer"], "Core has no threads: one loop calls it"),
        ("Protocol", ["File", "FileStream", "Socket", "TcpClient", "Console", "Thread"], "Protocol is handed streams; it opens no file "
            + "and no socket"),
        ("Documents", ["Socket", "TcpClient", "Thread", "Timer", "OrtSession", "Console"],
            "Documents reads and checks what people and tools write; nothing runs here"),
        ("ControlChannel", ["Console", "NativeLibrary", "Marshal"], "the host writes to the terminal, native calls live in Interop"),
        ("Engine", ["NativeLibrary", "Marshal", "NativeMemory"], "native calls live in Interop"),
        ("Engine", ["Console"], "the host writes to the terminal, the engine reports"),
        ("Workbench", ["Console"], "the laptop tool writes to the terminal"),
    ];

    private static readonly string[] BannedTypeWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Shared"];

    [Fact]
    public void Projects_reference_only_what_the_design_allows()
    {
        var problems = new List<string>();
        foreach (string path in SourceTree.AllPaths.Where(p => p.EndsWith(".csproj", StringComparison.Ordinal)
            && !p.StartsWith("tests/", StringComparison.Ordinal)))
        {
            string name = Path.GetFileNameWithoutExtension(path).Replace("EdgeRoute.", "", StringComparison.Ordinal);
            Assert.True(AllowedReferences.ContainsKey(name),
                $"{path}: a project the fence does not know; add it to the design's table first");
            problems.AddRange(XDocument.Load(Path.Combine(TestPlaces.Repository, path)).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')).Replace("EdgeRoute.", "",
                    StringComparison.Ordinal))
                .Where(r => !AllowedReferences[name].Contains(r))
                .Select(r => $"{path}: {name} must not reference {r}; it may reference {string.Join(", ", AllowedReferences[name])}"));
        }

        AssertNone(problems);
    }

    [Fact]
    public void The_schedules_have_the_packages_of_the_rooms_they_compile()
    {
        HashSet<string> had = PackagesOf("tests/EdgeRoute.Schedules/EdgeRoute.Schedules.csproj");
        foreach (string room in new[] { "ControlChannel", "Engine" })
            AssertNone(PackagesOf($"runtime/EdgeRoute.{room}/EdgeRoute.{room}.csproj").Except(had)
                .Select(p => $"tests/EdgeRoute.Schedules compiles {room} once more and lacks its package {p}"));
    }

    [Fact]
    public void Only_interop_compiles_unsafe_code()
    {
        var allowing = SourceTree.AllPaths.Where(p => p.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(p => XDocument.Load(Path.Combine(TestPlaces.Repository, p)).Descendants("AllowUnsafeBlocks")
                .Any(e => e.Value == "true"));
        Assert.Equal(["runtime/EdgeRoute.Interop/EdgeRoute.Interop.csproj"], allowing);
    }

    [Fact]
    public void Interop_shows_no_pointers()
    {
        var problems = from file in SourceTree.Of("Interop")
                       from member in file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
                       where member is MethodDeclarationSyntax or PropertyDeclarationSyntax or FieldDeclarationSyntax
                           or ConstructorDeclarationSyntax
                       where IsPublic(member) && member.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().All(t => IsPublic(t))
                       from pointer in SignatureOf(member).SelectMany(n => n.DescendantNodesAndSelf())
                           .Where(n => n is PointerTypeSyntax or FunctionPointerTypeSyntax)
                       select $"{file.At(member)}: a public member of Interop shows the pointer type '{pointer}'; take or return "
                           + "spans and handles";
        AssertNone(problems);
    }

    [Fact]
    public void Banned_names_are_not_used()
    {
        var problems = from rule in BannedNames
                       from file in SourceTree.Of(rule.Project)
                       from name in file.Root.DescendantNodes().OfType<IdentifierNameSyntax>()
                       where rule.Names.Contains(name.Identifier.Text) && IsTypeUse(name)
                       select $"{file.At(name)}: '{name.Identifier.Text}' is banned in {rule.Project}: {rule.Why}";
        AssertNone(problems);
    }

    [Fact]
    public void Nobody_uses_the_classic_import_or_reflection_that_native_AOT_cannot_see()
    {
        var problems = from file in SourceTree.CSharp.Where(f => f.RelativePath.StartsWith("runtime/", StringComparison.Ordinal))
                       from name in file.Root.DescendantNodes().OfType<IdentifierNameSyntax>()
                       where name.Identifier.Text is "DllImport" or "DllImportAttribute" or "Activator"
                           || name.Identifier.Text == "MakeGenericType"
                       select $"{file.At(name)}: '{name.Identifier.Text}' does not belong in ahead-of-time compiled code";
        AssertNone(problems);
    }

    /// <summary>
    /// MessagePack's reader and writer are plain code; its serializer and whatever names it bring resolvers that make code at run time,
    /// which costs an ahead-of-time compiled program four megabytes and fails where it is needed.
    /// </summary>
    [Fact]
    public void Nobody_uses_the_serializer_that_makes_code_at_run_time()
    {
        var problems = from file in SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal))
                       from name in file.Root.DescendantNodes().OfType<SimpleNameSyntax>()
                       where name.Identifier.Text is "MessagePackSerializer" or "MessagePackSerializerOptions" or "MessagePackStreamReader"
                           or "IFormatterResolver" or "IMessagePackFormatter" or "Resolvers" or "Formatters"
                       select $"{file.At(name)}: '{name.Identifier.Text}' pulls in code generation at run time; use MessagePackWriter and "
                           + "MessageReader";
        AssertNone(problems);
    }

    /// <summary>So that it is one file that shows what the picture library is given.</summary>
    [Fact]
    public void The_picture_library_is_named_in_one_file()
    {
        var problems = from file in SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal))
                       where file.Text.Contains("SixLabors", StringComparison.Ordinal)
                           && file.RelativePath != "runtime/EdgeRoute.Engine/Drawing/Pictures.cs"
                       select $"{file.RelativePath}: only Drawing/Pictures.cs names ImageSharp; it says what must not be given to it";
        AssertNone(problems);
    }

    [Fact]
    public void Types_and_folders_have_names_that_say_something()
    {
        var types = from file in SourceTree.CSharp
                    from type in file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
                    from word in BannedTypeWords
                    where type.Identifier.Text.EndsWith(word, StringComparison.Ordinal)
                    select $"{file.At(type)}: a type named '{type.Identifier.Text}' says nothing of what it does";
        var folders = SourceTree.AllPaths.SelectMany(p => p.Split('/')[..^1]).Distinct()
            .Where(f => BannedTypeWords.Contains(f.Split('.')[^1]))
            .Select(f => $"a folder named '{f}' collects what nobody looks for");
        AssertNone(types.Concat(folders));
    }

    [Fact]
    public void An_interface_has_at_least_two_implementations()
    {
        var bases = SourceTree.CSharp.SelectMany(f => f.Root.DescendantNodes().OfType<TypeDeclarationSyntax>())
            .SelectMany(t => t.BaseList?.Types.Select(b => b.Type.ToString().Split('<')[0]) ?? []).ToLookup(b => b);
        var problems = from file in SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal))
                       from type in file.Root.DescendantNodes().OfType<InterfaceDeclarationSyntax>()
                       let count = bases[type.Identifier.Text].Count()
                       where count < 2
                       select $"{file.At(type)}: interface {type.Identifier.Text} has {count} implementations; use the class itself";
        AssertNone(problems);
    }

    private static HashSet<string> PackagesOf(string project) =>
        [.. XDocument.Load(Path.Combine(TestPlaces.Repository, project)).Descendants("PackageReference")
            .Select(p => p.Attribute("Include")!.Value)];

    internal static void AssertNone(IEnumerable<string> problems)
    {
        var all = problems.Distinct().ToList();
        Assert.True(all.Count == 0, $"{all.Count} problems:\n" + string.Join('\n', all));
    }

    private static bool IsPublic(MemberDeclarationSyntax member) => member.Modifiers.Any(SyntaxKind.PublicKeyword);

    private static IEnumerable<SyntaxNode> SignatureOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax m => [m.ReturnType, m.ParameterList],
        PropertyDeclarationSyntax p => [p.Type],
        FieldDeclarationSyntax f => [f.Declaration.Type],
        ConstructorDeclarationSyntax c => [c.ParameterList],
        _ => [],
    };

    /// <summary>
    /// A member called Stream or a label named Task is not a use of the type: only qualifiers, types and creations count.
    /// </summary>
    private static bool IsTypeUse(IdentifierNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access => access.Expression == name,
        ObjectCreationExpressionSyntax or ParameterSyntax or VariableDeclarationSyntax or TypeArgumentListSyntax or SimpleBaseTypeSyntax =>
            true,
        _ => false,
    };
}
