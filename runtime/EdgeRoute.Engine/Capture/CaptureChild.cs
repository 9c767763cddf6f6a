using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// The other side of <see cref="IsolatedSource"/>: opens one source and fills the slots that its parent shares, until the source or the
/// parent has ended.
/// </summary>
public sealed class CaptureChild : IDisposable
{
    /// <summary>The verb of the host that runs it; nobody else calls it.</summary>
    public const string Verb = "capture-child";

    /// <summary>Once the parent has ended, a source that is inside its library is waited for no longer than this.</summary>
    private const int EndLimitMs = 300;

    private readonly MessageSocket _parent;
    private readonly SharedMemory _shared;
    private readonly FrameSlot[] _slots;
    private readonly SemaphoreSlim _free = new(ChildMessages.SlotCount);
    private readonly ManualResetEventSlim _isOver = new();
    private readonly byte[] _message = new byte[ChildMessages.BytesMax];
    private readonly TimeProvider _clock = TimeProvider.System;

    private CaptureChild(MessageSocket parent, SafeFileHandle memory)
    {
        _parent = parent;
        _shared = SharedMemory.Open(memory, ChildMessages.MemoryBytes);
        _slots = [.. Enumerable.Range(0, ChildMessages.SlotCount).Select(i => new FrameSlot(ChildMessages.SlotOf(_shared, i)))];
    }

    /// <summary>How the host starts itself for it.</summary>
    public static IReadOnlyList<string> HostCommand { get; } = ["/proc/self/exe", Verb];

    /// <summary>Serves the parent that left its descriptors here. False: there is none.</summary>
    /// <param name="schemes">Makers of sources that other parts bring.</param>
    public static bool Serve(IReadOnlyDictionary<string, SourceMaker> schemes)
    {
        using var parent = MessageSocket.Inherit(ChildProcess.FirstInherited);
        byte[] request = new byte[SourceRequest.BytesMax];
        int length = parent?.Receive(request, -1) ?? MessageSocket.Gone;
        if (length <= 0)
        {
            return false;
        }

        using var memory = new SafeFileHandle(ChildProcess.FirstInherited + 1, ownsHandle: true);
        using var child = new CaptureChild(parent!, memory);
        child.Serve(SourceRequest.Of(request[..length]), schemes);
        return true;
    }

    public void Dispose()
    {
        Array.ForEach(_slots, s => s.Dispose());
        _shared.Dispose();
        _free.Dispose();
        _isOver.Dispose();
    }

    private void Serve(SourceRequest request, IReadOnlyDictionary<string, SourceMaker> schemes)
    {
        PartThread.Make("parent", Listen, _ => { }).Start();
        var factory = SourceFactory.With(schemes, _clock, text => Say(ChildWord.Report, SourceFaultKind.None, text));
        if (!factory.TryMake(request.Address, request.Options, out var source, out string problem))
        {
            Say(ChildWord.Fault, SourceFaultKind.OpenFailed, problem);
        }
        else
        {
            PartThread.Try(() => Deliver(source), broken => Say(ChildWord.Fault, SourceFaultKind.StreamError, PartThread.Words(broken)));
        }

        _isOver.Wait();
        source?.Dispose();
    }

    /// <summary>Frames until there are no more, and then why.</summary>
    private void Deliver(IFrameSource source)
    {
        bool isOpen = source.Open(), hasSlot = false;
        var outcome = isOpen ? ReadOutcome.Nothing : ReadOutcome.Fault;
        var seen = SourceFault.None;
        for (long count = 0; outcome is ReadOutcome.Nothing or ReadOutcome.Frame && !_isOver.IsSet;)
        {
            hasSlot = hasSlot || _free.Wait(CaptureLimits.ReadWaitMs);
            if (!hasSlot)
            {
                continue;
            }

            var slot = _slots[ChildMessages.SlotIndexOf(count)];
            outcome = source.Read(slot, CaptureLimits.ReadWaitMs, out long sourceNs);
            if (source.TakeNote() is { } note)
            {
                Say(ChildWord.Note, SourceFaultKind.None, note);
            }

            if (outcome == ReadOutcome.Frame)
            {
                var stamp = new FrameStamp(0, count++, _clock.NowNs(), sourceNs);
                _parent.TrySend(ChildMessages.Frame(_message, stamp, slot.Layout, slot.Name), waits: true);
                hasSlot = false;
            }
            else if (outcome == ReadOutcome.Nothing && !ReferenceEquals(seen, source.Fault))
            {
                seen = source.Fault;
                Say(ChildWord.Unreadable, seen.Kind, seen.Detail);
            }
        }

        if (outcome is ReadOutcome.End or ReadOutcome.Fault)
        {
            Say(outcome == ReadOutcome.End ? ChildWord.End : ChildWord.Fault, source.Fault.Kind, source.Fault.Detail);
        }
    }

    /// <summary>Slots that are free again, until the parent has ended or wants no more.</summary>
    private void Listen()
    {
        Span<byte> message = stackalloc byte[1];
        while (_parent.Receive(message, -1) != MessageSocket.Gone)
        {
            _free.Release();
        }

        _isOver.Set();
        ProcessEnd.After(EndLimitMs, 0, () => { });
    }

    private void Say(ChildWord word, SourceFaultKind kind, string text) =>
        _parent.TrySend(ChildMessages.Text(word, kind, text), waits: true);
}
