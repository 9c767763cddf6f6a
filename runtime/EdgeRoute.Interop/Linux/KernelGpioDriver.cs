using System.Device.Gpio;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// GPIO through the kernel's own character device (linux/gpio.h, since Linux 5.10), for every device of the package that takes a
/// controller. No library has to fit, and a chip is chosen by its label: numbers change between boots.
/// </summary>
public sealed unsafe class KernelGpioDriver : GpioDriver
{
    private const int PermissionDenied = 13, NotThisKindOfDevice = 25;

    private readonly SafeFileHandle _chip;
    private readonly GpioChipInfo _info;
    private readonly GpioLine?[] _lines;
    private long _closedFaultCount;

    private KernelGpioDriver(SafeFileHandle chip, GpioChipInfo info)
    {
        (_chip, _info) = (chip, info);
        _lines = new GpioLine?[info.NumLines];
    }

    protected override int PinCount => _lines.Length;

    /// <summary>Callbacks that threw.</summary>
    public long CallbackFaultCount => _closedFaultCount + _lines.Sum(line => line?.CallbackFaultCount ?? 0);

    /// <summary>Opens the chip with this label, such as tegra234-gpio or pinctrl-rp1.</summary>
    /// <exception cref="IOException">There is none, or it cannot be opened; the message names those that there are.</exception>
    public static KernelGpioDriver Open(string label)
    {
        var seen = new List<string>();
        foreach (string path in Directory.EnumerateFiles("/dev", "gpiochip*").Order(StringComparer.Ordinal))
        {
            var info = TryDescribe(path, out string reason);
            if (info?.Label == label)
            {
                return OpenPath(path);
            }

            seen.Add(info is null ? reason : $"{path} is {info.Label}");
        }

        string there = seen.Count == 0 ? "there is no /dev/gpiochip*" : string.Join("; ", seen);
        throw new IOException($"no GPIO chip has the label {label}: {there}");
    }

    /// <summary>Opens the chip behind a device file.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public static KernelGpioDriver OpenPath(string path)
    {
        var chip = TryOpen(path, FileAccess.ReadWrite, out string reason);
        if (chip is not null && Describe(chip, path, out reason) is { } info)
        {
            return new KernelGpioDriver(chip, info);
        }

        chip?.Dispose();
        throw new IOException(reason);
    }

    /// <summary>Describes the chip behind a device file; null with the reason in words when it cannot be asked.</summary>
    public static GpioChipInfo? TryDescribe(string path, out string reason)
    {
        using var chip = TryOpen(path, FileAccess.Read, out reason);
        return chip is null ? null : Describe(chip, path, out reason);
    }

    public override GpioChipInfo GetChipInfo() => _info;

    protected override void OpenPin(int pinNumber) =>
        _lines[Offset(pinNumber)] ??= GpioLine.Request(this, _chip, $"{_info.Label} ({_info.Name})", pinNumber);

    protected override void ClosePin(int pinNumber)
    {
        var line = _lines[Offset(pinNumber)];
        _lines[pinNumber] = null;
        line?.Dispose();
        _closedFaultCount += line?.CallbackFaultCount ?? 0;
    }

    protected override void SetPinMode(int pinNumber, PinMode mode) => Line(pinNumber).SetMode(mode);

    protected override void SetPinMode(int pinNumber, PinMode mode, PinValue initialValue) =>
        Line(pinNumber).SetMode(mode, (bool)initialValue);

    protected override PinMode GetPinMode(int pinNumber) => Line(pinNumber).Mode;

    protected override bool IsPinModeSupported(int pinNumber, PinMode mode) =>
        mode is PinMode.Input or PinMode.InputPullUp or PinMode.InputPullDown or PinMode.Output;

    protected override PinValue Read(int pinNumber) => Line(pinNumber).Read();

    protected override void Write(int pinNumber, PinValue value) => Line(pinNumber).Write((bool)value);

    protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken)
    {
        var edge = Line(pinNumber).WaitForEdge(eventTypes, cancellationToken);
        return new WaitForEventResult { EventTypes = edge ?? PinEventTypes.None, TimedOut = edge is null };
    }

    protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) =>
        Line(pinNumber).Add(eventTypes, callback);

    protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback) =>
        Line(pinNumber).Remove(callback);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            for (int i = 0; i < _lines.Length; i++)
            {
                ClosePin(i);
            }

            _chip.Dispose();
        }

        base.Dispose(disposing);
    }

    internal static SafeFileHandle? TryOpen(string path, FileAccess access, out string reason)
    {
        try
        {
            reason = "";
            return File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException)
        {
            reason = Denied(path);
        }
        catch (IOException fault)
        {
            reason = $"{path}: {fault.Message}";
        }

        return null;
    }

    internal static GpioChipInfo? Describe(SafeFileHandle chip, string path, out string reason)
    {
        var record = default(GpioChipRecord);
        if (GpioNative.Control(chip, GpioChipRecord.GetRequest, &record) == 0)
        {
            reason = "";
            string name = TextOf(record.Name);
            _ = int.TryParse(name.AsSpan(name.TrimEnd("0123456789".ToCharArray()).Length), out int number);
            return new GpioChipInfo(number, name, TextOf(record.Label), (int)record.LineCount);
        }

        int error = Marshal.GetLastPInvokeError();
        reason = error switch
        {
            NotThisKindOfDevice => $"{path} is not a GPIO chip",
            PermissionDenied => Denied(path),
            _ => $"{path}: {Marshal.GetPInvokeErrorMessage(error)} (error {error})",
        };
        return null;
    }

    private static string Denied(string path) =>
        $"no permission to open {path}: add the user to the group that owns it (often gpio), or install device-configs/99-edgeroute.rules";

    internal static string TextOf(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..Math.Max(0, bytes.IndexOf((byte)0))]);

    private int Offset(int pinNumber) => (uint)pinNumber < (uint)_lines.Length ? pinNumber
        : throw new ArgumentOutOfRangeException(nameof(pinNumber), pinNumber, $"{_info.Label} has the lines 0 to {_lines.Length - 1}.");

    private GpioLine Line(int pinNumber) => _lines[Offset(pinNumber)]
        ?? throw new InvalidOperationException($"Line {pinNumber} of {_info.Label} is not open: OpenPin comes first.");
}
