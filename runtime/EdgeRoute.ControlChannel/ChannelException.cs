namespace EdgeRoute.ControlChannel;

/// <summary>The channel cannot listen as configured. Consequence: the device is not started; the message says what to do.</summary>
public sealed class ChannelException(string message, Exception? inner = null) : Exception(message, inner);
