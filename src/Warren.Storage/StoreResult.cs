using System.Diagnostics.CodeAnalysis;
using Warren.Buffers.Commits;

namespace Warren.Storage;

/// <summary>What came of storing something: it is on its way, there was nothing to store, or the log takes nothing.</summary>
/// <remarks>
/// Three cases that cannot be mistaken for each other: there is no number that means two of them, the ticket of what
/// was refused cannot be had, and the default value is a refusal.
/// </remarks>
public readonly struct StoreResult
{
    private const ulong NothingMark = 1;

    private readonly CommitSource? _source;
    private readonly ulong _lsn; // without a source: NothingMark, or 0 for a refusal

    private StoreResult(CommitSource? source, ulong lsn)
    {
        _source = source;
        _lsn = lsn;
    }

    /// <summary>The log takes nothing: failed, closed, full, or too far behind. Nothing was changed.</summary>
    public static StoreResult Refused => default;

    /// <summary>Nothing had to be stored.</summary>
    public static StoreResult NothingToStore => new(null, NothingMark);

    /// <summary>Whether the log has taken nothing.</summary>
    public bool IsRefused => _source is null && _lsn != NothingMark;

    /// <summary>The record's number; 0 when there was nothing to store.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public ulong Lsn
    {
        get
        {
            ThrowIfRefused();
            return _source is null ? 0 : _lsn;
        }
    }

    /// <summary>What to wait for.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public CommitTicket Ticket
    {
        get
        {
            ThrowIfRefused();
            return _source is null ? CommitTicket.None : new CommitTicket(_source, _lsn);
        }
    }

    /// <summary>A record was appended.</summary>
    /// <param name="source">The log.</param>
    /// <param name="lsn">The record's number.</param>
    internal static StoreResult Stored(CommitSource source, ulong lsn) => new(source, lsn);

    private void ThrowIfRefused()
    {
        if (IsRefused)
        {
            Throw();
        }
    }

    [DoesNotReturn]
    private static void Throw() => throw new InvalidOperationException("what the log refused has no number");
}
