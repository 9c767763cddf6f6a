using System.Text.Json;

namespace EdgeRoute.SystemTests;

/// <summary>
/// The published engine with two simulated cameras, the laptop's tool, and a Foxglove viewer's side of another hand that follows them live.
/// What it checks stands in <c>tests/fixtures/foxglove</c>.
/// </summary>
public sealed class ViewerTests
{
    private static readonly string Fixtures = Path.Combine(HostProcess.Repository, "tests", "fixtures");

    [SkippableFact]
    public async Task A_viewer_of_another_hand_gets_pictures_boxes_decisions_and_the_device_through_a_restart()
    {
        foreach (string peer in (string[])["mcap", "foxglove"])
        {
            string folder = Path.Combine(Fixtures, peer);
            Skip.IfNot(Directory.Exists(Path.Combine(folder, "node_modules")), $"needs npm: run 'npm ci --ignore-scripts' in {folder}");
        }

        Skip.IfNot(File.Exists(LinkedDevice.Tool), $"there is no {LinkedDevice.Tool}: ./build.sh tools");
        Skip.IfNot(File.Exists(Path.Combine(PageTests.Page, "index.html")), $"there is no page in {PageTests.Page}");
        using var robot = new TempFolder();
        string config = robot.Write("device.yaml", PageTests.ConfigOf(robot)), socket = robot.File("control.sock");
        HostProcess? device = HostProcess.Start("run", config);
        try
        {
            await device.FirstFrame.WaitAsync(device.Patience);
            using var tool = HostProcess.StartBinary("env", null, "--default-signal=INT", LinkedDevice.Tool, "ui", "--device",
                $"unix:{socket}", "--no-open", "--json");
            string address = JsonDocument.Parse(await tool.Line("\"foxglove\"")).RootElement.GetProperty("foxglove").GetString()!;
            using var viewer = HostProcess.StartBinary("node", null, Path.Combine(Fixtures, "foxglove", "follow.mjs"), address);
            await PageTests.SaidOrEnded(viewer, "restart");
            PageTests.Stop(device);
            device = null;
            await PageTests.SaidOrEnded(viewer, "begin");
            device = HostProcess.Start("run", config);
            Assert.True(viewer.WaitForExit() == 0, $"{viewer.Output}\n{viewer.Error}\n{tool.Error}\n{device.Error}");
            foreach (string topic in (string[])["/table/image", "/second/boxes", "/table/decision", "/second/answer", "/device"])
            {
                Assert.Contains($"\"{topic}\": {{", viewer.Output);
            }

            tool.Signal(2);
            Assert.Equal(0, tool.WaitForExit());
        }
        finally
        {
            device?.Dispose();
        }
    }
}
