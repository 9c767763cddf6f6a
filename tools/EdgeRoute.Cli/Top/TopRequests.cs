using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>Does what keys ask of the device, and puts the answer, or why there is none, into the model.</summary>
/// <param name="gate">Held whenever the model is touched.</param>
internal sealed class TopRequests(TopModel model, object gate)
{
    public async Task DoAsync(DeviceClient? client, TopAction action, CancellationToken cancel)
    {
        if (client is null)
        {
            Say("not connected: nothing was sent", Tone.Bad);
            return;
        }

        try
        {
            await RunAsync(client, action, cancel);
        }
        catch (DeviceRefusedException refused)
        {
            Say(refused.Message, Tone.Bad);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Say(failed.Message, Tone.Bad);
        }
        catch (OperationCanceledException)
        {
            // The program ends; nobody reads the answer.
        }
    }

    /// <summary>Fetches the description anew, where telemetry shows that it is no longer right.</summary>
    public async Task DescribeAsync(DeviceClient client, CancellationToken cancel)
    {
        try
        {
            var description = await client.RequestAsync<DeviceDescription>(ControlMethod.Describe, null, null, cancel);
            lock (gate)
            {
                model.Describe(description);
            }
        }
        catch (Exception lost) when (lost is DeviceLostException or DeviceRefusedException or OperationCanceledException)
        {
            // Telemetry goes on asking as long as the description is wrong.
        }
    }

    /// <summary>Fetches a curve that nobody waits for; without one there is no preview, and the dial says so.</summary>
    public async Task FetchQuietlyAsync(DeviceClient client, string stream, CancellationToken cancel)
    {
        try
        {
            await FetchAsync(client, stream, cancel);
        }
        catch (Exception lost) when (lost is DeviceLostException or DeviceRefusedException or OperationCanceledException)
        {
            // Opening the dial asks again, and then says what is wrong.
        }
    }

    private Task RunAsync(DeviceClient client, TopAction action, CancellationToken cancel) => action switch
    {
        TopAction.Change change => ChangeAsync(client, change.Request, cancel),
        TopAction.FetchCurve fetch => FetchAsync(client, fetch.Stream, cancel),
        TopAction.Snapshot snapshot => SaveAsync(client, snapshot.Stream, cancel),
        TopAction.StartRecording => StartAsync(client, cancel),
        TopAction.StopRecording stop => StopAsync(client, stop.Name, cancel),
        TopAction.EndTrial end => EndAsync(client, end.IsKept, cancel),
        _ => Task.CompletedTask,
    };

    private async Task ChangeAsync(DeviceClient client, ChangeRequest request, CancellationToken cancel)
    {
        var reply = await client.RequestAsync<ChangeReply>(ControlMethod.Change, request, null, cancel);
        string differences = reply.Differences.Count == 0 ? "nothing changes: it stands so already" : string.Join("; ",
            reply.Differences.Select(d => $"{d.Name}: {d.Before} -> {d.After}"));
        Say(differences + (reply.Trial is null ? "" : ", on trial") + string.Concat(reply.Effects.Select(e => "; " + e)), Tone.Good);
    }

    private async Task FetchAsync(DeviceClient client, string stream, CancellationToken cancel)
    {
        var curve = await client.RequestAsync<CalibrationCurve>(ControlMethod.Curve, new StreamRequest { Stream = stream }, null, cancel);
        lock (gate)
        {
            if (model.Streams.Find(s => s.Name == stream) is { } view)
            {
                view.Curve = curve;
            }
        }
    }

    private async Task SaveAsync(DeviceClient client, string stream, CancellationToken cancel)
    {
        Say("waiting for the next frame...", Tone.Dim);
        var reply = await client.RequestAsync<SnapshotReply>(ControlMethod.Snapshot, new SnapshotRequest { Stream = stream }, null, cancel);
        string name = string.Concat(reply.Stream.Select(c => char.IsLetterOrDigit(c) ? c : '_'));
        string path = string.Create(CultureInfo.InvariantCulture, $"{name}-{reply.Sequence}.jpg");
        await File.WriteAllBytesAsync(path, reply.Jpeg, cancel);
        Say($"wrote {path} ({reply.Path}, {FigureText.Bytes(reply.Jpeg.Length)})", Tone.Good);
    }

    private async Task StartAsync(DeviceClient client, CancellationToken cancel)
    {
        var recording = await client.RequestAsync<RecordingStatus>(ControlMethod.RecordStart, new RecordStartRequest(), null, cancel);
        Say($"recording to {recording.Path} on the device; r stops it", Tone.Good);
    }

    private async Task StopAsync(DeviceClient client, string name, CancellationToken cancel)
    {
        var recording = await client.RequestAsync<RecordingStatus>(ControlMethod.RecordStop, new NamedRequest { Name = name },
            null, cancel);
        Say($"recorded {recording.Path}: {recording.TraceCount} traces, {FigureText.Bytes(recording.FileBytes)}", Tone.Good);
    }

    private async Task EndAsync(DeviceClient client, bool isKept, CancellationToken cancel)
    {
        await client.RequestAsync(isKept ? ControlMethod.TrialKeep : ControlMethod.TrialCancel, null, null, cancel);
        Say(isKept ? "kept" : "rolled back", Tone.Good);
    }

    private void Say(string text, Tone tone)
    {
        lock (gate)
        {
            model.Say(text, tone);
        }
    }
}
