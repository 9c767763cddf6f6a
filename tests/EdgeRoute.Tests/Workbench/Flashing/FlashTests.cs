using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Tests.Workbench.Flashing;

/// <summary>Boards that are installed over a real sshd, with a real dpkg, and cut at each step.</summary>
public sealed class FlashTests
{
    private static readonly string[] StepKeys = ["copy", "install", "packs", "config", "start"];

    [SkippableFact]
    public async Task A_fresh_board_is_installed_once_and_a_second_time_nothing_is_left_to_do()
    {
        using var board = SshBoard.Start();
        string package = board.MakePackage("1.0"), config = Config(board);
        Assert.Equal(StepKeys, await FlashAsync(board, package, config));
        Assert.Contains("/var/lib/edgeroute/packs/shapes/manifest.json", board.ReadUpper("etc", "edgeroute", "device.yaml"),
            StringComparison.Ordinal);
        Assert.True(File.Exists(board.Upper("var", "lib", "edgeroute", "packs", "shapes", "light.onnx")));
        Assert.Contains("restart --no-block edgeroute", board.ReadUpper("var", "log", "systemctl"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(board.Upper("root", ".cache", "edgeroute-flash")));

        // As the service does at its start.
        File.Copy(board.Upper("etc", "edgeroute", "device.yaml"), board.Upper("var", "lib", "edgeroute", "device.yaml"), overwrite: true);
        Assert.Empty(await FlashAsync(board, package, config));
        Assert.Equal(["copy", "install", "start"], await FlashAsync(board, board.MakePackage("1.1"), config));
    }

    [SkippableFact]
    public async Task Cut_at_any_step_it_goes_on_from_there()
    {
        using var board = SshBoard.Start();
        string package = board.MakePackage("1.0", "[ ! -e /run/cut ] || { rm /run/cut; kill -9 $PPID; }"), config = Config(board);
        foreach (string cut in StepKeys)
        {
            if (cut == "install")
            {
                File.WriteAllText(board.Upper("run", "cut"), "");
            }

            await Assert.ThrowsAnyAsync<Exception>(() => FlashAsync(board, package, config, step =>
                cut != "install" && step == cut ? throw new OperationCanceledException() : 0));
        }

        Assert.False(File.Exists(board.Upper("run", "cut")));
        await FlashAsync(board, package, config);
        Assert.True(File.Exists(board.Upper("run", "active")));
        var (link, facts) = await board.OpenAsync();
        link.Dispose();
        Assert.Equal(("1.0", false, true), (facts.Installed, facts.IsHalfInstalled, facts.IsActive));
    }

    [SkippableFact]
    public async Task A_copy_that_was_cut_goes_on_at_its_place_and_one_of_another_file_begins_anew()
    {
        using var board = SshBoard.Start();
        string package = board.MakePackage("1.0");
        var file = OutgoingFile.Of(package);
        var (link, facts) = await board.OpenAsync();
        var files = new RemoteFiles(link, facts);
        using (var cut = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<Exception>(() => files.SendAsync(file, b => CutAt(b, file.Bytes / 2, cut), cut.Token));
        }

        link.Dispose();
        (link, facts) = await board.OpenAsync();
        using var again = link;
        string part = board.Upper("root", ".cache", "edgeroute-flash", file.Sha256 + ".part");
        long there = new FileInfo(part).Length;
        Assert.InRange(there, 1, file.Bytes - 1);
        long first = 0;
        await new RemoteFiles(link, facts).SendAsync(file, b => first = first == 0 ? b : first, CancellationToken.None);
        Assert.InRange(first, there, file.Bytes);
        Assert.Equal(File.ReadAllBytes(package), File.ReadAllBytes(board.Upper("root", ".cache", "edgeroute-flash", file.Sha256)));

        string place = "/root/.cache/edgeroute-flash/" + file.Sha256;
        await link.RunAsync($"rm {place}; head -c 1000 /dev/zero >{place}.part", CancellationToken.None);
        first = 0;
        await new RemoteFiles(link, facts).SendAsync(file, b => first = first == 0 ? b : first, CancellationToken.None);
        Assert.InRange(first, 1, 64 * 1024);
    }

    [SkippableFact]
    public async Task A_board_of_another_kind_a_full_disk_and_a_newer_version_are_told_before_anything_is_done()
    {
        using var board = SshBoard.Start();
        string package = board.MakePackage("1.0");
        await FlashAsync(board, package, null);
        var (link, facts) = await board.OpenAsync();
        using var open = link;
        Assert.Contains("take edgeroute_*_", Assert.Single(facts.Obstacles("mips", 0)), StringComparison.Ordinal);
        Assert.Contains("MB are needed", Assert.Single(facts.Obstacles(facts.Architecture, 1L << 50)), StringComparison.Ordinal);
        Assert.Contains("clock", Assert.Single(facts.Doubts(DateTime.UtcNow.AddDays(3))), StringComparison.Ordinal);
        string older = board.MakePackage("0.9");
        var plan = await FlashRun.PlanAsync(link, facts, FlashBundle.Of(older, null), board.Folder.Path, CancellationToken.None);
        Assert.Equal("1.0", plan.DowngradeFrom);
    }

    [SkippableFact]
    public async Task A_host_whose_key_changed_is_refused_and_a_fingerprint_stands_for_the_question()
    {
        using var board = SshBoard.Start();
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => SshLink.OpenAsync(board.Address, board.Trust("SHA256:other"),
            CancellationToken.None));
        Assert.Contains("and --fingerprint is SHA256:other", refused.Message, StringComparison.Ordinal);
        string own = refused.Message.Split(' ')[4].TrimEnd(',');
        (await SshLink.OpenAsync(board.Address, board.Trust(own), CancellationToken.None)).Dispose();

        string hosts = board.Folder.File("known_hosts"), line = File.ReadAllText(hosts);
        string foreign = File.ReadAllText(board.Folder.File("id_ed25519.pub")).Split(' ')[1];
        File.WriteAllText(hosts, line.Replace(line.Split(' ')[2].Trim(), foreign, StringComparison.Ordinal));
        var changed = await Assert.ThrowsAsync<ArgumentException>(() => SshLink.OpenAsync(board.Address, board.Trust(own),
            CancellationToken.None));
        Assert.Contains("somebody stands in between", changed.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_code_of_a_window_opened_over_ssh_comes_with_the_boards_port()
    {
        using var board = SshBoard.Start();
        var (link, _) = await board.OpenAsync();
        using var open = link;
        var closed = await Assert.ThrowsAsync<IOException>(() => RemoteService.PairAsync(link, _ => Task.CompletedTask,
            CancellationToken.None));
        Assert.Contains("nobody listens", closed.Message, StringComparison.Ordinal);
        await link.RunAsync("touch /run/active", CancellationToken.None);
        RemoteWindow? window = null;
        await RemoteService.PairAsync(link, shown =>
        {
            window = shown;
            return link.RunAsync("touch /run/paired", CancellationToken.None);
        }, CancellationToken.None);
        Assert.Equal(new RemoteWindow("31415926", 7421), window);
    }

    [SkippableFact]
    public async Task Removal_leaves_nothing_of_the_package()
    {
        using var board = SshBoard.Start();
        await FlashAsync(board, board.MakePackage("1.0"), Config(board));
        var (link, _) = await board.OpenAsync();
        using var open = link;
        Assert.Contains("package edgeroute 1.0, installed", await RemoteService.RemainsAsync(link, CancellationToken.None));
        await RemoteService.RemoveAsync(link, keepsState: false, CancellationToken.None);
        Assert.Empty(await RemoteService.RemainsAsync(link, CancellationToken.None));
        await RemoteService.RemoveAsync(link, keepsState: false, CancellationToken.None);
    }

    private static void CutAt(long bytes, long most, CancellationTokenSource cut)
    {
        if (bytes > most)
        {
            cut.Cancel();
        }
    }

    private static string Config(SshBoard board)
    {
        string manifest = Path.Combine(TestPlaces.Repository, "models", "shapes", "manifest.json");
        return board.Folder.Write("robot.yaml", $$"""
            # kept as it is
            packs:
              shapes: { manifest: {{manifest}} }
            sources:
              table: { open: 'sim://tabletop?seed=1', pack: shapes, policy: { kind: cascade } }

            """);
    }

    /// <summary>The steps that were done.</summary>
    /// <param name="at">Called as each begins.</param>
    private static async Task<List<string>> FlashAsync(SshBoard board, string package, string? config, Func<string, int>? at = null)
    {
        var (link, facts) = await board.OpenAsync();
        using var open = link;
        var plan = await FlashRun.PlanAsync(link, facts, FlashBundle.Of(package, config), board.Folder.Path, CancellationToken.None);
        var done = new List<string>();
        await plan.RunAsync(new FlashTelling(step => { at?.Invoke(step.Key); done.Add(step.Key); }, _ => { }), CancellationToken.None);
        return done;
    }
}
