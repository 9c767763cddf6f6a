using System.CommandLine;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute stop</c> and <c>release</c>: the emergency stop.</summary>
internal static class StopCommands
{
    public static Command Stop() => DeviceVerb.Create("stop", """
        Presses the emergency stop: every actuator is told to hold, within one period of its actions, until 'edgeroute release'.
        It stays pressed when the engine starts again. It is no replacement for a switch that cuts the power.

        Examples:
          edgeroute stop
          edgeroute stop --reason "someone is in the cell"
        """, call => call.ShowAsync<DoneReply>(ControlMethod.Stop, new StopRequest { Reason = call.Get(ChangeCall.Reason) ?? "" },
            DeviceCommands.ShowDone), ChangeCall.Reason);

    public static Command Release() => DeviceVerb.Create("release", """
        Lets go of the emergency stop that was pressed over the channel. What a button holds stays stopped until the button lets go.

        Examples:
          edgeroute release
        """, call => call.ShowAsync<DoneReply>(ControlMethod.Release, null, DeviceCommands.ShowDone));
}
