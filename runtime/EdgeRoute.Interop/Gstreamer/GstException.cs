namespace EdgeRoute.Interop.Gstreamer;

/// <summary>A pipeline text that GStreamer does not accept, in its own words.</summary>
public sealed class GstException(string message) : Exception(message);
