using System.Device.Gpio;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// One line of a GPIO chip, held from opening to disposal. Reading, writing and an edge's callback allocate nothing. Whoever waits for an
/// edge is woken by disposal.
/// </summary>
internal sealed unsafe class GpioLine : IGpioLine
{
    private const int Interrupted = 4;

    private readonly string _name;
    private readonly SafeFileHandle _line;
    private readonly SafeFileHandle _wake;
    private readonly Lock _gate = new();
    private readonly object _sender;
    private readonly PinValueChangedEventArgs _rose, _fell;
    private PinChangeEventHandler? _onRise, _onFall;
    private GpioLineFlags _flags;
    private volatile Thread? _watcher;
    private bool _isAwaited;
    private volatile bool _isDisposed;

    private GpioLine(object sender, int offset, string name, SafeFileHandle line, SafeFileHandle wake)
    {
        (_sender, _name) = (sender, name);
        (_line, _wake) = (line, wake);
        (_rose, _fell) = (new(PinEventTypes.Rising, offset), new(PinEventTypes.Falling, offset));
    }

    public PinMode Mode { get; private set; } = PinMode.Input;

    /// <summary>Callbacks that threw: their exceptions end nothing but that call.</summary>
    public long CallbackFaultCount { get; private set; }

    /// <summary>Takes the line as settings say; without them as it is: direction and value change only with its mode.</summary>
    /// <exception cref="IOException">The kernel refuses; the message says which line of which chip, and why.</exception>
    public static GpioLine Request(object sender, SafeFileHandle chip, string chipName, int offset, GpioLineSettings? settings = null)
    {
        string name = $"line {offset} of {chipName}";
        var request = default(GpioRequestRecord);
        request.Offsets[0] = (uint)offset;
        GpioChips.WriteConsumer(settings?.Consumer ?? GpioLineSettings.Program, request.Consumer);
        request.LineCount = 1;
        request.Config = settings is null ? default : ConfigOf(settings);
        if (GpioNative.Control(chip, GpioRequestRecord.GetRequest, &request) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            string hint = GpioChips.WhyRefused(chip, offset, error);
            Marshal.SetLastPInvokeError(error);
            throw Refused(name, "cannot be opened", hint);
        }

        var line = new SafeFileHandle(request.Descriptor, ownsHandle: true);
        int wake = GpioNative.CreateEvent(0, GpioNative.EventFlags);
        if (wake < 0)
        {
            line.Dispose();
            throw Refused(name, "has nothing to wake its watcher with");
        }

        return new GpioLine(sender, offset, name, line, new SafeFileHandle(wake, ownsHandle: true));
    }

