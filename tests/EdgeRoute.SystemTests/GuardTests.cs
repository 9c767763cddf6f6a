using System.Diagnostics;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary and files that are not what they should be.</summary>
public sealed class GuardTests
{
    /// <summary>The command line or a document is wrong.</summary>
    private const int Wrong = 2;

    [Fact]
    public void What_a_run_writes_is_for_its_owner_alone()
    {
        using var folder = new TempFolder();
        string trace = folder.File("t.erec"), answers = folder.File("answers.jsonl");
        var (exitCode, _, error) = HostProcess.Run("run", Config(folder, $"{HostProcess.Repository}/models/shapes/manifest.json",
            $"trace: {{ file: {trace} }}\n"), "--answers", answers);
        Assert.True(exitCode == 0, error);
        Assert.All([trace, answers], f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(f)));
    }

    [Fact]
    public void A_manifest_with_a_bad_byte_or_half_a_character_is_refused_with_its_place()
    {
        using var folder = new TempFolder();
        string good = File.ReadAllText($"{HostProcess.Repository}/models/shapes/manifest.json");
        byte[] odd = System.Text.Encoding.UTF8.GetBytes(good);
        odd[good.IndexOf("\"title\"", StringComparison.Ordinal) + 11] = 0xFF;
        string half = good.Replace("\"title\": \"", "\"title\": \"\\ud800", StringComparison.Ordinal);
        foreach (byte[] bytes in new[] { odd, System.Text.Encoding.UTF8.GetBytes(half) })
        {
            string manifest = folder.File("manifest.json");
            File.WriteAllBytes(manifest, bytes);
            var (exitCode, _, error) = HostProcess.Run("run", Config(folder, manifest, ""));
            Assert.True(exitCode == Wrong, error);
            Assert.Matches("line [0-9]+: ", error);
            Assert.DoesNotContain("Unhandled", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_pipe_or_a_device_in_place_of_a_document_is_refused()
    {
        using var folder = new TempFolder();
        string pipe = folder.File("pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            made.WaitForExit();
        }

        foreach (string place in new[] { pipe, "/dev/zero" })
        {
            Assert.Equal(Wrong, HostProcess.Run("check", place).ExitCode);
            var (exitCode, _, error) = HostProcess.Run("run", Config(folder, place, ""));
            Assert.True(exitCode == Wrong, error);
            Assert.Contains("a regular file is needed", error, StringComparison.Ordinal);
        }
    }

    private static string Config(TempFolder folder, string manifest, string more)
    {
        string path = folder.File("device.yaml");
        File.WriteAllText(path, $"packs: {{ shapes: {{ manifest: {manifest}, files: {HostProcess.Repository}/models/shapes }} }}\n"
            + "sources: { table: { open: \"sim://tabletop?seed=3&frames=20&width=160&height=120\", pack: shapes, "
            + "policy: { kind: cascade } } }\n" + more);
        return path;
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException()
        : File.GetUnixFileMode(path);
}
