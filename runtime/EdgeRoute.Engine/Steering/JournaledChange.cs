using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Changes that are written down before they are made. What cannot be written down is refused while nothing has changed yet.
/// </summary>
internal static class JournaledChange
{
    /// <exception cref="RpcRefusedException">The journal cannot be written; nothing may be changed.</exception>
    public static void IntendOrRefuse(this JournalFile journal, JournalEntry entry)
    {
        try
        {
            journal.Intend(entry);
        }
        catch (IOException full)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable,
                $"nothing was changed: the journal cannot be written ({full.Message})",
                "make room on the disk of control.state; locking, stopping and taking a trial back work all the same");
        }
    }

    /// <summary>Writes down, makes the change, and writes down what came of it.</summary>
    /// <param name="entry">With the outcome that the change is to have.</param>
    /// <param name="outcomeOf">The outcome in other words, where they are known only afterwards.</param>
    /// <exception cref="RpcRefusedException">The journal cannot be written; nothing was changed.</exception>
    public static async Task<T> Make<T>(this JournalFile journal, JournalEntry entry, Func<Task<T>> change,
        Func<T, string>? outcomeOf = null)
    {
        string outcome = entry.Outcome;
        journal.IntendOrRefuse(entry);
        try
        {
            var made = await change().ConfigureAwait(false);
            journal.Conclude(entry, outcomeOf?.Invoke(made) ?? outcome);
            return made;
        }
        catch (Exception failed)
        {
            journal.Conclude(entry, "failed: " + failed.Message);
            throw;
        }
    }
}