    public void SetMode(PinMode mode, bool? value = null)
    {
        var flags = mode switch
        {
            PinMode.Input => GpioLineFlags.Input,
            PinMode.InputPullUp => GpioLineFlags.Input | GpioLineFlags.PullUp,
            PinMode.InputPullDown => GpioLineFlags.Input | GpioLineFlags.PullDown,
            PinMode.Output => GpioLineFlags.Output,
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, $"{_name} has no such mode."),
        };
        lock (_gate)
        {
            flags |= mode == PinMode.Output ? 0 : _flags & (GpioLineFlags.EdgeRising | GpioLineFlags.EdgeFalling);
            // An output that is not told a value keeps the one it has, instead of falling to 0.
            Configure(flags, mode == PinMode.Output ? value ?? Read() : null);
            Mode = mode;
        }
    }

    public bool Read()
    {
        var values = new GpioValuesRecord { Mask = 1 };
        Check(GpioNative.Control(_line, GpioValuesRecord.GetRequest, &values), "cannot be read");
        return (values.Bits & 1) != 0;
    }

    public void Write(bool value)
    {
        var values = new GpioValuesRecord { Bits = value ? 1u : 0, Mask = 1 };
        Check(GpioNative.Control(_line, GpioValuesRecord.SetRequest, &values), "cannot be written");
    }

    public GpioEdge? NextEdge(int waitMs) => PollEdge(waitMs);

    private static GpioConfigRecord ConfigOf(GpioLineSettings settings)
    {
        var config = new GpioConfigRecord { Flags = settings.Flags };
        if (settings.IsOutput)
        {
            config.Attributes[(int)config.AttributeCount++] = new GpioAttributeRecord
            {
                Id = GpioAttributeRecord.OutputValues, Value = settings.StartsActive ? 1u : 0, Mask = 1,
            };
        }

        if (settings.DebounceUs > 0)
        {
            config.Attributes[(int)config.AttributeCount++] = new GpioAttributeRecord
            {
                Id = GpioAttributeRecord.Debounce, Value = (uint)settings.DebounceUs, Mask = 1,
            };
        }

        return config;
    }

    /// <summary>The next edge of these kinds; null where the token, or disposal, came first.</summary>
    /// <exception cref="InvalidOperationException">Someone waits already, or a callback is registered.</exception>
    public PinEventTypes? WaitForEdge(PinEventTypes kinds, CancellationToken token)
    {
        lock (_gate)
        {
            BecomeReader();
            Configure(_flags | EdgesOf(kinds));
            _isAwaited = true;
        }

        try
        {
            using var cancelling = token.UnsafeRegister(static line => ((GpioLine)line!).Wake(), this);
            while (!token.IsCancellationRequested && !_isDisposed)
            {
                if (PollEdge(Timeout.Infinite) is { } edge && (kinds & KindOf(edge)) != 0)
                {
                    return KindOf(edge);
                }
            }

            return null;
        }
        finally
        {
            lock (_gate)
            {
                _isAwaited = false;
            }
        }
    }

    /// <summary>Calls back on a thread of the line's own.</summary>
    public void Add(PinEventTypes kinds, PinChangeEventHandler callback)
    {
        lock (_gate)
        {
            if (_watcher is null)
            {
                BecomeReader();
            }

            Configure(_flags | EdgesOf(kinds));
            _onRise += kinds.HasFlag(PinEventTypes.Rising) ? callback : null;
            _onFall += kinds.HasFlag(PinEventTypes.Falling) ? callback : null;
            if (_watcher is null)
            {
                _watcher = new Thread(Watch) { IsBackground = true, Name = $"edges of {_name}" };
                _watcher.Start();
            }
        }
    }

    public void Remove(PinChangeEventHandler callback)
    {
        lock (_gate)
        {
            _onRise -= callback;
            _onFall -= callback;
            if (_onRise is not null || _onFall is not null)
            {
                return;
            }
        }

        StopWatcher();
    }

    public void Dispose()
    {
        _isDisposed = true;
        StopWatcher();
        // Whoever polls holds both descriptors until it has seen the flag, so closing takes none of them away.
        Wake();
        _line.Dispose();
        _wake.Dispose();
    }

    private static IOException Refused(string name, string action, string hint = "")
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{name} {action}: {Marshal.GetPInvokeErrorMessage(error)} (error {error}){hint}", error);
    }

    private static GpioLineFlags EdgesOf(PinEventTypes kinds) =>
        (kinds.HasFlag(PinEventTypes.Rising) ? GpioLineFlags.EdgeRising : 0)
            | (kinds.HasFlag(PinEventTypes.Falling) ? GpioLineFlags.EdgeFalling : 0);

    private void Check(int result, string action)
    {
        if (result < 0)
        {
            throw Refused(_name, action);
        }
    }

    private void Configure(GpioLineFlags flags, bool? value = null)
    {
        if (flags == _flags && value is null)
        {
            return;
        }

        var config = new GpioConfigRecord { Flags = flags };
        if (value is { } level)
        {
            config.AttributeCount = 1;
            config.Attributes[0] = new GpioAttributeRecord { Id = GpioAttributeRecord.OutputValues, Value = level ? 1u : 0, Mask = 1 };
        }

        Check(GpioNative.Control(_line, GpioConfigRecord.SetRequest, &config), $"cannot be set to {flags}");
        _flags = flags;
    }

    /// <summary>The kernel keeps one queue of edges, so one reader at a time sees all of them.</summary>
    private void BecomeReader()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isAwaited || _watcher is not null)
        {
            throw new InvalidOperationException($"The edges of {_name} have a reader already: remove its callbacks, or end the other wait, "
                + "before another begins.");
        }
    }

    private static PinEventTypes KindOf(GpioEdge edge) => edge.IsRising ? PinEventTypes.Rising : PinEventTypes.Falling;

    /// <summary>Waits until there is an edge, <see cref="Wake"/> is called or time is up; null without an edge.</summary>
    private GpioEdge? PollEdge(int waitMs)
    {
        bool isLineHeld = false, isWakeHeld = false;
        try
        {
            _line.DangerousAddRef(ref isLineHeld);
            _wake.DangerousAddRef(ref isWakeHeld);
            PollRecord* polls = stackalloc PollRecord[2];
            polls[0] = new PollRecord { Descriptor = (int)_line.DangerousGetHandle(), Events = PollRecord.Readable };
            polls[1] = new PollRecord { Descriptor = (int)_wake.DangerousGetHandle(), Events = PollRecord.Readable };
            int ready = GpioNative.Poll(polls, 2, waitMs);
            if (ready < 0)
            {
                return Marshal.GetLastPInvokeError() == Interrupted ? null : throw Refused(_name, "cannot be waited for");
            }

            if (ready == 0)
            {
                return null;
            }

            if (polls[1].Returned != 0)
            {
                // Read to its end, so that a call for an earlier reader wakes no later one for ever.
                ulong count;
                _ = GpioNative.Read(_wake, &count, sizeof(ulong));
                return null;
            }

            return ReadEdge();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        finally
        {
            Release(_line, isLineHeld);
            Release(_wake, isWakeHeld);
        }
    }

    private static void Release(SafeFileHandle handle, bool isHeld)
    {
        if (isHeld)
        {
            handle.DangerousRelease();
        }
    }

    private GpioEdge ReadEdge()
    {
        GpioEventRecord edge;
        if (GpioNative.Read(_line, &edge, (nuint)sizeof(GpioEventRecord)) != sizeof(GpioEventRecord))
        {
            throw Refused(_name, "gives no more edges");
        }

        return new GpioEdge(edge.Id == GpioEventRecord.Rising, (long)edge.TimestampNs, edge.LineSequence);
    }

    private void Watch()
    {
        try
        {
            // A callback that removes itself and adds another has a new thread follow while it still runs on this one.
            while (_watcher == Thread.CurrentThread && !_isDisposed)
            {
                if (PollEdge(Timeout.Infinite) is { } edge)
                {
                    Call(KindOf(edge));
                }
            }
        }
        catch (IOException)
        {
            // The chip was taken away: there are no edges to call back for, and the next use of the line says why.
        }
    }

    private void Call(PinEventTypes edge)
    {
        try
        {
            if (edge == PinEventTypes.Rising)
            {
                _onRise?.Invoke(_sender, _rose);
            }
            else
            {
                _onFall?.Invoke(_sender, _fell);
            }
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            CallbackFaultCount++;
        }
    }

    /// <summary>Returns when no callback runs any more, unless a callback calls it: its thread ends when it returns.</summary>
    private void StopWatcher()
    {
        Thread? watcher;
        lock (_gate)
        {
            (watcher, _watcher) = (_watcher, null);
        }

        if (watcher is null)
        {
            return;
        }

        Wake();
        if (watcher != Thread.CurrentThread)
        {
            watcher.Join();
        }
    }

    private void Wake()
    {
        try
        {
            ulong one = 1;
            _ = GpioNative.Write(_wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody is left to wake.
        }
    }
}
