using System.Security.Cryptography;
using System.Text;

namespace EdgeRoute.SystemTests;

/// <summary>What a start makes of a config that came from afar and has not proved itself.</summary>
public sealed class ProbationTests
{
    [Theory]
    [InlineData("shapes", " begun", "did not end in order")]
    [InlineData("none", "", "cannot be started")]
    public void At_start_a_config_that_does_not_serve_gives_way_to_the_one_before(string pack, string mark, string why)
    {
        using var folder = new TempFolder();
        string before = Config("shapes") + "# before\n", now = Config(pack), path = folder.Write("device.yaml", now);
        folder.Write("device.yaml.previous", before);
        folder.Write("device.yaml.unproven", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(now))) + mark);
        var (exitCode, _, error) = HostProcess.Run("run", path);
        Assert.True(exitCode == 0, error);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(path));
        Assert.False(File.Exists(path + ".unproven"));
    }

    private static string Config(string pack) => $$"""
        runtime: { threads: 1 }
        packs: { shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", pack, "manifest.json")}} } }
        sources:
          table: { open: 'sim://tabletop?seed=3&frames=20&width=160&height=120', pack: shapes, policy: { kind: cascade } }

        """;
}
