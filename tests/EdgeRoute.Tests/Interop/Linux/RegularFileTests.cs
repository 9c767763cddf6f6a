using System.Diagnostics;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.ControlChannel.Trust;
using EdgeRoute.Tests.Documents.Packs;

namespace EdgeRoute.Tests.Interop.Linux;

/// <summary>Only regular files are read, and no further than their limit, whatever a path names.</summary>
public sealed class RegularFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Places => new()
    {
        { "pipe", "a pipe" },
        { "folder", "a folder" },
        { "/dev/zero", "a device" },
        { "/dev/null", "a device" },
        { "link-to-pipe", "a pipe" },
        { "link-to-zero", "a device" },
    };

    [SkippableFact]
    public void A_name_that_is_not_UTF8_is_told_for_what_it_is_and_none_like_it_is_made()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "names are bytes on Linux");
        string path = _folder.File("caf\uFFFD.yaml");
        Assert.Contains("bytes that are not UTF-8; rename it", Assert.Throws<FileNotFoundException>(() => RegularFile.Open(path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("not UTF-8", Assert.Throws<IOException>(() => RegularFile.Create(path)).Message, StringComparison.Ordinal);
        Assert.Contains("not UTF-8", DeviceConfigReader.ReadFile(path).Problems[0].Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void What_is_no_regular_file_is_refused_by_its_kind(string name, string kind)
    {
        string path = Place(name);
        string message = Assert.Throws<IOException>(() => RegularFile.Read(path, 100)).Message;
        Assert.Contains(kind, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Every_reader_refuses_it(string name, string kind)
    {
        string path = Place(name);
        Assert.Contains(kind, Assert.Single(DeviceConfigReader.ReadFile(path).Problems).Message, StringComparison.Ordinal);
        Assert.Contains(kind, Assert.Throws<TrustException>(() => PrivateFile.TryRead(path, 100)).Message, StringComparison.Ordinal);
        using var sample = new SamplePack();
        var pack = sample.Read();
        Assert.Contains(kind, Assert.Throws<ArgumentException>(() => CalibrationFile.Read(path, pack, new RouteTree(pack.Graph))).Message,
            StringComparison.Ordinal);
        if (name != "folder")
        {
            Assert.Contains(kind, Assert.Throws<PackRefusedException>(() => PackReader.Read(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Labels_and_stage_files_that_are_pipes_are_refused()
    {
        using var sample = new SamplePack();
        sample.Set("labels", null);
        sample.Set("labels_file", "\"pipe.txt\"");
        MakePipe(sample.Folder.File("pipe.txt"));
        File.Delete(sample.Folder.File("light.onnx"));
        MakePipe(sample.Folder.File("light.onnx"));
        var reasons = sample.Reasons();
        Assert.Contains(reasons, r => r.Contains("labels file 'pipe.txt'", StringComparison.Ordinal)
            && r.Contains("a pipe", StringComparison.Ordinal));
        Assert.Contains(reasons, r => r.Contains("light.onnx", StringComparison.Ordinal) && r.Contains("a pipe", StringComparison.Ordinal));
    }

    [Fact]
    public void A_size_is_what_was_read_and_not_what_the_folder_says()
    {
        // The kernel says 0 bytes of its own files.
        Assert.NotEmpty(RegularFile.Read("/proc/self/status", 1 << 20));
        Assert.Contains("larger than 10 bytes", Assert.Throws<IOException>(() => RegularFile.Read("/proc/self/status", 10)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(100)]
    public void A_file_up_to_the_limit_is_read_whole(int length)
    {
        string path = _folder.Write("file", new string('x', length));
        Assert.Equal(length, RegularFile.Read(path, 100).Length);
        File.AppendAllText(path, new string('x', 101 - length));
        Assert.Throws<IOException>(() => RegularFile.Read(path, 100));
    }

    [Fact]
    public void Owner_and_mode_are_those_of_the_base_library()
    {
        string path = _folder.Write("file", "x");
        FileModes.Set(path, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        var facts = FileStatus.Of(path);
        Assert.Equal((FileKind.Regular, UnixFileMode.UserRead | UnixFileMode.OtherWrite, FileStatus.CurrentUser),
            (facts.Kind, facts.Mode, facts.Owner));
        File.CreateSymbolicLink(_folder.File("link"), path);
        Assert.Equal(FileKind.Link, FileStatus.Of(_folder.File("link")).Kind);
        Assert.Throws<IOException>(() => FileStatus.Of(_folder.File("absent")));
    }

    [Fact]
    public void What_is_made_is_the_owners_and_never_behind_a_link()
    {
        string target = _folder.Write("target", "precious"), link = _folder.File("link"), made = _folder.File("made");
        File.CreateSymbolicLink(link, target);
        File.CreateSymbolicLink(_folder.File("dangling"), _folder.File("new"));
        Assert.Contains("is a link", Assert.Throws<IOException>(() => RegularFile.Create(link)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => RegularFile.Append(link));
        Assert.Throws<IOException>(() => RegularFile.Create(_folder.File("dangling")));
        Assert.Equal("precious", File.ReadAllText(target));
        Assert.False(File.Exists(_folder.File("new")));
        foreach (var (open, text) in new (Func<string, FileStream>, string)[] { (RegularFile.Create, "a"), (RegularFile.Append, "aa"),
            (RegularFile.Create, "a") })
        {
            using (var file = open(made))
            {
                file.Write("a"u8);
            }

            Assert.Equal(text, File.ReadAllText(made));
        }

        Assert.Equal(PrivateFile.Mode, FileModes.Of(made));
        MakePipe(_folder.File("pipe"));
        Assert.Throws<IOException>(() => RegularFile.Create(_folder.File("pipe")));
    }

    private string Place(string name)
    {
        if (name.StartsWith('/'))
        {
            return name;
        }

        Directory.CreateDirectory(_folder.File("folder"));
        MakePipe(_folder.File("pipe"));
        File.CreateSymbolicLink(_folder.File("link-to-pipe"), _folder.File("pipe"));
        File.CreateSymbolicLink(_folder.File("link-to-zero"), "/dev/zero");
        return _folder.File(name);
    }

    private static void MakePipe(string path)
    {
        using var made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
