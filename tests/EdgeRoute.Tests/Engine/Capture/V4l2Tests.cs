using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>The kernel's own V4L2 with its virtual camera, in a User-Mode-Linux machine that boots in seconds without rights.</summary>
public sealed class V4l2Tests
{
    [SkippableFact]
    public void A_kernel_camera_is_read_lost_and_found_again()
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("v4l2src", "gstreamer1.0-plugins-good"));
        Skip.IfNot(File.Exists("/usr/bin/v4l2-ctl"), "needs v4l2-ctl: apt-get install v4l-utils");
        string output = VirtualMachine.Run("camera-modules", $"cd /run && exec {VirtualMachine.Bench} v4l2-unplug\n");
        Assert.Contains("FRAMES Yuy2 320x180", output, StringComparison.Ordinal);
        Assert.Contains("FAULT StreamError", output, StringComparison.Ordinal);
        Assert.Contains("AGAIN True 0", output, StringComparison.Ordinal);
        Assert.Contains("JOB_RC=0", output, StringComparison.Ordinal);
    }
}
