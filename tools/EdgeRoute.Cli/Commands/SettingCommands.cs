using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute price</c>, <c>floor</c>, <c>policy</c>, <c>lock</c> and <c>deadline</c>: single settings of a stream.</summary>
internal static class SettingCommands
{
    private static readonly Argument<string?> Stream = StreamArguments.OptionalStream();

    public static Command Price() => DeviceVerb.Group("price", """
        The dial from accurate to frugal: what a millisecond of device time must bring in quality to be spent. At 0 time costs nothing.

        Examples:
          edgeroute price get
          edgeroute price set front 0.0075
          edgeroute price clear front
        """, PriceGet(),
        Set("set", StreamSettings.Price, "PRICE", """
            Sets the price of device time by hand. Budgets and the quality floor stay in force: the higher price of dial and budgets counts,
            up to what the floor allows.

            Examples:
              edgeroute price set 0.0075
              edgeroute price set front 0.01 --dry-run
            """),
        Clear(StreamSettings.Price, """
            Takes the dial away: budgets alone set the price.

            Examples:
              edgeroute price clear front
            """));

    public static Command Floor() => DeviceVerb.Group("floor", """
        The quality that must hold: it caps the price at what the calibration certifies.

        Examples:
          edgeroute floor set front 97%
          edgeroute floor clear front
        """,
        Set("set", StreamSettings.Floor, "QUALITY", """
            Sets the quality floor of a stream. It must be one that the calibration certified ('edgeroute price get' lists them).

            Examples:
              edgeroute floor set 0.97
              edgeroute floor set front 97% --dry-run
            """),
        Clear(StreamSettings.Floor, """
            Takes the quality floor away.

            Examples:
              edgeroute floor clear front
            """));

    public static Command Policy() => DeviceVerb.Group("policy", """
        How a stream's frames are routed: by value, by the pack's cascade, or always the same way.

        Examples:
          edgeroute policy get
          edgeroute policy set front value
          edgeroute policy set front 'fixed:light>heavy'
        """,
        Get("policy", s => s.Policy, """
            Shows the policy of each stream.

            Examples:
              edgeroute policy get
            """),
        Set("set", StreamSettings.Policy, "POLICY", """
            Sets the policy of a stream. Open recordings go on in new files.

            Examples:
              edgeroute policy set value
              edgeroute policy set front cascade
              edgeroute policy set front 'fixed:light>heavy'
              edgeroute policy set front skipping:heavy/115
            """));

    public static Command Lock() => DeviceVerb.Group("lock", """
        A path that every frame of a stream must take, whatever the policy says.

        Examples:
          edgeroute lock set front heavy
          edgeroute lock clear front
        """,
        Set("set", StreamSettings.Lock, "PATH", """
            Forces a path on every frame of a stream.

            Examples:
              edgeroute lock set heavy
              edgeroute lock set front 'light>heavy' --reason "people near the arm"
            """),
        Clear(StreamSettings.Lock, """
            Lets the policy decide again.

            Examples:
              edgeroute lock clear front
            """));

    public static Command Deadline() => DeviceVerb.Group("deadline", """
        How long a frame may take from capture to publish; options that would overrun it are not taken.

        Examples:
          edgeroute deadline set front 33ms
          edgeroute deadline clear front
        """,
        Set("set", StreamSettings.DeadlineMs, "MS", """
            Sets the deadline of a stream.

            Examples:
              edgeroute deadline set 33
              edgeroute deadline set front 50ms --dry-run
            """),
        Clear(StreamSettings.DeadlineMs, """
            Takes the deadline away.

            Examples:
              edgeroute deadline clear front
            """));

    public static Command MaxAge() => DeviceVerb.Group("max-age", """
        How old the previous answer may be when it is reused; past it a stage looks at the frame, late where need be.

        Examples:
          edgeroute max-age set front 300ms
          edgeroute max-age clear front
        """,
        Set("set", StreamSettings.MaxAgeMs, "MS", """
            Sets how old a reused answer of a stream may be.

            Examples:
              edgeroute max-age set 300
              edgeroute max-age set front 2s --dry-run
            """),
        Clear(StreamSettings.MaxAgeMs, """
            Goes back to the usual limit of 1000 ms.

            Examples:
              edgeroute max-age clear front
            """));

    public static Command Instruct() => Set("instruct", StreamSettings.Instruction, "TEXT", """
        Tells a stream its task, for a policy whose source gives none itself. The plan being followed ends.

        Examples:
          edgeroute instruct "put the red star on the blue pad"
          edgeroute instruct arm "put the red star on the blue pad" --dry-run
          edgeroute instruct arm none
        """);

    private static Command PriceGet() => DeviceVerb.Create("get", """
        Shows the price in force with who asks for it, and what the calibration predicts for other prices.

        Examples:
          edgeroute price get
          edgeroute price get front --json
        """, call => call.ShowAsync<CalibrationCurve>(ControlMethod.Curve, new StreamRequest { Stream = call.Get(Stream) ?? "" },
            ShowCurve), Stream);

    private static void ShowCurve(CalibrationCurve curve)
    {
        Console.Out.WriteLine($"{curve.Stream}: right is what {curve.Teacher} says; device time as on {curve.Device}");
        var table = new TextTable(">price", ">device ms a frame", ">quality");
        curve.Points.ForEach(p => table.Add(FigureText.Price(p.Price), FigureText.Short(p.DeviceMs), FigureText.Quality(p.Quality)));
        table.Show("the calibration has no curve");
        foreach (var floor in curve.Floors)
        {
            string text = floor.Price is { } price ? $"price up to {FigureText.Price(price)}" : $"not certified: {floor.Reason}";
            Console.Out.WriteLine($"floor {FigureText.Percent(floor.Floor)}: {text}");
        }
    }

    private static Command Get(string what, Func<StreamStatus, string> value, string help) => DeviceVerb.Create("get", help,
        call => call.ShowAsync<DeviceStatus>(ControlMethod.Status, null, status =>
        {
            var table = new TextTable("stream", what);
            foreach (var stream in StatusText.Chosen(status, call.Get(Stream)))
            {
                table.Add(stream.Name, value(stream));
            }

            table.Show("the device has no streams");
        }), Stream);

    private static Command Set(string verb, StreamSetting setting, string valueName, string help)
    {
        var words = StreamArguments.WithValue(valueName, setting.Help);
        return DeviceVerb.Create(verb, help, call =>
        {
            var (stream, value) = StreamArguments.Split(call.Get(words)!);
            return ChangeCall.SendAsync(call, stream, SettingParser.ReadOne(setting, value));
        }, words, ChangeCall.DryRun, ChangeCall.Reason);
    }

    private static Command Clear(StreamSetting setting, string help) => DeviceVerb.Create("clear", help,
        call => ChangeCall.SendAsync(call, call.Get(Stream) ?? "", SettingParser.ReadOne(setting, ConfigEnums.None)), Stream,
        ChangeCall.DryRun, ChangeCall.Reason);
}
