using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Connecting;

/// <summary>
/// Stays connected: dials, lets the caller subscribe, hands notifications on, and when the connection is lost dials again after a pause
/// that doubles from half a second to ten. A refusal ends it, since waiting does not change the device's mind.
/// </summary>
/// <param name="dial">Makes a connection.</param>
/// <param name="pause">Waits between two attempts; null: really.</param>
internal sealed class DeviceWatch(Func<CancellationToken, Task<DeviceClient>> dial, Func<TimeSpan, CancellationToken, Task>? pause = null)
{
    /// <summary>A device that starts again takes some seconds; asking more often than twice a second helps nobody.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5), LongestPause = TimeSpan.FromSeconds(10);

    private readonly Func<TimeSpan, CancellationToken, Task> _pause = pause ?? Task.Delay;

    /// <summary>Called with each new connection: the place to subscribe.</summary>
    public required Func<DeviceClient, CancellationToken, Task> OnConnected { get; init; }

    public required Action<Notification> OnNotification { get; init; }

    /// <summary>Called with why, and how long until the next attempt.</summary>
    public required Action<string, TimeSpan> OnLost { get; init; }

    /// <param name="isPatient">Also keep trying where the very first attempt fails.</param>
    /// <exception cref="DeviceRefusedException">The device said no.</exception>
    /// <exception cref="OperationCanceledException">Cancelled: the only other way out.</exception>
    public async Task RunAsync(bool isPatient, CancellationToken cancel)
    {
        var wait = FirstPause;
        for (bool isFirst = true; ; isFirst = false)
        {
            string reason;
            try
            {
                await using var client = await dial(cancel);
                await OnConnected(client, cancel);
                wait = FirstPause;
                reason = await FollowAsync(client, cancel);
            }
            catch (DeviceLostException lost) when (!isFirst || isPatient)
            {
                reason = lost.Message;
            }

            OnLost(reason, wait);
            await _pause(wait, cancel);
            wait = wait * 2 < LongestPause ? wait * 2 : LongestPause;
        }
    }

    /// <summary>Why it ended.</summary>
    private async Task<string> FollowAsync(DeviceClient client, CancellationToken cancel)
    {
        string? farewell = null;
        await foreach (var notification in client.Notifications.ReadAllAsync(cancel))
        {
            farewell = notification.Method == ControlNotification.Closing ? notification.Read<DoneReply>().Text : farewell;
            OnNotification(notification);
        }

        return farewell ?? client.LostReason ?? "the connection is lost";
    }
}
