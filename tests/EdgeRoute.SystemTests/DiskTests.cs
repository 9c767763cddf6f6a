using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary with its state and its trace on a disk of four megabytes that fills up.</summary>
public sealed class DiskTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task On_a_full_disk_nothing_is_done_that_was_refused_and_locking_and_stopping_work()
    {
        SkipWithoutMounts();
        using var host = Start();
        await host.Line("first frame done");
        using var owner = ChannelClient.Unix(_folder.File("control.sock"));
        owner.Hello();
        await Until(() => File.Exists(_folder.File("fill")), "the disk was never filled");
        string before = Effective(owner);
        string config = File.ReadAllText(_folder.File("device.yaml"));
        Refused(owner, ControlMethod.Change, new ChangeRequest { Set = new SettingSet { Policy = SettingValue.Of("fixed:light") } });
        Assert.False(owner.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = config + "\n# more\n" }).IsWritten);
        Refused(owner, ControlMethod.RecordStart, new RecordStartRequest { Name = "drive" });
        Assert.Equal((before, config), (Effective(owner), File.ReadAllText(_folder.File("device.yaml"))));

        var locked = owner.Ask<ChangeReply>(ControlMethod.Change,
            new ChangeRequest { Set = new SettingSet { Lock = SettingValue.Of("heavy_1") } });
        Assert.True(locked.IsApplied);
        Assert.Contains("lock: \"heavy_1\"", Effective(owner), StringComparison.Ordinal);
        owner.Ask<DoneReply>(ControlMethod.Shutdown, new ShutdownRequest());
        Assert.True(host.WaitForExit() == 0, host.Error);
        Assert.DoesNotContain("nhandled exception", host.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task When_there_is_room_again_a_recording_and_the_answers_go_on_and_the_loss_is_told()
    {
        SkipWithoutMounts();
        using var host = Start();
        await host.Line("first frame done");
        await host.Line("because it cannot be written");
        await host.Line("answers.jsonl cannot be written");
        await host.Line("all.jsonl cannot be written");
        File.Delete(_folder.File("fill"));
        await host.Line("could not be written and goes on in");
        await host.Line("answers.jsonl goes on");
        await host.Line("all.jsonl goes on");
        using var owner = ChannelClient.Unix(_folder.File("control.sock"));
        owner.Hello();
        string[] told = [.. owner.Ask<EventList>(ControlMethod.Events).Events.Select(e => e.Text)];
        Assert.Contains(told, t => t.Contains("The recording ends after", StringComparison.Ordinal));
        Assert.Matches("goes on in .*run-.*erec; lost [1-9][0-9]* traces", Assert.Single(told,
            t => t.Contains("could not be written and goes on", StringComparison.Ordinal)));
        Assert.Matches("goes on; [1-9][0-9]* were lost", Assert.Single(told, t => t.Contains("answers.jsonl goes on",
            StringComparison.Ordinal)));
        var all = owner.Ask<DeviceStatus>(ControlMethod.Status).Outputs.Single(o => o.Name == "all");
        Assert.True(all is { ToldCount: > 0, LostCount: > 0, Fault: null }, $"{all.ToldCount} told, {all.LostCount} lost: {all.Fault}");
        owner.Ask<DoneReply>(ControlMethod.Shutdown, new ShutdownRequest());
        Assert.True(host.WaitForExit() == 0, host.Error);
    }

    [SkippableFact]
    public async Task A_device_starts_on_a_full_disk_and_after_a_power_cut_too()
    {
        SkipWithoutMounts();
        string disk = Directory.CreateDirectory(_folder.File("disk")).FullName;
        string config = Config(disk, $", audit: {{ share: 0.5, keep_folder: {disk}/labels }}", "value");
        string script = $$"""
            mount -t tmpfs -o size=4m,mode=700 none '{{disk}}' || exit 99
            mkdir '{{disk}}/labels'
            printf '{"number":1,"wh' > '{{disk}}/journal.jsonl'
            printf '{"source":"ta' > '{{disk}}/all.jsonl'
            cat /dev/zero > '{{disk}}/fill' 2>/dev/null
            exec '{{HostProcess.Binary}}' run '{{config}}' --answers '{{disk}}/answers.jsonl'
            """;
        using var host = HostProcess.StartBinary("unshare", null, "-rm", "bash", "-c", script);
        await host.Line("first frame done");
        using var owner = ChannelClient.Unix(_folder.File("control.sock"));
        owner.Hello();
        Assert.Contains(owner.Ask<EventList>(ControlMethod.Events).Events, e => e.Text.Contains("was cut short", StringComparison.Ordinal));
        owner.Ask<DoneReply>(ControlMethod.Shutdown, new ShutdownRequest());
        Assert.True(host.WaitForExit() == 0, host.Error);
    }

    /// <summary>
    /// Mounts the small disk in a namespace of its own, and once frames flow takes the journal's reserve away, fills the disk to its last
    /// byte, and says so by a file; when that is taken away, there is room again.
    /// </summary>
    private HostProcess Start()
    {
        string disk = Directory.CreateDirectory(_folder.File("disk")).FullName;
        string config = Config(disk, "", "cascade");
        string script = $"""
            mount -t tmpfs -o size=4m,mode=700 none '{disk}' || exit 99
            '{HostProcess.Binary}' run '{config}' --answers '{disk}/answers.jsonl' &
            until [ -S '{_folder.File("control.sock")}' ] && [ -s '{disk}/run.erec' ]; do kill -0 $! || exit; sleep 0.1; done
            rm -f '{disk}/journal.reserve'; mkdir '{disk}/journal.reserve'
            cat /dev/zero > '{disk}/fill' 2>/dev/null
            cat /dev/zero >> '{disk}/fill' 2>/dev/null
            touch '{_folder.File("fill")}'
            while [ -e '{_folder.File("fill")}' ] && kill -0 $!; do sleep 0.1; done
            rm -rf '{disk}/fill' '{disk}/journal.reserve'
            wait $!
            """;
        return HostProcess.StartBinary("unshare", null, "-rm", "bash", "-c", script);
    }

    private string Config(string disk, string source, string policy) => _folder.Write("device.yaml", $$"""
        runtime: { threads: 1 }
        packs: { shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} } }
        sources:
          table: { open: 'sim://tabletop?seed=3&width=160&height=120', pack: shapes, take: newest, pace: source,
            policy: { kind: {{policy}} }{{source}} }
        trace: { file: {{disk}}/run.erec }
        disk: { free_mb: 0 }
        outputs: { all: { kind: jsonl, path: {{disk}}/all.jsonl } }
        control: { unix: {{_folder.File("control.sock")}}, state: {{disk}} }
        """);

    private static string Effective(ChannelClient owner) =>
        owner.Ask<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest { IsEffective = true }).Text;

    private static void Refused(ChannelClient owner, string method, IControlMessage request)
    {
        var error = owner.AskRefused(method, request);
        Assert.Equal(RpcErrorCode.Unavailable, error.Code);
        Assert.Contains("nothing was changed", error.Message, StringComparison.Ordinal);
    }

    private static void SkipWithoutMounts()
    {
        var (exitCode, _, error) = HostProcess.RunBinary("unshare", null, "-rm", "mount", "-t", "tmpfs", "none", "/mnt");
        Skip.If(exitCode != 0, $"this machine lets no test mount a small disk: {error}");
    }

    private static async Task Until(Func<bool> isSo, string otherwise)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!isSo())
        {
            Assert.False(limit.IsCancellationRequested, otherwise);
            await Task.Yield();
        }
    }
}
