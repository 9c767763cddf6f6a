using System.Device.Gpio;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Actuators;

/// <summary>
/// Output lines of any chips as the pins of one controller, which is what the package's motors take: pin 0 is the first line. Levels are
/// logical, as the config has them.
/// </summary>
internal sealed class LineDriver(IReadOnlyList<IGpioLine> lines) : GpioDriver
{
    private readonly PinValue[] _written = new PinValue[lines.Count];

    protected override int PinCount => lines.Count;

    /// <summary>The lines are held already.</summary>
    protected override void OpenPin(int pinNumber)
    {
    }

    protected override void ClosePin(int pinNumber) => Write(pinNumber, PinValue.Low);

    protected override void SetPinMode(int pinNumber, PinMode mode)
    {
        if (mode != PinMode.Output)
        {
            throw new NotSupportedException($"A motor's line is an output, not {mode}.");
        }
    }

    protected override PinMode GetPinMode(int pinNumber) => PinMode.Output;

    protected override bool IsPinModeSupported(int pinNumber, PinMode mode) => mode == PinMode.Output;

    protected override PinValue Read(int pinNumber) => _written[pinNumber];

    protected override void Write(int pinNumber, PinValue value)
    {
        lines[pinNumber].Write((bool)value);
        _written[pinNumber] = value;
    }

    protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A motor's line is an output: nobody waits for it.");

    protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) =>
        throw new NotSupportedException("A motor's line is an output: nobody is told of its changes.");

    protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback) =>
        throw new NotSupportedException("A motor's line is an output: nobody is told of its changes.");

    protected override void Dispose(bool disposing)
    {
        foreach (var line in disposing ? lines : [])
        {
            line.Dispose();
        }

        base.Dispose(disposing);
    }
}
