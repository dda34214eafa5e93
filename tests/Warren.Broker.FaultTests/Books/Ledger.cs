using Warren.FaultTests.Clients;

namespace Warren.FaultTests.Books;

/// <summary>What a broker has promised, from the answers it gave; and afterwards: what it has not kept.</summary>
/// <remarks>Not thread-safe: the workload does one thing after the other.</remarks>
internal sealed class Ledger
{
    private readonly Dictionary<string, Presence> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int?>> _retained = new(StringComparer.Ordinal); // what may be there; null: nothing
    private readonly HashSet<int> _ended = [];
    private readonly List<Copy> _acknowledged = [];
    private int _lastId;
    private int _lastTransaction;

    /// <summary>Every definition that was ever asked for.</summary>
    internal IReadOnlyDictionary<string, Presence> Definitions => _definitions;

    /// <summary>Every message in every queue.</summary>
    internal List<Copy> Copies { get; } = [];

    /// <summary>What may be retained under a topic; a null is nothing.</summary>
    internal IReadOnlyDictionary<string, List<int?>> Retained => _retained;

    /// <summary>What went wrong while the broker ran.</summary>
    internal List<string> Problems { get; } = [];

    /// <summary>Answers with no, or none: 0 in a run without a fault.</summary>
    internal int Refusals { get; private set; }

    /// <summary>The number of a new message.</summary>
    internal int NextId() => ++_lastId;

    /// <summary>The number of a new transaction.</summary>
    internal int NextTransaction() => ++_lastTransaction;

    /// <summary>Whether a transaction was answered, either way.</summary>
    internal bool IsEnded(int transaction) => _ended.Contains(transaction);

    /// <summary>What is known of a definition.</summary>
    internal Presence Of(string definition) => _definitions.GetValueOrDefault(definition, Presence.Gone);

    /// <summary>A definition was asked for or deleted, and this was the answer.</summary>
    internal void Define(string definition, bool isMade, Answer answer)
    {
        Count(answer);
        _definitions[definition] = answer != Answer.Yes ? Presence.Unknown : isMade ? Presence.There : Presence.Gone;
    }

    /// <summary>Whatever belongs to something that was deleted: unknown before the answer, gone after a yes.</summary>
    internal void ForgetBelow(Func<string, bool> belongs, Answer answer)
    {
        foreach (string definition in _definitions.Keys.Where(belongs).ToArray())
        {
            _definitions[definition] = answer == Answer.Yes ? Presence.Gone : Presence.Unknown;
        }
    }

    /// <summary>A message to one queue, or to the first of some that it may move on from.</summary>
    internal Copy Expect(int id, params string[] homes)
    {
        var copy = new Copy(id, homes);
        Copies.Add(copy);
        return copy;
    }

    /// <summary>The copy of a message that came from a queue; what nobody sent is a problem.</summary>
    internal Copy? Find(byte[] body, string queue)
    {
        if (Bodies.Read(body) is not { } id)
        {
            Problems.Add($"altered: {body.Length} bytes from {queue}");
            return null;
        }

        Copy? copy = Copies.Find(c => c.Id == id && c.Homes.Contains(queue));
        if (copy is null)
        {
            Problems.Add($"message {id} came from {queue}, where nobody has sent it");
        }
        else if (copy.IsOver)
        {
            Problems.Add($"message {id} came from {queue} after it was promised that it does not come again");
        }

        return copy;
    }

    /// <summary>The answer to a publish.</summary>
    internal void Published(Copy copy, Answer answer)
    {
        Count(answer);
        if (answer == Answer.Yes)
        {
            Promise(copy);
        }
    }

    /// <summary>Acknowledged, which is not answered: promised with the next confirm on the same connection.</summary>
    internal void Acknowledged(Copy copy)
    {
        copy.Release();
        _acknowledged.Add(copy);
    }

    /// <summary>Everything that was acknowledged before is stored.</summary>
    internal void Covered()
    {
        _acknowledged.ForEach(static copy => copy.End());
        _acknowledged.Clear();
    }

    /// <summary>The connection that has acknowledged is gone: nobody says any more whether that is stored.</summary>
    internal void LostTrack() => _acknowledged.Clear();

    /// <summary>All messages of a queue were taken away by one request.</summary>
    internal void Emptied(string queue, Answer answer)
    {
        Count(answer);
        foreach (Copy copy in Copies.Where(c => c.Homes.Contains(queue)))
        {
            if (answer == Answer.Yes)
            {
                copy.End();
            }
            else
            {
                copy.Release();
            }
        }
    }

    /// <summary>The answer to the end of a transaction.</summary>
    internal void Transacted(int transaction, bool commits, Answer answer)
    {
        Count(answer);
        if (answer != Answer.Yes)
        {
            foreach (Copy taken in Copies.Where(c => c.Transaction == transaction && c.IsTaken))
            {
                taken.Release();
            }

            return;
        }

        _ended.Add(transaction);
        foreach (Copy copy in Copies.Where(c => c.Transaction == transaction))
        {
            if (copy.IsTaken != commits)
            {
                // published and committed, or taken and rolled back: it is there, as before
                if (!copy.IsTaken)
                {
                    Promise(copy);
                }
            }
            else
            {
                copy.End();
            }
        }
    }

    /// <summary>A topic was given a new retained message, or none.</summary>
    internal void Retain(string topic, int? id, Answer answer)
    {
        Count(answer);
        if (!_retained.TryGetValue(topic, out List<int?>? possible))
        {
            _retained.Add(topic, possible = [null]);
        }

        if (answer == Answer.Yes)
        {
            possible.Clear();
        }

        possible.Add(id);
    }

    // A message to a queue that was never made is confirmed and nowhere, and so is a dead letter to one.
    private void Promise(Copy copy)
    {
        if (copy.Homes.All(home => Of($"queue / {home}") == Presence.There || Of($"session {home}") == Presence.There))
        {
            copy.Promise();
        }
    }

    private void Count(Answer answer) => Refusals += answer == Answer.Yes ? 0 : 1;
}
