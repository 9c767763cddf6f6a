namespace EdgeRoute.ControlChannel.Trust;

/// <summary>The pairing window at one moment, for the device's owner. The code is a secret: it never leaves the device but by its owner's eyes.</summary>
/// <param name="Code">Empty while the window is closed.</param>
/// <param name="Role">That the next client gets; empty while the window is closed.</param>
/// <param name="AttemptsLeft">Including one that is under way.</param>
/// <param name="EndNs">When the window closes by itself; <see cref="long.MaxValue"/> for a provisioned code, which waits until it is used.</param>
/// <param name="IsBusy">A client is pairing now.</param>
/// <param name="PairedName">The client that paired last in this or the last window; null while none did.</param>
/// <param name="ClosedBecause">Why the window is closed; empty while it is open.</param>
public sealed record PairingView(bool IsOpen, string Code, string Role, int AttemptsLeft, long EndNs, bool IsBusy, string? PairedName, string ClosedBecause);
