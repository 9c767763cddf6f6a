using System.Diagnostics;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;
using Xunit.Abstractions;

namespace EdgeRoute.SystemTests;

/// <summary>
/// A device and a laptop with 50 ms of delay each way and 1 % of loss between them: what they can do together, and whom the device turns
/// away.
/// </summary>
public sealed class ChannelTests(ITestOutputHelper output)
{
    /// <summary>The tool's exit codes: wrong input, the device said no, a change on trial was rolled back.</summary>
    private const int Failed = 1, Refused = 2, DeviceRefused = 4, RolledBack = 5;

    [SkippableFact]
    public async Task A_laptop_pairs_watches_tries_a_budget_and_records_over_a_bad_link()
    {
        using var device = await LinkedDevice.StartOrSkip();
        output.WriteLine($"the link is bad by {device.Net.Means}");
        await Timed("pairing, with both programs' start", () => device.Pair("anna"));
        var (exitCode, status, error) = Timed("status", () => device.Laptop("anna", "status"));
        Assert.True(exitCode == 0, error);
        Assert.Contains("table", status, StringComparison.Ordinal);
        await Top(device);
        RollBack(device);
        Record(device);
    }

    [SkippableFact]
    public async Task Strangers_old_and_revoked_clients_are_refused_in_clear_words_and_change_nothing()
    {
        using var device = await LinkedDevice.StartOrSkip();
        var (exitCode, _, closed) = device.Laptop("anna", "pair", LinkedDevice.Address, "--code", "12345678");
        Assert.Equal(Failed, exitCode);
        Assert.Contains("nobody listens there", closed, StringComparison.Ordinal);

        await WrongCode(device);
        await device.Pair("anna");
        await device.Pair("bert", "--viewer");
        string before = device.State();
        UnpairedKey(device);
        await Replay(device);
        await OldVersion(device);
        Assert.Equal(before, device.State());
        Revoke(device);
    }

    private async Task Top(LinkedDevice device)
    {
        string screen = device.File("screen");
        string command =
            $"stty rows 24 cols 80; exec {device.Net.LaptopPrefix}{string.Join(' ', NetworkNamespaces.CommandOf(LinkedDevice.Tool))} top";
        var clock = Stopwatch.StartNew();
        using var terminal = HostProcess.StartBinary("script", device.Environment("anna"), "-qefc", command, screen);
        await Until("top paints the stream", () => File.Exists(screen)
            && File.ReadAllText(screen).Contains("table", StringComparison.Ordinal));
        output.WriteLine($"top: first picture of the stream after {clock.ElapsedMilliseconds} ms");
        long first = new FileInfo(screen).Length;
        clock.Restart();
        await Until("top goes on painting", () => clock.Elapsed.TotalSeconds > 5 && new FileInfo(screen).Length > first);
        output.WriteLine($"top: {(new FileInfo(screen).Length - first) / clock.Elapsed.TotalSeconds:0} bytes a second on the terminal");
        terminal.Type("q");
        Assert.True(terminal.WaitForExit() == 0, File.ReadAllText(screen));
        Assert.DoesNotContain("Unhandled exception", File.ReadAllText(screen), StringComparison.Ordinal);
    }

    private void RollBack(LinkedDevice device)
    {
        string before = Effective(device);
        var (exitCode, said, error) = Timed("trial with an impossible condition",
            () => device.Laptop("anna", "budget", "try", "device_ms=0.4", "--p99", "0.001", "--for", "60s"));
        Assert.True(exitCode == RolledBack, $"exit code {exitCode}\n{said}\n{error}");
        Assert.Contains("rolled back", said, StringComparison.Ordinal);
        Assert.Equal(before, Effective(device));
        using var owner = device.Owner();
        var entries = owner.Ask<JournalList>(ControlMethod.Journal).Entries;
        Assert.Contains(entries, e => e.Outcome == "on trial" && e.Who.Contains("anna", StringComparison.Ordinal));
        Assert.Contains(entries, e => e.Outcome.StartsWith("rolled back", StringComparison.Ordinal));
        output.WriteLine("journal: " + string.Join(" | ", entries.Select(e => $"{e.Number} {e.Who} {e.Method} {e.Outcome}")));
    }

