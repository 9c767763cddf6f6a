namespace EdgeRoute.Tests.Interop.Linux;

/// <summary>The driver on the kernel's simulated GPIO chip, through the controller that every device of the package takes.</summary>
public sealed class KernelGpioDriverTests
{
    private const string Job = """
        mount -t configfs config /sys/kernel/config
        chip=/sys/kernel/config/gpio-sim/bench
        mkdir -p $chip/bank0
        echo 8 > $chip/bank0/num_lines
        echo robot-lines > $chip/bank0/label
        echo 1 > $chip/live
        cd /run && exec BENCH gpio-lines /sys/devices/platform/$(cat $chip/dev_name)/$(cat $chip/bank0/chip_name)

        """;

    [SkippableFact]
    public void Lines_of_a_kernel_chip_are_written_read_and_watched()
    {
        string output = VirtualMachine.Run("gpio-modules", Job.Replace("BENCH", VirtualMachine.Bench, StringComparison.Ordinal));
        Assert.Contains("OUTPUT 1 0 1 High", output, StringComparison.Ordinal);
        Assert.Contains("BYTES 0", output, StringComparison.Ordinal);
        Assert.Contains("BUSY line 0 of robot-lines (gpiochip0) cannot be opened: Device or resource busy (error 16)", output,
            StringComparison.Ordinal);
        Assert.Contains("ABSENT no GPIO chip has the label nothing: /dev/gpiochip0 is robot-lines", output, StringComparison.Ordinal);
        Assert.Contains("EDGES 6 6", output, StringComparison.Ordinal);
        Assert.Contains("FAULTS 1", output, StringComparison.Ordinal);
        Assert.Contains("CANCELLED True", output, StringComparison.Ordinal);
        Assert.Contains("EDGE Falling", output, StringComparison.Ordinal);
        Assert.Contains("ENDED True", output, StringComparison.Ordinal);
        Assert.Contains("JOB_RC=0", output, StringComparison.Ordinal);
    }
}
