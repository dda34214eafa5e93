namespace Warren.Buffers.Commits;

/// <summary>What a reply has to wait for: nothing, a position of one log, or positions of several.</summary>
/// <remarks>
/// Immutable and free: a ticket of one log is a reference and a number. Only a ticket of several logs is an object
/// behind. The default value waits for nothing.
/// </remarks>
public readonly struct CommitTicket : IEquatable<CommitTicket>
{
    private readonly CommitSource? _source;
    private readonly ulong _position;

    /// <summary>A ticket for everything up to a position.</summary>
    public CommitTicket(CommitSource source, ulong position)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        _position = position;
    }

    /// <summary>Nothing to wait for.</summary>
    public static CommitTicket None => default;

    /// <summary>Whether there is nothing to wait for.</summary>
    public bool IsNone => _source is null;

    /// <summary>How it stands now.</summary>
    public CommitState State => _source is null ? CommitState.Committed : _source.StateOf(_position);

    /// <summary>A ticket that is committed when both are, and failed when one of them is.</summary>
    public CommitTicket And(CommitTicket other)
    {
        if (other._source is null || (ReferenceEquals(_source, other._source) && other._position <= _position))
        {
            return this;
        }

        return _source is null || ReferenceEquals(_source, other._source)
            ? other
            : new CommitTicket(new Several([.. PartsOf(this), .. PartsOf(other)]), 0);
    }

    /// <inheritdoc/>
    public bool Equals(CommitTicket other) => ReferenceEquals(_source, other._source) && _position == other._position;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CommitTicket other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_source, _position);

    /// <summary>Whether both wait for the same.</summary>
    public static bool operator ==(CommitTicket left, CommitTicket right) => left.Equals(right);

    /// <summary>Whether they wait for different things.</summary>
    public static bool operator !=(CommitTicket left, CommitTicket right) => !left.Equals(right);

    private static CommitTicket[] PartsOf(CommitTicket ticket) =>
        ticket._source is Several several ? several.Parts : [ticket];

    // One part for each log is enough: the later one of two of the same log stands for both.
    private sealed class Several : CommitSource
    {
        public Several(IEnumerable<CommitTicket> parts) =>
            Parts = [.. parts.GroupBy(static part => part._source).Select(static same => same.MaxBy(static part => part._position))];

        public CommitTicket[] Parts { get; }

        public override CommitState StateOf(ulong position)
        {
            CommitState state = CommitState.Committed;
            foreach (CommitTicket part in Parts)
            {
                CommitState one = part.State;
                if (one == CommitState.Failed)
                {
                    return one;
                }

                state = one == CommitState.Pending ? one : state;
            }

            return state;
        }
    }
}
