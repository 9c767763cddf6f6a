using System.CommandLine;
using System.Text;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute config</c>: the device config, here and there.</summary>
internal static class ConfigCommand
{
    private static readonly Argument<string> PushFile = new("file") { Description = "the device config (YAML) to push" };
    private static readonly Argument<string> DiffFile = new("file") { Description = "the device config (YAML) to compare" };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "file to write; without: standard output",
        HelpName = "FILE.yaml" };
    private static readonly Option<bool> Effective = new("--effective") { Description = "what is in force, with every default and change, "
        + "instead of the file" };
    private static readonly Option<bool> Restart = new("--restart") { Description = "start the device again with it; if it does not "
        + "start, it goes back to the old one" };
    private static readonly Option<bool> Force = new("--force") { Description = "also where the device's file was changed meanwhile" };

    public static Command Create() => DeviceVerb.Group("config", """
        Fetches, compares and replaces the device config.

        Examples:
          edgeroute config pull --out robot.yaml
          edgeroute config diff robot.yaml
          edgeroute config push robot.yaml --restart
        """,
        DeviceVerb.Create("pull", """
            Fetches the device config as its owner wrote it, or with --effective what is in force.

            Examples:
              edgeroute config pull --out robot.yaml
              edgeroute config pull --effective
            """, PullAsync, Out, Effective),
        DeviceVerb.Create("push", """
            Replaces the device config, after every check that the device makes. Shows what differs and each problem with its line first;
            with problems nothing is written. The old file is kept beside the new one. Without --restart it counts from the next start.

            Examples:
              edgeroute config push robot.yaml --dry-run
              edgeroute config push robot.yaml --restart --reason "second camera"
            """, PushAsync, PushFile, Restart, Force, ChangeCall.DryRun, ChangeCall.Reason),
        DeviceVerb.Create("diff", """
            Shows what would change if a file were pushed. Exit code 3: something would.

            Examples:
              edgeroute config diff robot.yaml
            """, DiffAsync, DiffFile));

    private static async Task<int> PullAsync(DeviceCall call)
    {
        await using var client = await call.ConnectAsync();
        byte[] answer = await client.RequestAsync(ControlMethod.ConfigGet, new ConfigRequest { IsEffective = call.Get(Effective) }, null,
            call.Cancel);
        var reply = FieldReader.Read<ConfigReply>(answer);
        if (call.Get(Out) is { } path)
        {
            Write(path, reply.Text);
            call.Console.Say($"wrote {path}: {reply.Path} of {client.Welcome.Device}, SHA-256 {reply.Sha256}");
        }

        if (call.WantsJson)
        {
            Console.Out.WriteLine(MessageJson.Of(answer));
        }
        else if (call.Get(Out) is null)
        {
            Console.Out.Write(reply.Text);
        }

        return WorkConsole.Done;
    }

    /// <summary>A config may hold passwords of cameras, so the file is its owner's alone, whatever it was before.</summary>
    private static void Write(string path, string text)
    {
        using var file = RegularFile.Create(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file.SafeFileHandle, PrivateFile.Mode);
        }

        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private static async Task<int> DiffAsync(DeviceCall call)
    {
        string path = call.Get(DiffFile)!;
        string text = DocumentFile.ReadText(path, ConfigLimits.FileBytes);
        await using var client = await call.ConnectAsync();
        var current = await client.RequestAsync<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest(), null, call.Cancel);
        var lines = UnifiedDiff.Of($"device:{current.Path}", current.Text, path, text);
        lines.ForEach(Console.Out.WriteLine);
        return lines.Count == 0 ? WorkConsole.Done : WorkConsole.Differs;
    }

    private static async Task<int> PushAsync(DeviceCall call)
    {
        string path = call.Get(PushFile)!;
        var request = new ConfigPutRequest { Text = DocumentFile.ReadText(path, ConfigLimits.FileBytes), IsDryRun = true,
            Reason = call.Get(ChangeCall.Reason) ?? "" };
        await using var client = await call.ConnectAsync();
        var current = await client.RequestAsync<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest(), null, call.Cancel);
        request.BaseSha256 = call.Get(Force) ? "" : current.Sha256;
        if (!call.WantsJson)
        {
            UnifiedDiff.Of($"device:{current.Path}", current.Text, path, request.Text).ForEach(Console.Out.WriteLine);
        }

        byte[] answer = await client.RequestAsync(ControlMethod.ConfigPut, request, null, call.Cancel);
        bool isRight = FieldReader.Read<ConfigPutReply>(answer).Problems.Count == 0;
        if (isRight && !call.Get(ChangeCall.DryRun))
        {
            (request.IsDryRun, request.Restarts) = (false, call.Get(Restart));
            answer = await client.RequestAsync(ControlMethod.ConfigPut, request, null, call.Cancel);
        }

        var reply = call.Show<ConfigPutReply>(answer, r => Show(r, path));
        return reply.Problems.Count == 0 ? WorkConsole.Done : WorkConsole.DeviceRefused;
    }

    private static void Show(ConfigPutReply reply, string path)
    {
        reply.Problems.ForEach(p => Console.Error.WriteLine(p));
        Console.Error.WriteLine(OutcomeText(reply, path));
    }

    private static string OutcomeText(ConfigPutReply reply, string path)
    {
        if (reply.Problems.Count > 0)
        {
            return $"{reply.Problems.Count} {(reply.Problems.Count == 1 ? "problem" : "problems")}; nothing was written";
        }

        if (!reply.IsWritten)
        {
            return $"{path} is right; nothing was written (--dry-run)";
        }

        return reply.Restarts ? "written; the device starts again with it"
            : "written; it counts from the next start ('edgeroute shutdown --restart', or push with --restart)";
    }
}
