using System.CommandLine;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute trial</c>: the change that is on trial, or was last.</summary>
internal static class TrialCommand
{
    public static Command Create() => DeviceVerb.Create("trial", """
        Shows the change that is on trial, or the last one. 'keep' keeps it at once, 'cancel' rolls it back.

        Examples:
          edgeroute trial
          edgeroute trial keep
          edgeroute trial cancel
        """, call => call.ShowAsync<TrialStatus>(ControlMethod.Trial, null, Show),
        DeviceVerb.Create("keep", """
            Keeps the change that is on trial.

            Examples:
              edgeroute trial keep
            """, call => call.ShowAsync<TrialStatus>(ControlMethod.TrialKeep, null, Show)),
        DeviceVerb.Create("cancel", """
            Rolls the change that is on trial back.

            Examples:
              edgeroute trial cancel
            """, call => call.ShowAsync<TrialStatus>(ControlMethod.TrialCancel, null, Show)));

    private static void Show(TrialStatus trial)
    {
        if (trial.State.Length == 0)
        {
            Console.Out.WriteLine("nothing was tried since the device started; 'edgeroute budget try' tries something");
            return;
        }

        TrialFollower.ShowEnd(trial);
    }
}
