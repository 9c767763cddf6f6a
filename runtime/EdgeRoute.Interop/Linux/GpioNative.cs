using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>A name in linux/gpio.h: GPIO_MAX_NAME_SIZE bytes, ended by a zero.</summary>
[InlineArray(32)]
internal struct GpioName
{
    private byte _first;
}

/// <summary>struct gpiochip_info of linux/gpio.h (unchanged since Linux 4.8), 68 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioChipRecord
{
    /// <summary>GPIO_GET_CHIPINFO_IOCTL: _IOR(0xB4, 0x01, struct gpiochip_info), the same on x64 and arm64.</summary>
    public const uint GetRequest = 0x8044B401;

    public GpioName Name;
    public GpioName Label;
    public uint LineCount;
}

/// <summary>struct gpio_v2_line_config_attribute (Linux 5.10), 24 bytes: a value for the lines of a mask.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioAttributeRecord
{
    /// <summary>GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES and GPIO_V2_LINE_ATTR_ID_DEBOUNCE (microseconds).</summary>
    public const uint OutputValues = 2, Debounce = 3;

    public uint Id;
    public uint Padding;
    public ulong Value;
    public ulong Mask;
}

/// <summary>The ten attributes of a line configuration (GPIO_V2_LINE_NUM_ATTRS_MAX).</summary>
[InlineArray(10)]
internal struct GpioAttributes
{
    private GpioAttributeRecord _first;
}

/// <summary>Five words that must be zero.</summary>
[InlineArray(5)]
internal struct GpioPadding
{
    private uint _first;
}

/// <summary>struct gpio_v2_line_config, 272 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioConfigRecord
{
    /// <summary>GPIO_V2_LINE_SET_CONFIG_IOCTL: _IOWR(0xB4, 0x0D, struct gpio_v2_line_config).</summary>
    public const uint SetRequest = 0xC110B40D;

    public GpioLineFlags Flags;
    public uint AttributeCount;
    public GpioPadding Padding;
    public GpioAttributes Attributes;
}

/// <summary>The 64 lines that a request may name (GPIO_V2_LINES_MAX).</summary>
[InlineArray(64)]
internal struct GpioOffsets
{
    private uint _first;
}

/// <summary>struct gpio_v2_line_request, 592 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioRequestRecord
{
    /// <summary>GPIO_V2_GET_LINE_IOCTL: _IOWR(0xB4, 0x07, struct gpio_v2_line_request).</summary>
    public const uint GetRequest = 0xC250B407;

    public GpioOffsets Offsets;
    public GpioName Consumer;
    public GpioConfigRecord Config;
    public uint LineCount;
    public uint EventBufferSize;
    public GpioPadding Padding;
    public int Descriptor;
}

/// <summary>What follows the flags of a line's description: ten attributes of 16 bytes and four words for later.</summary>
[InlineArray(22)]
internal struct GpioInfoRest
{
    private ulong _first;
}

/// <summary>struct gpio_v2_line_info, 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioLineInfoRecord
{
    /// <summary>GPIO_V2_GET_LINEINFO_IOCTL: _IOWR(0xB4, 0x05, struct gpio_v2_line_info).</summary>
    public const uint GetRequest = 0xC100B405;

    public GpioName Name;
    public GpioName Consumer;
    public uint Offset;
    public uint AttributeCount;
    public GpioLineFlags Flags;
    public GpioInfoRest Rest;
}

/// <summary>struct gpio_v2_line_values, 16 bytes: one bit for each line of the request.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioValuesRecord
{
    /// <summary>GPIO_V2_LINE_GET_VALUES_IOCTL: _IOWR(0xB4, 0x0E, struct gpio_v2_line_values).</summary>
    public const uint GetRequest = 0xC010B40E;

    /// <summary>GPIO_V2_LINE_SET_VALUES_IOCTL: _IOWR(0xB4, 0x0F, struct gpio_v2_line_values).</summary>
    public const uint SetRequest = 0xC010B40F;

    public ulong Bits;
    public ulong Mask;
}

/// <summary>struct gpio_v2_line_event, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpioEventRecord
{
    /// <summary>GPIO_V2_LINE_EVENT_RISING_EDGE; the other is 2.</summary>
    public const uint Rising = 1;

    public ulong TimestampNs;
    public uint Id;
    public uint Offset;
    public uint Sequence;
    public uint LineSequence;
    public GpioPadding Padding;
    public uint LastPadding;
}

/// <summary>GPIO_V2_LINE_FLAG_*, those that are used.</summary>
[Flags]
internal enum GpioLineFlags : ulong
{
    AsIs = 0,
    Used = 1 << 0,
    ActiveLow = 1 << 1,
    Input = 1 << 2,
    Output = 1 << 3,
    EdgeRising = 1 << 4,
    EdgeFalling = 1 << 5,
    OpenDrain = 1 << 6,
    OpenSource = 1 << 7,
    PullUp = 1 << 8,
    PullDown = 1 << 9,
    BiasDisabled = 1 << 10,
}

/// <summary>struct pollfd of poll.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollRecord
{
    /// <summary>POLLIN.</summary>
    public const short Readable = 1;

    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary>The calls that GPIO takes.</summary>
internal static unsafe partial class GpioNative
{
    /// <summary>EFD_CLOEXEC | EFD_NONBLOCK.</summary>
    public const int EventFlags = 0x80800;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollRecord* records, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle file, void* target, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle file, void* source, nuint count);
}
