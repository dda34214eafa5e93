using Warren.Buffers.Commits;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>An acknowledgement to be sent.</summary>
/// <param name="Header">First octet of the packet.</param>
/// <param name="Reason">Reason code; only MQTT 5.0 sends it.</param>
/// <param name="PacketId">Packet identifier.</param>
/// <param name="Ticket">What must be committed before.</param>
/// <param name="AtBatchEnd">It waits for everything the read batch does, which is known only when that ends.</param>
internal readonly record struct Reply(byte Header, byte Reason, ushort PacketId, CommitTicket Ticket, bool AtBatchEnd = false)
{
    /// <summary>A packet that is sent when what it waits for is committed.</summary>
    public static Reply Of(PacketType type, ushort packetId, ReasonCode reason, CommitTicket ticket) =>
        new((byte)type, (byte)reason, packetId, ticket);

    /// <summary>A packet that waits for everything the read batch does.</summary>
    public static Reply AtEnd(PacketType type, ushort packetId, ReasonCode reason) =>
        new((byte)type, (byte)reason, packetId, default, AtBatchEnd: true);
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

    /// <summary>Whether this batch has a reply that waits for everything the batch does.</summary>
    public bool NeedsBarrier { get; private set; }

    /// <summary>Replies not taken yet, those of this batch included.</summary>
    public int Count => _count + _batch.Count;

    /// <summary>Whether replies wait for the log.</summary>
    public bool IsWaiting => _count > 0;

    /// <summary>A reply of this read batch.</summary>
    public void Add(in Reply reply)
    {
        NeedsBarrier |= reply.AtBatchEnd;
        _batch.Add(reply);
    }

    /// <summary>The replies of this batch join those that wait.</summary>
    /// <param name="barrier">What those wait for that wait for the whole batch.</param>
    public void EndBatch(CommitTicket barrier)
    {
        foreach (Reply reply in _batch)
        {
            if (_count == _waiting.Length)
            {
                Grow();
            }

            _waiting[(_head + _count++) & (_waiting.Length - 1)] =
                reply.AtBatchEnd ? reply with { Ticket = barrier } : reply;
        }

        _batch.Clear();
        NeedsBarrier = false;
    }

    /// <summary>The oldest reply, unless it still waits.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="isFailed">What it waited for will never be committed: it must not be sent as it is.</param>
    public bool TryTake(out Reply reply, out bool isFailed)
    {
        CommitState state = _count == 0 ? CommitState.Pending : _waiting[_head].Ticket.State;
        isFailed = state == CommitState.Failed;
        if (state == CommitState.Pending)
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
