using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.TestBench.Capture;

/// <summary>
/// <c>dotnet EdgeRoute.TestBench.dll hostile-child KIND</c>: a capture process that says what no source would, as one does whose
/// library has written over its memory.
/// </summary>
internal static class HostileChild
{
    public static int Run(string kind)
    {
        using var parent = MessageSocket.Inherit(ChildProcess.FirstInherited)!;
        byte[] room = new byte[SourceRequest.BytesMax];
        _ = parent.Receive(room, -1);
        if (kind == "exit")
        {
            return 7;
        }

        if (kind == "abort")
        {
            Environment.FailFast("as it was told to");
        }

        for (long count = kind == "sequence" ? 7 : 0; parent.TrySend(Message(kind, count), waits: true) && kind == "flood";)
        {
            count++;
        }

        while (parent.Receive(room, -1) != MessageSocket.Gone)
        {
            room[0] = 0;
        }

        return 0;
    }

    private static byte[] Message(string kind, long sequence)
    {
        byte[] message = [.. ChildMessages.Frame(new byte[ChildMessages.BytesMax], new FrameStamp(0, sequence, 0, 0), LayoutOf(kind))];
        switch (kind)
        {
            case "word":
                message[0] = 200;
                return message;
            case "short":
                return message[..20];
            case "long":
                return new byte[60_000];
            default:
                return message;
        }
    }

    private static FrameLayout LayoutOf(string kind)
    {
        var sound = FrameLayout.Packed(PixelFormat.Gray8, 64, 48);
        return kind switch
        {
            "stride" => sound with { Plane0 = new PlaneLayout(0, int.MaxValue) },
            "offset" => sound with { Plane0 = new PlaneLayout(-5000, 64) },
            "outside" => sound with { Plane0 = new PlaneLayout(ChildMessages.SlotBytes, 64) },
            "format" => sound with { Format = (PixelFormat)99 },
            "side" => sound with { Width = 1 << 20 },
            "jpeg" => FrameLayout.Compressed(0, 0, int.MaxValue),
            _ => sound,
        };
    }
}
