using EdgeRoute.Protocol.Framing;

namespace EdgeRoute.ControlChannel;

/// <summary>Every maximum of the channel, each with its reason. CHANNEL.md section 8 promises those that a client meets.</summary>
internal static class ChannelLimits
{
    /// <summary>Of each listener: a team and its dashboards. At the TCP port a place is taken by a known key alone.</summary>
    public const int ConnectionCount = 32;

    /// <summary>Of the connections of the Unix socket, those that have not said hello.</summary>
    public const int UnprovenCount = 8;

    /// <summary>
    /// At the TCP port, those whose key is not known or not shown yet, beside the places of the known. The oldest gives way to the newest:
    /// who means it is done in a second, and who only sits there loses nothing.
    /// </summary>
    public const int StrangerCount = 32;

    /// <summary>Of those, from one address: an office behind one router pairs a few laptops at once.</summary>
    public const int StrangersOfAddress = 16;

    /// <summary>
    /// From accept to the answered hello: as long as a laptop itself tries, 10 s for the link's security and 10 s for the hello, because
    /// one that is busy may need it. Who only sits there gains nothing: strangers give way to newer ones.
    /// </summary>
    public const long HandshakeNs = 20_000_000_000;

    /// <summary>
    /// Of a stranger while the pairing window is open: the steps of pairing take 13 s at most on a link of 0.2 s. Strangers that only sit
    /// there take the few places of those who would pair; a laptop asks its person for the code before it takes one.
    /// </summary>
    public const long StrangerNs = 30_000_000_000;

    /// <summary>For the last words to a client; one that does not read has no claim on more.</summary>
    public const long FarewellNs = 1_000_000_000;

    /// <summary>Requests at once: a dashboard that starts asks for everything.</summary>
    public const int RequestBurst = 200;

    /// <summary>A dashboard asks 10 times a second.</summary>
    public const int RequestsPerSecond = 100;

    /// <summary>
    /// Requests refused in a row before the connection is closed: the program at the other end does not read what it is told.
    /// </summary>
    public const int FloodCount = 1000;

    /// <summary>Requests of one connection that wait for an answer: snapshots and trials wait, the others are answered at once.</summary>
    public const int PendingCount = 16;

    public const int SubscriptionCount = 8;

    /// <summary>
    /// Bytes that wait for one client up to which telemetry and traces are added: 20 s of full traces at 60 frames per second.
    /// </summary>
    public const int TelemetryBytes = 4 << 20;

    /// <summary>
    /// Bytes that wait for one client: the largest message (32 MiB) and what came before it. Beyond, the connection is closed.
    /// </summary>
    public const int QueueBytes = 40 << 20;

    /// <summary>Accepted connections are served or closed at once, so the kernel's queue stays short.</summary>
    public const int Backlog = 64;

    /// <summary>One read: most requests are below 200 bytes.</summary>
    public const int ReceiveBytes = 16 * 1024;

    /// <summary>A batch of traces: 18 full or 1024 brief ones, so that one stalled batch is a small part of what may wait.</summary>
    public const int BatchBytes = 64 * 1024;

    /// <summary>Names that peers give themselves: they are printed in every log line.</summary>
    public const int NameLength = 64;

    /// <summary>What a peer may say before it has a role: hello and the steps of pairing are below 200 bytes.</summary>
    public static MessagePackLimits StrangerMessages { get; } = new(4, 4096);
}
