using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>What the kernel says of a GPIO chip.</summary>
/// <param name="Name">The kernel's name, such as gpiochip0. Numbers change between boots.</param>
/// <param name="Label">The chip's own name, such as tegra234-gpio: select chips by this.</param>
public sealed record GpioChipDescription(string Name, string Label, int LineCount);

/// <summary>GPIO chips through the kernel's character device (linux/gpio.h).</summary>
public static unsafe partial class GpioChip
{
    private const int PermissionDenied = 13;
    private const int NotThisKindOfDevice = 25;

    /// <summary>Describes the chip behind a device file; null with the reason in words when it cannot be asked.</summary>
    public static GpioChipDescription? TryDescribe(string path, out string reason)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var chip = default(GpioChipRecord);
            if (Control(file, GpioChipRecord.GetRequest, &chip) == 0)
            {
                reason = "";
                return new GpioChipDescription(TextOf(chip.Name), TextOf(chip.Label), (int)chip.LineCount);
            }

            int error = Marshal.GetLastPInvokeError();
            reason = error switch
            {
                NotThisKindOfDevice => $"{path} is not a GPIO chip",
                PermissionDenied => Denied(path),
                _ => $"{path}: {Marshal.GetPInvokeErrorMessage(error)} (error {error})",
            };
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

    private static string Denied(string path) =>
        $"no permission to open {path}: add the user to the group that owns it (often gpio), or install device-configs/99-edgeroute.rules";

    private static string TextOf(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..Math.Max(0, bytes.IndexOf((byte)0))]);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeHandle file, nuint request, void* argument);
}

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
