using System.Device.Gpio;
using System.Runtime.CompilerServices;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.TestBench.Board;

/// <summary>
/// Runs inside the bench, on the kernel's simulated GPIO chip: line 0 is an output and line 1 an input that the simulation pulls up and
/// down. Prints what it saw; figures of bytes are of the calling thread.
/// </summary>
internal static class GpioBench
{
    private const int EdgeCount = 12, WriteCount = 1000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <param name="simulation">The chip's folder below /sys/devices/platform.</param>
    public static int Lines(string simulation)
    {
        var chip = KernelGpioDriver.TryDescribe("/dev/gpiochip0", out string reason) ?? throw new IOException(reason);
        using var driver = KernelGpioDriver.Open(chip.Label);
        using var controller = new GpioController(driver);
        Output(controller, driver, simulation);
        Refusals(chip.Label);
        Edges(controller, simulation);
        Console.WriteLine($"FAULTS {driver.CallbackFaultCount}");
        Waits(controller, simulation);
        return 0;
    }

    private static void Output(GpioController controller, KernelGpioDriver driver, string simulation)
    {
        var pin = controller.OpenPin(0, PinMode.Output, PinValue.High);
        string high = Value(simulation);
        pin.Write(PinValue.Low);
        string low = Value(simulation);
        pin.Toggle();
        Console.WriteLine($"OUTPUT {high} {low} {Value(simulation)} {pin.Read()}");
        for (int i = 0; i < WriteCount; i++)
        {
            Write(driver, 0, PinValue.Low);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < WriteCount; i++)
        {
            Write(driver, 0, PinValue.High);
            Read(driver, 0);
        }

        Console.WriteLine($"BYTES {GC.GetAllocatedBytesForCurrentThread() - before}");
    }

    /// <summary>Without the controller, which keeps the last value of each pin and allocates for it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern void Write(KernelGpioDriver driver, int pinNumber, PinValue value);

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern PinValue Read(KernelGpioDriver driver, int pinNumber);

    private static void Refusals(string label)
    {
        using var second = new GpioController(KernelGpioDriver.Open(label));
        Console.WriteLine($"BUSY {Refusal(() => second.OpenPin(0))}");
        Console.WriteLine($"ABSENT {Refusal(() => KernelGpioDriver.Open("nothing").Dispose())}");
    }

    private static void Edges(GpioController controller, string simulation)
    {
        using var seen = new SemaphoreSlim(0);
        int rises = 0, falls = 0;
        PinChangeEventHandler onRise = (_, _) => Count(ref rises, seen), onFall = (_, _) => Count(ref falls, seen);
        controller.OpenPin(1, PinMode.InputPullDown);
        controller.RegisterCallbackForPinValueChangedEvent(1, PinEventTypes.Rising, onRise);
        controller.RegisterCallbackForPinValueChangedEvent(1, PinEventTypes.Falling, onFall);
        for (int i = 0; i < EdgeCount; i++)
        {
            Pull(simulation, i % 2 == 0 ? "pull-up" : "pull-down");
            seen.Wait(Limit);
        }

        controller.UnregisterCallbackForPinValueChangedEvent(1, onRise);
        controller.UnregisterCallbackForPinValueChangedEvent(1, onFall);
        Console.WriteLine($"EDGES {rises} {falls}");
        controller.RegisterCallbackForPinValueChangedEvent(1, PinEventTypes.Rising, (_, _) =>
        {
            seen.Release();
            throw new InvalidOperationException("a callback that fails");
        });
        Pull(simulation, "pull-up");
        seen.Wait(Limit);
        controller.ClosePin(1);
    }

    /// <summary>Who waits for an edge is woken by an edge, by the token, and by the controller's end.</summary>
    private static void Waits(GpioController controller, string simulation)
    {
        controller.OpenPin(1, PinMode.Input);
        using var cancelling = new CancellationTokenSource();
        var cancelled = Task.Run(() => controller.WaitForEvent(1, PinEventTypes.Falling, cancelling.Token));
        cancelling.Cancel();
        Console.WriteLine($"CANCELLED {cancelled.Wait(Limit) && cancelled.Result.TimedOut}");
        // Pulled again and again, because the other thread may not wait yet when it is pulled first.
        var edge = Task.Run(() => controller.WaitForEvent(1, PinEventTypes.Falling, CancellationToken.None));
        for (int i = 0; !edge.Wait(100); i++)
        {
            Pull(simulation, i % 2 == 0 ? "pull-down" : "pull-up");
        }

        Console.WriteLine($"EDGE {edge.Result.EventTypes}");
        var waiting = Task.Run(() => controller.WaitForEvent(1, PinEventTypes.Falling, CancellationToken.None));
        controller.Dispose();
        Console.WriteLine($"ENDED {waiting.ContinueWith(_ => true).Wait(Limit)}");
    }

    private static void Count(ref int count, SemaphoreSlim seen)
    {
        Interlocked.Increment(ref count);
        seen.Release();
    }

    private static string Refusal(Action action)
    {
        try
        {
            action();
            return "";
        }
        catch (IOException refused)
        {
            return refused.Message;
        }
    }

    private static string Value(string simulation) => File.ReadAllText(Path.Combine(simulation, "sim_gpio0", "value")).Trim();

    private static void Pull(string simulation, string direction) =>
        File.WriteAllText(Path.Combine(simulation, "sim_gpio1", "pull"), direction);
}
