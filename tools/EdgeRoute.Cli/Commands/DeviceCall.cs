using System.Buffers;
using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>One run of a command that talks to a device: what was written on the command line, and the way to the device.</summary>
internal sealed class DeviceCall(ParseResult parsed, WorkConsole console, DeviceFinder finder)
{
    public WorkConsole Console { get; } = console;

    public CancellationToken Cancel => Console.Cancel;

    public bool WantsJson => parsed.GetValue(DeviceVerb.Json);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>The way to the device that is meant; nothing is dialled yet.</summary>
    public Func<CancellationToken, Task<DeviceClient>> Dial => finder.Find(parsed.GetValue(DeviceVerb.Device));

    public Task<DeviceClient> ConnectAsync() => Dial(Cancel);

    /// <summary>Asks once, and shows the answer: as it came in JSON, or by <paramref name="show"/>.</summary>
    public async Task<int> ShowAsync<T>(string method, IControlMessage? parameter, Action<T> show,
        TimeSpan? limit = null) where T : IControlMessage, new()
    {
        await using var client = await ConnectAsync();
        Show(await client.RequestAsync(method, parameter, limit, Cancel), show);
        return WorkConsole.Done;
    }

    /// <summary>Shows an answer as it came in JSON, or by <paramref name="show"/>; returns it.</summary>
    public T Show<T>(byte[] answer, Action<T> show) where T : IControlMessage, new()
    {
        var value = answer.Length == 0 ? new T() : FieldReader.Read<T>(answer);
        if (WantsJson)
        {
            System.Console.Out.WriteLine(MessageJson.Of(answer));
        }
        else
        {
            show(value);
        }

        return value;
    }

    /// <summary>Shows what comes until there is enough.</summary>
    public async Task<int> WatchAsync(DeviceWatch watch, ShowingEnd end)
    {
        try
        {
            await watch.RunAsync(isPatient: false, end.Token);
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            // Enough was shown, or nobody reads on.
        }

        return WorkConsole.Done;
    }

    /// <summary>A message that this program made itself, as JSON in the same form as the device's.</summary>
    public static string JsonOf(IControlMessage message, bool isOneLine = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, message);
        return MessageJson.Of(buffer.WrittenMemory, isOneLine);
    }
}

/// <summary>When a verb that shows things as they come has shown enough: told so, at Ctrl-C, or soon after its reader has gone.</summary>
internal sealed class ShowingEnd : IDisposable
{
    /// <summary>Where nothing comes, nothing is written, and only looking tells.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource _enough;
    private readonly Timer _look;
    private bool _isOver;

    public ShowingEnd(CancellationToken interrupted)
    {
        _enough = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        _look = new Timer(_ => Look(), null, LookEvery, LookEvery);
    }

    public CancellationToken Token => _enough.Token;

    public bool IsEnough => _enough.IsCancellationRequested;

    public void Tell() => _enough.Cancel();

    public void Dispose()
    {
        _look.Dispose();
        lock (_enough)
        {
            _isOver = true;
            _enough.Dispose();
        }
    }

    private void Look()
    {
        lock (_enough)
        {
            if (!_isOver && OutputDescriptor.HasStandardOutputNoReader())
            {
                _enough.Cancel();
            }
        }
    }
}
