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
