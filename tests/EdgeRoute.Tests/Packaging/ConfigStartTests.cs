using System.Diagnostics;
using System.Security.Cryptography;

namespace EdgeRoute.Tests.Packaging;

/// <summary>Which config the service runs with: the script that its unit calls before each start and after each end.</summary>
public sealed class ConfigStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ConfigStartTests()
    {
        Directory.CreateDirectory(_folder.File("state"));
        Directory.CreateDirectory(_folder.File("etc"));
        _folder.Write("default.yaml", "default");
    }

    private string Config => _folder.File("state", "device.yaml");

    private string Seed => _folder.File("etc", "device.yaml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_fresh_device_begins_with_the_owners_config_or_the_packages_own()
    {
        Assert.Contains("simulated camera", Start(), StringComparison.Ordinal);
        Assert.Equal("default", File.ReadAllText(Config));
        File.Delete(Config);
        File.WriteAllText(Seed, "own");
        Start();
        Assert.Equal("own", File.ReadAllText(Config));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Config) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.False(File.Exists(Config + ".unproven"));
    }

    [Fact]
    public void What_was_pushed_stays_until_the_owner_changes_the_file_which_then_is_on_trial()
    {
        File.WriteAllText(Seed, "own");
        Start();
        File.WriteAllText(Config, "pushed");
        Assert.Equal("", Start());
        Assert.Equal("pushed", File.ReadAllText(Config));
        File.WriteAllText(Seed, "changed");
        Assert.Contains("was changed", Start(), StringComparison.Ordinal);
        Assert.Equal("changed", File.ReadAllText(Config));
        Assert.Equal("pushed", File.ReadAllText(Config + ".previous"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("changed"u8)), File.ReadAllText(Config + ".unproven"));
        File.WriteAllText(Seed, "again");
        Start();
        Assert.Equal("pushed", File.ReadAllText(Config + ".previous"));
    }

    [Fact]
    public void After_three_failures_in_a_row_the_config_before_takes_its_place_once()
    {
        File.WriteAllText(Config, "bad");
        File.WriteAllText(Config + ".previous", "good");
        for (int failure = 0; failure < 3; failure++)
        {
            Assert.Equal("", Start());
            Assert.Equal("bad", File.ReadAllText(Config));
            End("exit-code");
        }

        Assert.Contains("the one before it is in its place", Start(), StringComparison.Ordinal);
        Assert.Equal("good", File.ReadAllText(Config));
        Assert.Equal("bad", File.ReadAllText(Config + ".failed"));
        End("exit-code");
        End("watchdog");
        End("success");
        End("exit-code");
        Assert.Equal("", Start());
        Assert.Equal("good", File.ReadAllText(Config));
    }

    [Fact]
    public void A_failure_long_after_the_start_is_none_of_the_config()
    {
        File.WriteAllText(Config, "good");
        File.WriteAllText(Config + ".previous", "old");
        for (int failure = 0; failure < 5; failure++)
        {
            Start();
            File.SetLastWriteTimeUtc(_folder.File("state", "started"), DateTime.UtcNow.AddHours(-1));
            End("signal");
        }

        Assert.Equal("good", File.ReadAllText(Config));
    }

    /// <summary>A service without CAP_CHOWN and with a strict umask must be able to run it; the shell itself is what a board has.</summary>
    [Theory]
    [InlineData("config-start")]
    [InlineData("device/postinst")]
    [InlineData("device/prerm")]
    [InlineData("device/postrm")]
    public void Scripts_of_the_package_are_plain_shell(string script) =>
        Assert.Equal("", Run("/bin/sh", ["-n", Path.Combine(TestPlaces.Repository, "tools", "packaging", script)], []));

    private string Start() => Run(Script, [], []);

    private void End(string result) => Assert.Equal("", Run(Script, ["ended"], new() { ["SERVICE_RESULT"] = result }));

    private static string Script => Path.Combine(TestPlaces.Repository, "tools", "packaging", "config-start");

    private string Run(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        start.Environment["STATE_DIRECTORY"] = _folder.File("state");
        start.Environment["CONFIGURATION_DIRECTORY"] = _folder.File("etc");
        start.Environment["EDGEROUTE_DEFAULT"] = _folder.File("default.yaml");
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }
}
