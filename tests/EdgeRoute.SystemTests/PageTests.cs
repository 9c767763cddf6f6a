using System.Text.Json;

namespace EdgeRoute.SystemTests;

/// <summary>
/// The published engine with two simulated cameras, the laptop's tool, and a real browser that is driven through every page of
/// <c>edgeroute ui</c>. What the browser checks stands in <c>tests/fixtures/page</c>.
/// </summary>
public sealed class PageTests
{
    private const string Chromium = "/usr/bin/chromium";

    private static readonly string Fixture = Path.Combine(HostProcess.Repository, "tests", "fixtures", "page");

    internal static readonly string Page = Path.Combine(Path.GetDirectoryName(LinkedDevice.Tool)!, "page");

    [SkippableFact]
    public async Task A_browser_sees_the_device_tunes_it_asks_why_and_follows_it_through_a_restart()
    {
        Skip.IfNot(File.Exists(Chromium), "needs a browser: apt-get install chromium");
        Skip.IfNot(Directory.Exists(Path.Combine(Fixture, "node_modules")), $"needs npm: run 'npm ci --ignore-scripts' in {Fixture}");
        Skip.IfNot(File.Exists(LinkedDevice.Tool), $"there is no {LinkedDevice.Tool}: ./build.sh tools");
        Skip.IfNot(File.Exists(Path.Combine(Page, "index.html")), $"there is no page in {Page}: './build.sh tools' says why");
        using var folder = new TempFolder();
        string config = folder.Write("device.yaml", ConfigOf(folder)), socket = folder.File("control.sock");
        HostProcess? device = HostProcess.Start("run", config);
        try
        {
            await device.FirstFrame.WaitAsync(device.Patience);
            using var tool = HostProcess.StartBinary("env", null, "--default-signal=INT", LinkedDevice.Tool, "ui", "--device",
                $"unix:{socket}", "--no-open", "--json");
            string address = JsonDocument.Parse(await tool.Line("\"address\"")).RootElement.GetProperty("address").GetString()!;
            using var browser = HostProcess.StartBinary("node", null, [Path.Combine(Fixture, "drive.mjs"), address, .. Shots()]);
            await SaidOrEnded(browser, "restart");
            Stop(device);
            device = null;
            await SaidOrEnded(browser, "begin");
            device = HostProcess.Start("run", config);
            Assert.True(browser.WaitForExit() == 0, $"{browser.Output}\n{browser.Error}\n{tool.Error}\n{device.Error}");
            Assert.Contains("first_picture_ms", browser.Output);
            tool.Signal(2);
            Assert.Equal(0, tool.WaitForExit());
        }
        finally
        {
            device?.Dispose();
        }
    }

    /// <summary>A browser that ends before says itself what was wrong.</summary>
    internal static async Task SaidOrEnded(HostProcess browser, string word)
    {
        var said = browser.Line(word);
        while (!said.IsCompleted && !browser.HasExited)
        {
            await Task.WhenAny(said, Task.Delay(100));
        }

        Assert.True(said.IsCompletedSuccessfully || browser.WaitForExit() == 0, $"{browser.Output}\n{browser.Error}");
    }

    /// <summary>A folder for screenshots, for who wants to look at them.</summary>
    private static string[] Shots() => Environment.GetEnvironmentVariable("EDGEROUTE_SHOTS") is { Length: > 0 } shots ? [shots] : [];

    internal static void Stop(HostProcess device)
    {
        using (device)
        {
            device.Signal(2);
            device.WaitForExit();
        }
    }

    internal static string ConfigOf(TempFolder folder) => $$"""
        runtime: { threads: 1 }
        packs:
          shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} }
        sources:
          table: { open: "sim://tabletop?width=320&height=240&fps=15&seed=1", pack: shapes, take: newest, pace: source,
            policy: { kind: value, floor: 0.9 }, budget: { device_ms: 0.5 }, audit: { share: 0.05 }, deadline_ms: 200 }
          second: { open: "sim://tabletop?width=640&height=480&fps=10&seed=7", pack: shapes, take: newest, pace: source,
            policy: { kind: cascade } }
        control: { unix: {{folder.File("control.sock")}}, state: {{Directory.CreateDirectory(folder.File("state")).FullName}}, name: robot }
        disk: { free_mb: 0 }

        """;
}
