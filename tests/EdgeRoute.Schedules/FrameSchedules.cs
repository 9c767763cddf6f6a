using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;

namespace EdgeRoute.Schedules;

/// <summary>What goes between a capture thread, the frame loop and whoever ends or replaces them.</summary>
public static class FrameSchedules
{
    private const int FrameCount = 4;
    private const int WaitMs = 100;

    [Test]
    public static void Every_frame_is_taken_in_order_and_none_twice() => Exchange(DeliveryMode.EveryFrame, (exchange, signal) =>
    {
        var writer = Begin(() => Write(exchange, writer: 0));
        var taken = Read(exchange, signal);
        writer.Join();
        Specification.Assert(taken.SequenceEqual(Enumerable.Range(0, FrameCount).Select(i => (long)i)), string.Join(' ', taken));
    });

    [Test]
    public static void The_newest_frame_is_taken_and_what_it_replaced_counted() => Exchange(DeliveryMode.NewestWins, (exchange, signal) =>
    {
        var writer = Begin(() => Write(exchange, writer: 0));
        var taken = Read(exchange, signal);
        writer.Join();
        Specification.Assert(taken.Count > 0 && taken[^1] == FrameCount - 1 && IsRising(taken), string.Join(' ', taken));
    });

    [Test]
    public static void An_end_in_between_wakes_whoever_waits() => Exchange(DeliveryMode.EveryFrame, (exchange, signal) =>
    {
        var writer = Begin(() => Write(exchange, writer: 0));
        var ender = Begin(exchange.Close);
        var taken = Read(exchange, signal);
        writer.Join();
        ender.Join();
        Specification.Assert(IsRising(taken), string.Join(' ', taken));
    });

    /// <summary>The first writer hangs, is replaced, and wakes up while the second one writes.</summary>
    [Test]
    public static void A_writer_that_was_replaced_changes_nothing() => Exchange(DeliveryMode.NewestWins, (exchange, signal) =>
    {
        var late = Begin(() => Write(exchange, writer: 0, isLate: true));
        int writer = exchange.ReplaceWriter();
        var next = Begin(() => Write(exchange, writer));
        var taken = Read(exchange, signal);

        // Limits of waiting do not run out here: whoever waits for nothing is woken by the end.
        exchange.Close();
        late.Join();
        next.Join();
        Specification.Assert(taken.Count > 0 && taken[^1] == FrameCount - 1, string.Join(' ', taken));
    });

    /// <summary>Work for the frame boundary is done once, or called off, and whoever asked hears which.</summary>
    [Test]
    public static void A_change_is_made_once_or_called_off_and_its_task_says_which()
    {
        using var signal = new FrameSignal();
        var boundary = new FrameBoundary(signal);
        int[] doneCounts = new int[3];
        var tasks = new Task?[doneCounts.Length];
        var askers = Enumerable.Range(0, doneCounts.Length)
            .Select(i => Begin(() => tasks[i] = boundary.Run(() => doneCounts[i]++))).ToList();
        var watch = Begin(() => boundary.Expire(boundary.Heartbeat.NowMs + 10_000, 3000, "the loop hangs"));
        boundary.Apply();
        boundary.Apply();
        boundary.Close();
        askers.ForEach(a => a.Join());
        watch.Join();
        for (int i = 0; i < tasks.Length; i++)
        {
            var task = tasks[i]!;
            Specification.Assert(task.IsCompleted, $"change {i} was forgotten");
            _ = task.Exception;
            Specification.Assert(doneCounts[i] == (task.IsCompletedSuccessfully ? 1 : 0),
                $"change {i}: {task.Status}, done {doneCounts[i]} times");
        }
    }

    /// <summary>The watch ends a run that hangs; the run that follows it must not be ended with it.</summary>
    [Test]
    public static void What_ends_one_run_of_a_stage_does_not_end_the_next()
    {
        var heartbeat = new LoopHeartbeat();
        var stages = new CountedStages();
        var watch = Begin(() =>
        {
            if (heartbeat.Running is { } running)
            {
                heartbeat.TryTerminate(running);
                heartbeat.TryTerminate(running);
            }
        });
        for (int i = 0; i < 3; i++)
        {
            Specification.Assert(!stages.IsTerminating, $"run {i} begins as one that is to end");
            heartbeat.Enter(stages, "heavy");
            heartbeat.Leave();
        }

        watch.Join();
        Specification.Assert(!stages.IsTerminating && stages.TerminationCount <= 1, $"ended {stages.TerminationCount} times");
    }

