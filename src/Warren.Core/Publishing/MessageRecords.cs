namespace Warren.Core.Publishing;

/// <summary>The record that holds one message for the queues it went to; several where it went to very many.</summary>
/// <remarks>Immutable. The default value: nothing holds it.</remarks>
internal readonly struct MessageRecords
{
    /// <summary>Queues that one record can name.</summary>
    public const int QueuesPerRecord = ushort.MaxValue;

    private readonly ulong _first;
    private readonly ulong[]? _all;

    /// <summary>One record for all queues.</summary>
    public MessageRecords(ulong lsn) => _first = lsn;

    /// <summary>A record for each <see cref="QueuesPerRecord"/> queues that store, in their order.</summary>
    public MessageRecords(ulong[] lsns)
    {
        _first = lsns[0];
        _all = lsns;
    }

    /// <summary>Whether nothing is stored.</summary>
    public bool IsNone => _first == 0;

    /// <summary>The record of the n-th queue that stores, counted from 0; 0 when nothing is stored.</summary>
    public ulong Of(int logged) => _all is null ? _first : _all[logged / QueuesPerRecord];

    /// <summary>How many records that many queues take.</summary>
    public static int CountFor(int logged) => (logged + QueuesPerRecord - 1) / QueuesPerRecord;
}
