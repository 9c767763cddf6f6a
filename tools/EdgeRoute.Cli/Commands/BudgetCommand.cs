using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute budget</c>: what a stream may spend, and changes that must prove themselves.</summary>
internal static class BudgetCommand
{
    private static readonly Argument<string?> Stream = StreamArguments.OptionalStream();

    private static readonly Argument<string[]> Words = StreamArguments.WithSettings(StreamSettings.OfBudget);

    public static Command Create()
    {
        var get = DeviceVerb.Create("get", """
            Shows the budgets of the streams: measured against target.

            Examples:
              edgeroute budget get
              edgeroute budget get front --json
            """, GetAsync, Stream);
        var set = DeviceVerb.Create("set", """
            Sets budgets of a stream, all together and between two frames. It lasts until the device starts again; 'edgeroute config push'
            makes it last.

            Examples:
              edgeroute budget set device_ms=6
              edgeroute budget set front latency_p99_ms=33 watts=12.5W --reason "battery below half"
              edgeroute budget set front heavy_share=20% --dry-run
              edgeroute budget set front watts=none
            """, SetAsync, Words, ChangeCall.DryRun, ChangeCall.Reason);
        return DeviceVerb.Group("budget", """
            Shows, sets and tries out what a stream may spend. Budgets are targets: the price of device time moves until they hold.

            Examples:
              edgeroute budget get
              edgeroute budget set front device_ms=6
              edgeroute budget try front device_ms=6 --for 60s --p99 33
            """, get, set, TryCommand.Create());
    }

    /// <summary>With the keys of all settings, so that <c>budget set price=...</c> is understood as well.</summary>
    private static Task<int> SetAsync(DeviceCall call)
    {
        var (stream, settings) = StreamArguments.SplitSettings(call.Get(Words)!);
        return ChangeCall.SendAsync(call, stream, SettingParser.Read(settings));
    }

    private static Task<int> GetAsync(DeviceCall call) => call.ShowAsync<DeviceStatus>(ControlMethod.Status, null, status =>
    {
        var table = new TextTable("stream", "budget", ">measured", ">target", "unit", "state");
        foreach (var stream in StatusText.Chosen(status, call.Get(Stream)))
        {
            foreach (var budget in stream.Price?.Budgets ?? [])
            {
                table.Add(stream.Name, budget.Name, FigureText.Short(budget.Measured), FigureText.Short(budget.Target), budget.Unit,
                    StatusText.StateOf(budget));
            }
        }

        table.Show("no budgets are set; 'edgeroute budget set device_ms=6' sets one where the stream's pack is calibrated");
        foreach (string conflict in StatusText.Chosen(status, call.Get(Stream)).SelectMany(s => s.Price?.Conflicts ?? []))
        {
            Console.Out.WriteLine("conflict: " + conflict);
        }
    });
}