    private void Record(LinkedDevice device)
    {
        var (begun, _, error) = device.Laptop("anna", "record", "start", "link");
        Assert.True(begun == 0, error);
        var (ended, said, stopError) = device.Laptop("anna", "record", "stop", "link");
        Assert.True(ended == 0, stopError);
        using var owner = device.Owner();
        var recording = Assert.Single(owner.Ask<RecordingList>(ControlMethod.Recordings).Recordings);
        Assert.False(recording.IsOpen);
        using var file = File.OpenRead(recording.Path);
        var reader = new RecordReader(file);
        int traceCount = 0;
        while (reader.Read())
        {
            traceCount += reader.Kind == RecordKind.Trace ? 1 : 0;
        }

        Assert.NotNull(reader.End);
        Assert.InRange(traceCount, 1, int.MaxValue);
        output.WriteLine($"recording: {traceCount} traces, {new FileInfo(recording.Path).Length} bytes; the tool said: {said}");
    }

    private async Task WrongCode(LinkedDevice device)
    {
        string before = device.State();
        var (window, code) = await device.OpenWindow();
        using (window)
        {
            string wrong = code[..^1] + (char)('0' + ((code[^1] - '0' + 1) % 10));
            var (exitCode, _, error) = device.Laptop("anna", "pair", LinkedDevice.Address, "--code", wrong);
            output.WriteLine("a wrong code: " + error.Trim());
            Assert.InRange(exitCode, Refused, DeviceRefused);
            Assert.Contains("ever type that code", error, StringComparison.Ordinal);
            Assert.NotEqual(code, LinkedDevice.CodeIn(await NextCode(window, code)));
            window.Signal(2);
            window.WaitForExit();
        }

        Assert.Equal(before, device.State());
        Assert.Equal(Failed, device.Laptop("anna", "pair", LinkedDevice.Address, "--code", code).ExitCode);
    }

    private static async Task<string> NextCode(HostProcess window, string code)
    {
        string shown = $"code: {code[..4]} {code[4..]}";
        string? line = null;
        await Until("the device shows another code", () =>
            (line = window.Output.Split('\n').FirstOrDefault(l => l.Contains("code: ", StringComparison.Ordinal)
            && !l.Contains(shown, StringComparison.Ordinal))) is not null);
        return line!;
    }

    /// <summary>Somebody who has the list of devices, but not the key.</summary>
    private void UnpairedKey(LinkedDevice device)
    {
        string own = Directory.CreateDirectory(Path.Combine(device.File("thief"), "edgeroute")).FullName;
        File.Copy(Path.Combine(device.File("anna"), "edgeroute", "devices.json"), Path.Combine(own, "devices.json"));
        Denied("an unpaired key", device.Laptop("thief", "status"));
        Denied("an unpaired key", device.Laptop("thief", "price", "set", "0.5"));
    }

    private async Task Replay(LinkedDevice device)
    {
        string capture = device.File("said"), own = Directory.CreateDirectory(Path.Combine(device.File("relayed"), "edgeroute")).FullName;
        string tap = await device.Relay("127.0.0.1:7421", capture);
        foreach (string path in Directory.GetFiles(Path.Combine(device.File("anna"), "edgeroute")))
        {
            File.Copy(path, Path.Combine(own, Path.GetFileName(path)));
        }

        string book = Path.Combine(own, "devices.json");
        File.WriteAllText(book, File.ReadAllText(book).Replace(LinkedDevice.Address, tap, StringComparison.Ordinal));
        var (exitCode, _, error) = device.Laptop("relayed", "status");
        Assert.True(exitCode == 0, error);
        await Until("what the laptop said is kept", () => File.Exists(capture));

        byte[] said = File.ReadAllBytes(capture);
        int refusedBefore = RefusedHandshakes(device);
        using var socket = LinkedDevice.RawSocket(await device.Relay(device.File("raw.sock")));
        socket.Send(said);
        byte[] answer = ReadToEnd(socket);
        await Until("the device counts a refused handshake", () => RefusedHandshakes(device) > refusedBefore);
        using var owner = device.Owner();
        string words = owner.Ask<EventList>(ControlMethod.Events).Events.Last(e => e.Text.Contains("handshake failed",
            StringComparison.Ordinal)).Text;
        output.WriteLine($"a replay of {said.Length} bytes: {answer.Length} bytes of an answer, then closed; the device says: {words}");
    }

