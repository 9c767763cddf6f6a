using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Benchmarks.Channel;

/// <summary>
/// Traces of a loop that ends 100,000 frames a second, to one reader over a real Unix socket: how many arrive, and what is lost.
/// </summary>
internal static class ChannelBenchmark
{
    private const int RecordsPerSecond = 100_000, Seconds = 5, StepMs = 5, RingCapacity = 8192;

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("channel").FullName;
        string path = Path.Combine(folder, "control.sock");
        var clock = TimeProvider.System;
        var watch = new FrameWatch([new WatchedStream("bench", ["frame", "light"])], clock.NowNs(), RingCapacity);
        var table = new MethodTable();
        using var journal = new JournalFile(null);
        using var server = new ChannelServer(new ChannelSettings("bench", "0", path, null), new ChannelBinding(table, watch, null),
            new EventLog(), clock);
        new ChannelMethods(server, journal, null).AddTo(table);
        server.Start();
        using var pump = new ChannelPump(server, clock);
        using var reader = new Reader(path);
        var reading = Task.Run(reader.Read);
        var watchClock = Stopwatch.StartNew();
        long sent = Push(watch, watchClock);
        double seconds = watchClock.Elapsed.TotalSeconds;
        reading.Wait(TimeSpan.FromSeconds(Seconds));
        string figures = string.Create(CultureInfo.InvariantCulture,
            $"{sent / seconds:0} records/s pushed, {reader.RecordCount / seconds:0}/s read ({100.0 * reader.RecordCount / sent:0.0} %), ")
            + $"lost {reader.LostCount}, ring lost {watch.LostCount}";
        Console.Out.WriteLine(figures);
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static long Push(FrameWatch watch, Stopwatch since)
    {
        var record = new TraceRecord { End = FrameEnd.Exited, NodeIndex = 1 };
        long sent = 0;
        while (since.Elapsed.TotalSeconds < Seconds)
        {
            long due = (long)(since.Elapsed.TotalSeconds * RecordsPerSecond);
            for (; sent < due; sent++)
            {
                record.Stamp = new FrameStamp(0, sent, sent, sent);
                watch.Publish(in record);
            }

            Thread.Sleep(StepMs);
        }

        return sent;
    }

    /// <summary>A plain client: hello, subscribe, count.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public Reader(string path)
        {
            _socket.Connect(new UnixDomainSocketEndPoint(path));
            var buffer = new ArrayBufferWriter<byte>();
            RpcMessage.WriteRequest(buffer, 1, ControlMethod.Hello, new HelloRequest { Client = "bench" });
            RpcMessage.WriteRequest(buffer, 2, ControlMethod.Subscribe, new SubscribeRequest { Kind = "trace" });
            _socket.Send(buffer.WrittenSpan);
        }

        public long RecordCount { get; private set; }

        public long LostCount { get; private set; }

        /// <summary>Until nothing comes for a second.</summary>
        public void Read()
        {
            var scanner = new MessageScanner(MessagePackLimits.Replies);
            byte[] chunk = new byte[1 << 16];
            using var message = new MemoryStream();
            _socket.ReceiveTimeout = 1000;
            try
            {
                for (int count = _socket.Receive(chunk); count > 0; count = _socket.Receive(chunk))
                {
                    for (int at = 0; at < count;)
                    {
                        bool isWhole = scanner.TryFinish(chunk.AsSpan(at, count - at), out int taken);
                        message.Write(chunk, at, taken);
                        at += taken;
                        if (isWhole)
                        {
                            Take(message.GetBuffer().AsMemory(0, (int)message.Length));
                            message.SetLength(0);
                        }
                    }
                }
            }
            catch (SocketException)
            {
                // Nothing more comes.
            }
        }

        public void Dispose() => _socket.Dispose();

        private void Take(ReadOnlyMemory<byte> bytes)
        {
            var message = RpcMessage.Read(bytes);
            if (message is { Kind: RpcKind.Notification, Method: ControlNotification.Trace })
            {
                var batch = FieldReader.Read<TraceMessage>(bytes[message.BodyStart..]);
                RecordCount += batch.Records.Length / batch.RecordBytes;
                LostCount = batch.LostCount;
            }
        }
    }
}
