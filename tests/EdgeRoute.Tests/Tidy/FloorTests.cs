using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EdgeRoute.Tests.Tidy;

/// <summary>
/// The floors inside each project: a folder names only folders below it, so that there is an order in which the house can be read.
/// Namespaces are folders, so using lines are the arrows. The root of a library is the ground, which every folder may use and which names
/// none of them; the root of a program is the roof, where its parts are put together.
/// </summary>
public sealed class FloorTests
{
    private static readonly string[] Programs = ["Host", "Cli"];

    /// <summary>From the lowest floor to the highest; folders of one floor do not know each other.</summary>
    private static readonly Dictionary<string, string[][]> Floors = new()
    {
        ["Core"] = [["Frames"], ["Signals", "Graphs", "Agreement", "Energy"], ["Costs", "Gains", "Prices", "Regions", "Rules", "Tracking"],
            ["Floors", "Routing"]],
        ["Interop"] = [["Linux"], ["OnnxRuntime", "Gstreamer", "TurboJpeg"]],
        ["Protocol"] = [["Framing", "Pairing", "Tracing"], ["Control", "Recording", "Sweeping"], ["Rpc", "Trust"]],
        ["Documents"] = [["Configs", "Packs"], ["Calibrations"]],
        ["ControlChannel"] = [["Journal", "Trust", "Watching"], ["Transport"], ["Serving", "Web"], ["Metrics"]],
        ["Engine"] =
        [
            ["Faults"], ["Board", "Drawing", "Frames", "Remote", "Stages.Heads"], ["Doctor", "Capture", "Gpio", "Preprocess"], ["Stages"],
            ["Loop"], ["Reports"], ["Outputs", "Actuators"], ["Mqtt", "Tracing"], ["Running"], ["Sweeping", "Probing"],
            ["Steering", "Measuring"],
        ],
        ["Simulation"] = [["Scripted", "Tabletop"], ["PickPlace", "Boards"], ["Sources"], ["Episodes"]],
        ["Host"] = [],
        ["Workbench"] =
        [
            ["Plotting", "Mcap", "Flashing"],
            ["Fitting", "Training", "Episodes", "Importing", "Packs", "Measuring", "Benching", "Exporting"],
            ["Sweeps"], ["Playing", "Replaying"], ["Calibrating", "Quantizing"], ["Frontiers"], ["Choosing", "Splitting"],
        ],
        ["Cli"] = [["Trust", "Export"], ["Connecting"], ["Output"], ["Commands"], ["Page", "Top"]],
    };

    [Fact]
    public void Every_folder_stands_on_a_floor()
    {
        var problems = from file in Production()
                       let folder = FolderOf(file)
                       where folder.Length > 0 && FloorOf(file.Project, folder) < 0
                       select $"{file.RelativePath}: the folder {folder} of {file.Project} stands on no floor; enter it in the table, "
                           + "above all that it names";
        var absent = from project in Floors
                     from folder in project.Value.SelectMany(f => f)
                     where !Production().Any(f => f.Project == project.Key && FolderOf(f) == folder)
                     select $"the table of floors names {project.Key}/{folder}, which is no more; strike it out";
        FenceTests.AssertNone(problems.Concat(absent));
    }

    [Fact]
    public void A_folder_names_only_folders_below_it()
    {
        var problems = from file in Production()
                       from named in NamedFolders(file)
                       let own = FolderOf(file)
                       where own != named && !IsBelow(file.Project, named, own)
                       select $"{file.RelativePath}: {Place(own)} names {Place(named)}, which does not stand below it. Move what "
                           + "both need to a "
                           + $"folder below both (or to the ground, if every folder may use it), or move this file up";
        FenceTests.AssertNone(problems);
    }

    /// <summary>A folder inside a folder sees the outer one without a using line, so names are compared instead.</summary>
    [Fact]
    public void An_inner_folder_does_not_name_the_outer_one()
    {
        var problems = from project in Floors
                       from inner in project.Value.SelectMany(f => f).Where(f => f.Contains('.', StringComparison.Ordinal))
                       let outer = inner[..inner.LastIndexOf('.')]
                       let types = Production().Where(f => f.Project == project.Key && FolderOf(f) == outer).SelectMany(TypeNames)
                           .ToHashSet()
                       from file in Production().Where(f => f.Project == project.Key && FolderOf(f) == inner)
                       from name in file.Root.DescendantNodes().OfType<SimpleNameSyntax>()
                       where types.Contains(name.Identifier.Text) && name.Parent is not MemberAccessExpressionSyntax
                       select $"{file.At(name)}: {inner} names {name.Identifier.Text} of {outer}, which stands above it; move "
                           + "the type down";
        FenceTests.AssertNone(problems);
    }

    private static IEnumerable<SourceFile> Production() =>
        SourceTree.CSharp.Where(f => !f.RelativePath.StartsWith("tests/", StringComparison.Ordinal));

    private static string FolderOf(SourceFile file) => string.Join('.', file.RelativePath.Split('/')[2..^1]);

    private static string Place(string folder) => folder.Length == 0 ? "the ground" : folder;

    private static int FloorOf(string project, string folder) => Array.FindIndex(Floors[project], f => f.Contains(folder));

    private static bool IsBelow(string project, string named, string own)
    {
        if (own.Length == 0)
        {
            return Programs.Contains(project);
        }

        return named.Length == 0 ? !Programs.Contains(project) : FloorOf(project, named) < FloorOf(project, own);
    }

    private static IEnumerable<string> NamedFolders(SourceFile file)
    {
        string own = "EdgeRoute." + file.Project;
        return file.Root.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(u => u.Name?.ToString() ?? "")
            .Where(n => n == own || n.StartsWith(own + ".", StringComparison.Ordinal))
            .Select(n => n == own ? "" : KnownFolder(file.Project, n[(own.Length + 1)..]));
    }

    /// <summary>A static using names a type; the folder is what stands before it.</summary>
    private static string KnownFolder(string project, string name)
    {
        while (name.Contains('.', StringComparison.Ordinal) && FloorOf(project, name) < 0)
        {
            name = name[..name.LastIndexOf('.')];
        }

        return name;
    }

    private static IEnumerable<string> TypeNames(SourceFile file) =>
        file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(t => t.Identifier.Text);
}