    private static byte[] ReadToEnd(System.Net.Sockets.Socket socket)
    {
        var all = new List<byte>();
        var bytes = new byte[4096];
        while (socket.Receive(bytes) is > 0 and var count)
        {
            all.AddRange(bytes[..count]);
        }

        return [.. all];
    }

    private static int RefusedHandshakes(LinkedDevice device)
    {
        using var owner = device.Owner();
        return owner.Ask<EventList>(ControlMethod.Events).Events.Count(e => e.Text.Contains("handshake failed", StringComparison.Ordinal));
    }

    private async Task OldVersion(LinkedDevice device)
    {
        using var client = device.RawClient(await device.Relay(device.File("old.sock")), "anna");
        var refused = Assert.Throws<RpcRefusedException>(() => client.Hello(protocol: 0));
        output.WriteLine($"an old version: {refused.Message}; {refused.Error.Hint}");
        Assert.Equal(RpcErrorCode.Version, refused.Error.Code);
        Assert.Contains("update the client", refused.Error.Hint, StringComparison.Ordinal);
        Assert.Contains("speaks version", client.Farewell(), StringComparison.Ordinal);
    }

    private void Revoke(LinkedDevice device)
    {
        using var owner = device.Owner();
        owner.Ask<DoneReply>(ControlMethod.ClientRevoke, new NamedRequest { Name = "anna" });
        string before = device.State();
        Denied("a revoked laptop", device.Laptop("anna", "status"));
        Denied("a revoked laptop", device.Laptop("anna", "price", "set", "0.5"));
        Assert.Equal(before, device.State());
        Assert.Equal(0, device.Laptop("bert", "status").ExitCode);
        owner.Ask<DoneReply>(ControlMethod.ClientRevoke, new NamedRequest { Name = "bert" });
        var (exitCode, _, error) = device.Laptop("bert", "status");
        Assert.Equal(Failed, exitCode);
        Assert.Contains("nobody listens there", error, StringComparison.Ordinal);
    }

    private void Denied(string who, (int ExitCode, string Output, string Error) answer)
    {
        output.WriteLine($"{who}: {answer.Error.Trim()}");
        Assert.True(answer.ExitCode == DeviceRefused, $"exit code {answer.ExitCode}\n{answer.Output}\n{answer.Error}");
        Assert.Contains("pair", answer.Error, StringComparison.Ordinal);
    }

    private static string Effective(LinkedDevice device)
    {
        using var owner = device.Owner();
        return owner.Ask<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest { IsEffective = true }).Text;
    }

    private T Timed<T>(string what, Func<T> act)
    {
        var clock = Stopwatch.StartNew();
        var result = act();
        output.WriteLine($"{what}: {clock.ElapsedMilliseconds} ms");
        return result;
    }

    private async Task Timed(string what, Func<Task> act)
    {
        var clock = Stopwatch.StartNew();
        await act();
        output.WriteLine($"{what}: {clock.ElapsedMilliseconds} ms");
    }

    /// <summary>Another process brings this about and tells nobody. The deadline only bounds a test that fails.</summary>
    private static async Task Until(string what, Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"in vain: {what}");
            await Task.Delay(50);
        }
    }
}