    /// <summary>A loop is given up once at most, and a stage that came back leaves nothing behind for the next run.</summary>
    [Test]
    public static void The_watch_gives_a_loop_up_at_most_once()
    {
        using var signal = new FrameSignal();
        var boundary = new FrameBoundary(signal);
        var stages = new CountedStages();
        int lostCount = 0;
        using var watch = new EngineWatch(boundary, [], stageLimitMs: 100, _ => { }, _ => lostCount++, service: null);
        var looking = Begin(() =>
        {
            long nowMs = boundary.Heartbeat.NowMs;
            watch.Tick(nowMs + 1000);
            watch.Tick(nowMs + 1000 + (2 * EngineWatch.TerminationMs));
            watch.Tick(nowMs + 1000 + (4 * EngineWatch.TerminationMs));
        });
        for (int i = 0; i < 2; i++)
        {
            boundary.Heartbeat.Enter(stages, "heavy");
            boundary.Heartbeat.Leave();
            Specification.Assert(!stages.IsTerminating, "a run that came back leaves the next one to end");
        }

        looking.Join();
        Specification.Assert(lostCount <= 1, $"given up {lostCount} times");
    }

    /// <summary>Changes that are written down at the same time have each a number of their own.</summary>
    [Test]
    public static void Entries_of_the_journal_are_numbered_one_by_one()
    {
        using var journal = new JournalFile(null);
        var writers = Enumerable.Range(0, 3).Select(i => Begin(() =>
        {
            var entry = new JournalEntry { Who = $"{i}", Outcome = "applied" };
            journal.Intend(entry);
            journal.Conclude(entry, "done");
            journal.Note(new JournalEntry { Who = $"{i}", Outcome = "noted" });
        })).ToList();
        var seen = journal.Recent();
        writers.ForEach(w => w.Join());
        var numbers = journal.Recent().Select(e => e.Number).Order().ToList();
        Specification.Assert(numbers.SequenceEqual(Enumerable.Range(1, 6).Select(i => (long)i)), string.Join(' ', numbers));
        Specification.Assert(seen.Count <= 6 && journal.Recent().All(e => e.Outcome is "done" or "noted"), "an outcome was lost");
    }

    internal static Thread Begin(Action work)
    {
        var thread = new Thread(work);
        thread.Start();
        return thread;
    }

    private static void Exchange(DeliveryMode delivery, Action<SlotExchange, FrameSignal> play)
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(delivery, signal);
        play(exchange, signal);
        var counts = exchange.Counts;
        Specification.Assert(counts.Captured == counts.Taken + counts.Dropped + counts.Waiting, counts.ToString());
    }

    /// <param name="isLate">It may be replaced, and then gets no slot any more.</param>
    private static void Write(SlotExchange exchange, int writer, bool isLate = false)
    {
        for (int i = 0; i < FrameCount;)
        {
            if (exchange.TryBegin(WaitMs, out var slot, writer))
            {
                slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 2, 2)).Fill((byte)i);
                if (!exchange.Publish(new FrameStamp(0, i, i, i), writer))
                {
                    return;
                }

                i++;
            }
            else if (exchange.IsClosed || isLate)
            {
                break;
            }
        }

        exchange.FinishWriting(writer);
    }

    /// <summary>As the loop reads: it looks, and waits for the signal where there is nothing.</summary>
    private static List<long> Read(SlotExchange exchange, FrameSignal signal)
    {
        var taken = new List<long>();
        while (!exchange.IsDrained)
        {
            if (!exchange.TryTake(out var slot))
            {
                signal.Wait(Timeout.Infinite);
                continue;
            }

            byte expected = (byte)slot.Stamp.Sequence;
            Specification.Assert(!slot.Bytes.ContainsAnyExcept(expected), $"frame {expected} was overwritten while it was read");
            taken.Add(slot.Stamp.Sequence);
            exchange.Release(slot);
        }

        return taken;
    }

    private static bool IsRising(List<long> taken) => taken.Zip(taken.Skip(1)).All(p => p.First < p.Second);
}
