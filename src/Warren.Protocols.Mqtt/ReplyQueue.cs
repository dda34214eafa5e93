namespace Warren.Protocols.Mqtt;

/// <summary>An acknowledgement to be sent.</summary>
/// <param name="Header">First octet of the packet.</param>
/// <param name="Reason">Reason code; only MQTT 5.0 sends it.</param>
/// <param name="PacketId">Packet identifier.</param>
/// <param name="Lsn">What must be on the disk before; 0: nothing.</param>
internal readonly record struct Reply(byte Header, byte Reason, ushort PacketId, ulong Lsn)
{
    /// <summary>An LSN that is known only when the read batch ends.</summary>
    public const ulong AtBatchEnd = ulong.MaxValue;
}

/// <summary>The acknowledgements of one connection in the order of what they answer ([MQTT-4.6.0-2] to [MQTT-4.6.0-4]).</summary>
/// <remarks>
/// <see cref="Add"/> and <see cref="EndBatch"/> are the read loop's; <see cref="TryTake"/> is under the lock of the
/// output, as <see cref="EndBatch"/> is. A reply waits for the one before it.
/// </remarks>
internal sealed class ReplyQueue
{
    private readonly List<Reply> _batch = [];
    private Reply[] _waiting = [];
    private int _head;
    private int _count;

    /// <summary>Whether this batch has anything to answer.</summary>
    public bool HasBatch => _batch.Count > 0;

    /// <summary>Whether this batch has a reply whose LSN is not known yet.</summary>
    public bool NeedsMark { get; private set; }

    /// <summary>Replies not taken yet, those of this batch included.</summary>
    public int Count => _count + _batch.Count;

    /// <summary>Whether replies wait for the log.</summary>
    public bool IsWaiting => _count > 0;

    /// <summary>A reply of this read batch.</summary>
    public void Add(byte header, byte reason, ushort packetId, ulong lsn)
    {
        NeedsMark |= lsn == Reply.AtBatchEnd;
        _batch.Add(new Reply(header, reason, packetId, lsn));
    }

    /// <summary>The replies of this batch join those that wait.</summary>
    /// <param name="mark">The LSN of those that did not know theirs.</param>
    public void EndBatch(ulong mark)
    {
        foreach (Reply reply in _batch)
        {
            if (_count == _waiting.Length)
            {
                Grow();
            }

            _waiting[(_head + _count++) & (_waiting.Length - 1)] =
                reply.Lsn == Reply.AtBatchEnd ? reply with { Lsn = mark } : reply;
        }

        _batch.Clear();
        NeedsMark = false;
    }

    /// <summary>The oldest reply, if the log allows it.</summary>
    public bool TryTake(ulong committedLsn, out Reply reply)
    {
        if (_count == 0 || _waiting[_head].Lsn > committedLsn)
        {
            reply = default;
            return false;
        }

        reply = _waiting[_head];
        _head = (_head + 1) & (_waiting.Length - 1);
        _count--;
        return true;
    }

    private void Grow()
    {
        var larger = new Reply[Math.Max(16, _waiting.Length * 2)];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _waiting[(_head + i) & (_waiting.Length - 1)];
        }

        _waiting = larger;
        _head = 0;
    }
}
