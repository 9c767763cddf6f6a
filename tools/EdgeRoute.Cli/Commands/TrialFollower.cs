using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>
/// Shows a trial until it has ended. The trial lives on the device: a lost connection is made again, and leaving does not end it unless
/// that is wanted.
/// </summary>
/// <param name="dial">Makes a connection.</param>
/// <param name="cancelsOnExit">Ctrl-C rolls the change back.</param>
internal sealed class TrialFollower(DeviceCall call, Func<CancellationToken, Task<DeviceClient>> dial, bool cancelsOnExit)
{
    public const string Running = "running", Kept = "kept";

    /// <summary>Conditions change with the window of the last seconds; asking more often shows nothing new.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(0.5);

    /// <param name="client">The connection to begin with; stays the caller's.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> FollowAsync(DeviceClient client)
    {
        DeviceClient? own = null;
        try
        {
            while (true)
            {
                try
                {
                    return await FollowOnceAsync(own ?? client);
                }
                catch (DeviceLostException lost)
                {
                    call.Console.Show($"{lost.Message}; the device goes on by itself, connecting again...");
                    await (own?.DisposeAsync() ?? ValueTask.CompletedTask);
                    own = await RedialAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            await LeaveAsync(own ?? client);
            return WorkConsole.Interrupted;
        }
        finally
        {
            await (own?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<int> FollowOnceAsync(DeviceClient client)
    {
        while (true)
        {
            byte[] answer = await client.RequestAsync(ControlMethod.Trial, null, null, call.Cancel);
            var trial = FieldReader.Read<TrialStatus>(answer);
            if (trial.State != Running)
            {
                call.Show<TrialStatus>(answer, ShowEnd);
                return trial.State == Kept ? WorkConsole.Done : WorkConsole.RolledBack;
            }

            string confirm = trial.NeedsConfirmation ? HowToConfirm : "";
            call.Console.Show($"on trial, {trial.SecondsLeft:0} s left: {string.Join("; ", trial.Conditions)}{confirm}");
            await AnswerAsync(client, trial);
            await Task.Delay(AskInterval, call.Cancel);
        }
    }

    private static bool CanAsk => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    private static string HowToConfirm => CanAsk ? " [y keeps it, n rolls it back]" : " ['edgeroute trial keep' keeps it]";

    /// <summary>A key that decides a trial which waits for one.</summary>
    private async Task AnswerAsync(DeviceClient client, TrialStatus trial)
    {
        while (trial.NeedsConfirmation && CanAsk && Console.KeyAvailable)
        {
            string? method = Console.ReadKey(intercept: true).KeyChar switch
            {
                'y' or 'Y' => ControlMethod.TrialKeep,
                'n' or 'N' => ControlMethod.TrialCancel,
                _ => null,
            };
            if (method is not null)
            {
                await client.RequestAsync(method, null, null, call.Cancel);
                return;
            }
        }
    }

    public static void ShowEnd(TrialStatus trial)
    {
        string state = trial.State switch
        {
            Kept => "kept",
            Running => $"running, {FigureText.Duration(trial.SecondsLeft)} left",
            _ => "rolled back: all is as it was before",
        };
        Console.Out.WriteLine($"trial of {(trial.Stream.Length == 0 ? "the stream" : $"'{trial.Stream}'")} (journal number "
            + $"{trial.JournalNumber}): {state}");
        trial.Conditions.ForEach(c => Console.Out.WriteLine("  " + c));
    }

    private async Task<DeviceClient> RedialAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), call.Cancel);
            try
            {
                return await dial(call.Cancel);
            }
            catch (DeviceLostException lost)
            {
                call.Console.Show($"{lost.Message}; the device goes on by itself, connecting again...");
            }
        }
    }

    private async Task LeaveAsync(DeviceClient client)
    {
        if (!cancelsOnExit)
        {
            call.Console.Say("left; the trial goes on by itself and ends by its conditions. 'edgeroute trial' shows it, 'edgeroute trial "
                + "cancel' ends it");
            return;
        }

        await client.RequestAsync(ControlMethod.TrialCancel, null, null, CancellationToken.None);
        call.Console.Say("cancelled; the device is as it was before");
    }
}
