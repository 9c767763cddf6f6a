namespace EdgeRoute.SystemTests;

/// <summary>The simulated arm, moved by the published binary.</summary>
public sealed class DemoTests
{
    private static readonly string Config = Path.Combine(HostProcess.Repository, "device-configs", "demo.yaml");

    [Fact]
    public void The_demo_compares_with_always_heavy_and_writes_a_contact_sheet()
    {
        using var folder = new TempFolder();
        string sheet = folder.File("episodes.png");
        var (exitCode, output, error) = HostProcess.Run("demo", Config, "--seconds", "6", "--sheet", sheet);
        Assert.True(exitCode == 0, error);
        Assert.Contains("always heavy", output);
        Assert.Contains("of the device time of always heavy", output);
        Assert.Contains("of its arithmetic", output);
        Assert.Contains(sheet, output);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(sheet)[..4]);
    }

    [Fact]
    public void Actions_are_written_with_where_they_come_from()
    {
        using var folder = new TempFolder();
        string answers = folder.File("actions.jsonl");
        var (exitCode, output, error) = HostProcess.Run("run", Config, "--frames", "60", "--answers", answers, "--json");
        Assert.True(exitCode == 0, error);
        string[] lines = File.ReadAllLines(answers);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains("\"plan_sequence\":", line));
        Assert.Contains("\"action_count\"", output);
    }

    [Theory]
    [InlineData("examples/shapes.yaml", "5", "task=pick_place")]
    [InlineData("demo.yaml", "0", "--seconds")]
    public void What_cannot_be_shown_is_refused(string config, string seconds, string word)
    {
        var (exitCode, _, error) = HostProcess.Run("demo", Path.Combine(HostProcess.Repository, "device-configs", config),
            "--seconds", seconds);
        Assert.Equal(2, exitCode);
        Assert.Contains(word, error);
    }
}
