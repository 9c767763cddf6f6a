using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Engine.Doctor;

/// <summary>Looks for the libraries that frames come through: JPEG, and GStreamer with its elements.</summary>
internal static class MediaProbe
{
    private static readonly (string Name, string UsedFor, string Package)[] KnownElements =
    [
        ("decodebin", "video files: finds the decoder", "gstreamer1.0-plugins-base"),
        ("qtdemux", "video files: MP4", "gstreamer1.0-plugins-good"),
        ("avdec_h264", "H.264 in software", "gstreamer1.0-libav"),
        ("v4l2src", "cameras of this machine", "gstreamer1.0-plugins-good"),
        ("rtspsrc", "cameras on the network", "gstreamer1.0-plugins-good"),
        ("videotestsrc", "test patterns", "gstreamer1.0-plugins-base"),
        ("nvarguscamerasrc", "CSI cameras of a Jetson", "nvidia-l4t-gstreamer (Jetson Linux)"),
        ("nvv4l2decoder", "video decoding in hardware on a Jetson", "nvidia-l4t-gstreamer (Jetson Linux)"),
        ("nvvidconv", "copying Jetson camera frames to ordinary memory", "nvidia-l4t-gstreamer (Jetson Linux)"),
    ];

    public static LibraryFinding Jpeg(DoctorNeeds needs) =>
        new("libjpeg-turbo", JpegLibrary.TryLoad(out string reason), "JPEG pictures, cameras and annotated frames", reason, needs.Jpeg);

    public static GstreamerFindings Gstreamer(DoctorNeeds needs)
    {
        bool isFound = GstLibrary.TryLoad(out string reason);
        var known = KnownElements.Select(e => new ElementFinding(e.Name, GstLibrary.HasElement(e.Name), e.UsedFor, e.Package,
            needs.Elements.Contains(e.Name)));
        var others = needs.Elements.Where(n => !KnownElements.Any(e => e.Name == n))
            .Select(n => new ElementFinding(n, GstLibrary.HasElement(n), "named by a source",
                "a plugin package; see `gst-inspect-1.0`", true));
        return new GstreamerFindings(isFound, isFound ? GstLibrary.Version : null, isFound ? [.. known, .. others] : [], reason,
            needs.Gstreamer);
    }
}
