using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Abi;

/// <summary>The records and request numbers of linux/gpio.h: the chip's as since Linux 4.8, the lines' as since Linux 5.10.</summary>
public sealed class GpioAbiTests
{
    [Fact]
    public void Records_have_the_sizes_of_the_header()
    {
        Assert.Equal(68, Unsafe.SizeOf<GpioChipRecord>());
        Assert.Equal(24, Unsafe.SizeOf<GpioAttributeRecord>());
        Assert.Equal(272, Unsafe.SizeOf<GpioConfigRecord>());
        Assert.Equal(592, Unsafe.SizeOf<GpioRequestRecord>());
        Assert.Equal(256, Unsafe.SizeOf<GpioLineInfoRecord>());
        Assert.Equal(72, OffsetOf<GpioLineInfoRecord>(nameof(GpioLineInfoRecord.Flags)));
        Assert.Equal(16, Unsafe.SizeOf<GpioValuesRecord>());
        Assert.Equal(48, Unsafe.SizeOf<GpioEventRecord>());
        Assert.Equal(8, Unsafe.SizeOf<PollRecord>());
        Assert.Equal(560, OffsetOf<GpioRequestRecord>(nameof(GpioRequestRecord.LineCount)));
        Assert.Equal(588, OffsetOf<GpioRequestRecord>(nameof(GpioRequestRecord.Descriptor)));
        Assert.Equal(32, OffsetOf<GpioConfigRecord>(nameof(GpioConfigRecord.Attributes)));
        Assert.Equal(8, OffsetOf<GpioEventRecord>(nameof(GpioEventRecord.Id)));
    }

    /// <summary>Asks the C compiler about the machine's own header.</summary>
    [SkippableFact]
    public void The_header_agrees()
    {
        Skip.IfNot(File.Exists("/usr/bin/gcc") && File.Exists("/usr/include/linux/gpio.h"),
            "needs gcc and linux/gpio.h (Debian packages gcc and linux-libc-dev)");
        using var folder = new TemporaryFolder();
        string source = folder.Write("facts.c", $$"""
            #include <stddef.h>
            #include <poll.h>
            #include <sys/eventfd.h>
            #include <linux/gpio.h>
            _Static_assert(sizeof(struct gpiochip_info) == 68, "size");
            _Static_assert(offsetof(struct gpiochip_info, label) == 32 && offsetof(struct gpiochip_info, lines) == 64, "places");
            _Static_assert(sizeof(struct gpio_v2_line_config_attribute) == 24 && sizeof(struct gpio_v2_line_config) == 272, "config");
            _Static_assert(offsetof(struct gpio_v2_line_config, attrs) == 32, "attributes");
            _Static_assert(sizeof(struct gpio_v2_line_request) == 592 && offsetof(struct gpio_v2_line_request, fd) == 588, "request");
            _Static_assert(offsetof(struct gpio_v2_line_request, num_lines) == 560, "count");
            _Static_assert(sizeof(struct gpio_v2_line_values) == 16 && sizeof(struct gpio_v2_line_event) == 48, "values, event");
            _Static_assert(offsetof(struct gpio_v2_line_event, id) == 8 && sizeof(struct pollfd) == 8, "event, poll");
            _Static_assert(sizeof(struct gpio_v2_line_info) == 256 && offsetof(struct gpio_v2_line_info, consumer) == 32, "info");
            _Static_assert(offsetof(struct gpio_v2_line_info, offset) == 64 && offsetof(struct gpio_v2_line_info, flags) == 72, "info");
            _Static_assert(GPIO_GET_CHIPINFO_IOCTL == {{GpioChipRecord.GetRequest}}u, "chip");
            _Static_assert(GPIO_V2_GET_LINEINFO_IOCTL == {{GpioLineInfoRecord.GetRequest}}u, "line info");
            _Static_assert(GPIO_V2_LINE_FLAG_USED == {{(ulong)GpioLineFlags.Used}}, "used");
            _Static_assert(GPIO_V2_LINE_FLAG_ACTIVE_LOW == {{(ulong)GpioLineFlags.ActiveLow}}, "active low");
            _Static_assert(GPIO_V2_LINE_FLAG_OPEN_DRAIN == {{(ulong)GpioLineFlags.OpenDrain}}, "open drain");
            _Static_assert(GPIO_V2_LINE_FLAG_OPEN_SOURCE == {{(ulong)GpioLineFlags.OpenSource}}, "open source");
            _Static_assert(GPIO_V2_LINE_FLAG_BIAS_DISABLED == {{(ulong)GpioLineFlags.BiasDisabled}}, "no bias");
            _Static_assert(GPIO_V2_LINE_ATTR_ID_DEBOUNCE == {{GpioAttributeRecord.Debounce}}, "debounce");
            _Static_assert(GPIO_V2_GET_LINE_IOCTL == {{GpioRequestRecord.GetRequest}}u, "line");
            _Static_assert(GPIO_V2_LINE_SET_CONFIG_IOCTL == {{GpioConfigRecord.SetRequest}}u, "set config");
            _Static_assert(GPIO_V2_LINE_GET_VALUES_IOCTL == {{GpioValuesRecord.GetRequest}}u, "get values");
            _Static_assert(GPIO_V2_LINE_SET_VALUES_IOCTL == {{GpioValuesRecord.SetRequest}}u, "set values");
            _Static_assert(GPIO_V2_LINE_FLAG_INPUT == {{(ulong)GpioLineFlags.Input}}, "input");
            _Static_assert(GPIO_V2_LINE_FLAG_OUTPUT == {{(ulong)GpioLineFlags.Output}}, "output");
            _Static_assert(GPIO_V2_LINE_FLAG_EDGE_RISING == {{(ulong)GpioLineFlags.EdgeRising}}, "rising");
            _Static_assert(GPIO_V2_LINE_FLAG_EDGE_FALLING == {{(ulong)GpioLineFlags.EdgeFalling}}, "falling");
            _Static_assert(GPIO_V2_LINE_FLAG_BIAS_PULL_UP == {{(ulong)GpioLineFlags.PullUp}}, "pull up");
            _Static_assert(GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN == {{(ulong)GpioLineFlags.PullDown}}, "pull down");
            _Static_assert(GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES == {{GpioAttributeRecord.OutputValues}}, "values");
            _Static_assert(GPIO_V2_LINE_EVENT_RISING_EDGE == {{GpioEventRecord.Rising}}, "edge");
            _Static_assert(POLLIN == {{PollRecord.Readable}} && (EFD_CLOEXEC | EFD_NONBLOCK) == {{GpioNative.EventFlags}}, "poll");
            """);
        using var compiler = Process.Start(new ProcessStartInfo("/usr/bin/gcc",
            ["-fsyntax-only", source]) { RedirectStandardError = true })!;
        Assert.Equal("", compiler.StandardError.ReadToEnd());
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    private static int OffsetOf<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
