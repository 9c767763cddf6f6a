namespace EdgeRoute.Engine.Preprocess;

/// <summary>The pixels of one frame cannot be used (a corrupt JPEG, say). Consequence: this frame fails; the next one is tried as usual.</summary>
public sealed class FrameUnusableException(string message, Exception? inner = null) : Exception(message, inner);
