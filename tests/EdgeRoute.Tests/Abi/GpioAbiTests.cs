using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Abi;

/// <summary>struct gpiochip_info and its request number, as linux/gpio.h has them since Linux 4.8.</summary>
public sealed class GpioAbiTests
{
    private static readonly Type Record = typeof(GpioChip).Assembly.GetType("EdgeRoute.Interop.Linux.GpioChipRecord", throwOnError: true)!;

    [Fact]
    public void Record_and_request_are_those_of_the_header()
    {
        var sizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(Record);
        Assert.Equal(68, sizeOf.Invoke(null, null));
        Assert.Equal(0x8044B401u, Record.GetField("GetRequest")!.GetRawConstantValue());
        Assert.Equal(["Name", "Label", "LineCount"], Record.GetFields(BindingFlags.Public | BindingFlags.Instance).Select(f => f.Name));
    }

    /// <summary>Asks the C compiler about the machine's own header.</summary>
    [SkippableFact]
    public void The_header_agrees()
    {
        Skip.IfNot(File.Exists("/usr/bin/gcc") && File.Exists("/usr/include/linux/gpio.h"),
            "needs gcc and linux/gpio.h (Debian packages gcc and linux-libc-dev)");
        using var folder = new TemporaryFolder();
        string source = folder.Write("facts.c", """
            #include <stddef.h>
            #include <linux/gpio.h>
            _Static_assert(sizeof(struct gpiochip_info) == 68, "size");
            _Static_assert(offsetof(struct gpiochip_info, label) == 32 && offsetof(struct gpiochip_info, lines) == 64, "places");
            _Static_assert(GPIO_GET_CHIPINFO_IOCTL == 0x8044B401u, "request");
            """);
        using var compiler = Process.Start(new ProcessStartInfo("/usr/bin/gcc",
            ["-fsyntax-only", source]) { RedirectStandardError = true })!;
        Assert.Equal("", compiler.StandardError.ReadToEnd());
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }
}
