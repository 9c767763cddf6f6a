using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>Pictures that a camera gives.</summary>
/// <param name="Code">The kernel's four letters for the format, such as YUYV or MJPG.</param>
/// <param name="Rates">Frames per second, highest first; empty where the driver does not say.</param>
public sealed record CameraMode(string Code, int Width, int Height, IReadOnlyList<double> Rates);

/// <summary>What the kernel says of a device that gives pictures.</summary>
/// <param name="Card">Its name for people.</param>
/// <param name="Bus">Where it is plugged in.</param>
/// <param name="IsCamera">False for outputs, codecs and the nodes that cameras have for other things.</param>
public sealed record CameraDescription(string Card, string Driver, string Bus, bool IsCamera, IReadOnlyList<CameraMode> Modes);

/// <summary>Asks V4L2 what a camera can do; takes no picture and no right that another program has.</summary>
public static unsafe class CameraDevice
{
    /// <summary>Drivers that never end a list are not followed further: no camera has as many formats, sizes or rates.</summary>
    private const uint ListLimit = 128;

    /// <summary>What stands for the sizes of a camera that takes any: those that people use.</summary>
    private static readonly (uint Width, uint Height)[] UsualSizes = [(640, 480), (1280, 720), (1920, 1080)];

    /// <summary>Null with the reason in words where it cannot be asked.</summary>
    public static CameraDescription? TryDescribe(string path, out string reason)
    {
        using var file = TryOpen(path, out reason);
        if (file is null)
        {
            return null;
        }

        CameraCapability record;
        if (Ask(file, CameraCapability.Request, &record) is { } fault)
        {
            reason = $"{path} is no V4L2 device: {fault}";
            return null;
        }

        uint own = (record.OfAll & CameraCapability.HasOwn) != 0 ? record.OfThis : record.OfAll;
        bool hasPlanes = (own & CameraCapability.CaptureInPlanes) != 0;
        bool isCapture = hasPlanes || (own & CameraCapability.Capture) != 0;
        var modes = isCapture ? ModesOf(file, hasPlanes ? CameraFormat.CaptureInPlanes : CameraFormat.Capture) : [];
        return new CameraDescription(TextOf(record.Card), TextOf(record.Driver), TextOf(record.Bus), modes.Count > 0, modes);
    }

    private static SafeFileHandle? TryOpen(string path, out string reason)
    {
        try
        {
            reason = "";
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException)
        {
            reason = $"no permission to open {path}: add the user to the group that owns it (often video)";
        }
        catch (IOException fault)
        {
            reason = $"{path}: {fault.Message}";
        }

        return null;
    }

    private static List<CameraMode> ModesOf(SafeFileHandle file, uint type)
    {
        var modes = new List<CameraMode>();
        var format = new CameraFormat { Type = type };
        for (; format.Index < ListLimit && Ask(file, CameraFormat.Request, &format) is null; format.Index++)
        {
            AddSizes(file, format.Code, modes);
        }

        return modes;
    }

    private static void AddSizes(SafeFileHandle file, uint code, List<CameraMode> modes)
    {
        var size = new CameraSize { Code = code };
        for (; size.Index < ListLimit && Ask(file, CameraSize.Request, &size) is null; size.Index++)
        {
            if (size.Type == CameraSize.Discrete)
            {
                modes.Add(ModeOf(file, code, size.First, size.Second));
                continue;
            }

            var (widthLeast, widthMost, heightLeast, heightMost) = (size.First, size.Second, size.HeightLeast, size.HeightMost);
            modes.AddRange(UsualSizes.Where(s => s.Width >= widthLeast && s.Width <= widthMost && s.Height >= heightLeast
                && s.Height <= heightMost).Select(s => ModeOf(file, code, s.Width, s.Height)));
            return;
        }
    }

    private static CameraMode ModeOf(SafeFileHandle file, uint code, uint width, uint height)
    {
        var rates = new List<double>();
        var interval = new CameraInterval { Code = code, Width = width, Height = height };
        for (; interval.Index < ListLimit && Ask(file, CameraInterval.Request, &interval) is null; interval.Index++)
        {
            if (interval.Numerator > 0)
            {
                rates.Add(Math.Round((double)interval.Denominator / interval.Numerator, 3));
            }

            if (interval.Type != CameraInterval.Discrete)
            {
                break;
            }
        }

        rates.Sort((one, other) => other.CompareTo(one));
        return new CameraMode(CodeText(code), (int)width, (int)height, rates);
    }

    private static string CodeText(uint code) =>
        Encoding.ASCII.GetString([(byte)code, (byte)(code >> 8), (byte)(code >> 16), (byte)((code >> 24) & 0x7F)]).TrimEnd();

    private static string? Ask(SafeFileHandle file, uint request, void* record) => GpioNative.Control(file, request, record) >= 0 ? null
        : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    /// <summary>The device itself says these, and whatever was plugged in may say anything.</summary>
    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return string.Concat(Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Select(c => char.IsControl(c) ? ' ' : c));
    }
}
