using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Warren.Core.Queues;

namespace Warren.Protocols.Mqtt;

/// <summary>What a delivery under way waits for (MQTT 5.0, 4.3).</summary>
internal enum InflightStage : byte
{
    /// <summary>The slot is free.</summary>
    Free,

    /// <summary>Not sent on this connection yet; its identifier is kept for it.</summary>
    Resumed,

    /// <summary>PUBACK, or PUBREC for quality of service 2.</summary>
    AwaitReceipt,

    /// <summary>PUBCOMP.</summary>
    AwaitCompletion,

    /// <summary>Nothing of the client; the queue is still to hear of it.</summary>
    Settled,
}

/// <summary>One delivery of quality of service 1 or 2 the client has not settled.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Inflight
{
    public MessageQueue? Queue;
    public long EntryId;
    public ulong Lsn;
    public ushort PacketId;
    public byte QoS;
    public InflightStage Stage;

    /// <summary>The client had said that it has the message before this connection.</summary>
    public bool IsReceived;
}

/// <summary>The deliveries under way to one client, by packet identifier.</summary>
/// <remarks>
/// Not thread-safe: the lock of the connection's output guards it. Allocates only while it grows. At most four slots for
/// each delivery that was under way at a time, whatever their identifiers. References into it hold until the next
/// <see cref="Add"/>, <see cref="Resume"/> or <see cref="Remove"/>.
/// </remarks>
internal sealed class InflightTable
{
    private const int Smallest = 8; // a power of two, as every size
    private const int KeptWhenEmpty = 1024;

    // Open addressing: a delivery is in the first free slot from that of its identifier on; at least half are free.
    private Inflight[] _slots = [];
    private Dictionary<(MessageQueue Queue, long EntryId), ushort>? _resumed; // null: none
    private int _used; // slots, resumed ones included
    private ushort _last;

    /// <summary>Deliveries sent and not settled: what the client's Receive Maximum counts.</summary>
    public int Sent => _used - ResumedCount;

    /// <summary>Deliveries of an earlier connection not sent again yet.</summary>
    public int ResumedCount => _resumed?.Count ?? 0;

    /// <summary>Whether an identifier is free.</summary>
    public bool HasRoom => _used < ushort.MaxValue;

    /// <summary>Slots there are, for those who want to know what it takes.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Takes an identifier that is free; there must be one.</summary>
    public ref Inflight Add()
    {
        Debug.Assert(HasRoom, "no identifier is free");
        do
        {
            _last = _last == ushort.MaxValue ? (ushort)1 : (ushort)(_last + 1);
        }
        while (!Unsafe.IsNullRef(ref Find(_last)));
        ref Inflight slot = ref Insert(_last);
        slot.Stage = InflightStage.AwaitReceipt;
        return ref slot;
    }

    /// <summary>Keeps the identifier of a delivery of an earlier connection.</summary>
    public void Resume(in NumberedDelivery delivery)
    {
        // Two under one number: the client can tell only one of them from a new message.
        if (Unsafe.IsNullRef(ref Find(delivery.Number))
            && (_resumed ??= []).TryAdd((delivery.Queue, delivery.EntryId), delivery.Number))
        {
            ref Inflight slot = ref Insert(delivery.Number);
            slot.Queue = delivery.Queue;
            slot.EntryId = delivery.EntryId;
            slot.Lsn = delivery.Lsn;
            slot.QoS = 2;
            slot.Stage = InflightStage.Resumed;
            slot.IsReceived = delivery.IsReceived;
        }
    }

    /// <summary>The delivery of an earlier connection that this entry is; null reference when it is none.</summary>
    public ref Inflight FindResumed(MessageQueue queue, long entryId)
    {
        if (_resumed is not null && _resumed.TryGetValue((queue, entryId), out ushort packetId))
        {
            return ref Find(packetId);
        }

        return ref Unsafe.NullRef<Inflight>();
    }

    /// <summary>A resumed delivery is sent again.</summary>
    public void Sending(ref Inflight slot, InflightStage stage)
    {
        Debug.Assert(slot.Stage == InflightStage.Resumed, "only a resumed delivery is sent again");
        slot.Stage = stage;
        ResumeNoMore(slot);
    }

    /// <summary>The delivery with this identifier; null reference when there is none.</summary>
    public ref Inflight Find(ushort packetId)
    {
        if (_used > 0)
        {
            for (int at = packetId & Mask; _slots[at].Stage != InflightStage.Free; at = (at + 1) & Mask)
            {
                if (_slots[at].PacketId == packetId)
                {
                    return ref _slots[at];
                }
            }
        }

        return ref Unsafe.NullRef<Inflight>();
    }

    /// <summary>The client has settled a delivery; its identifier is kept until <see cref="Remove"/>.</summary>
    public void Settle(ref Inflight slot)
    {
        if (slot.Stage == InflightStage.Resumed)
        {
            ResumeNoMore(slot);
        }

        slot.Stage = InflightStage.Settled;
    }

    /// <summary>The delivery is settled, and its identifier free. No error when there is none.</summary>
    public void Remove(ushort packetId)
    {
        ref Inflight slot = ref Find(packetId);
        if (Unsafe.IsNullRef(ref slot))
        {
            return;
        }

        if (slot.Stage == InflightStage.Resumed)
        {
            ResumeNoMore(slot);
        }

        _used--;
        if (_used == 0 && _slots.Length > KeptWhenEmpty)
        {
            _slots = [];
            return;
        }

        Free(ref slot);
    }

    /// <summary>
    /// The message of a resumed delivery is gone. Whether the client has it is not known, so its identifier is used again
    /// as late as can be.
    /// </summary>
    public void Forget(in NumberedDelivery delivery)
    {
        Remove(delivery.Number);
        _last = Math.Max(_last, delivery.Number);
    }

    /// <summary>Every delivery not settled, in no order.</summary>
    public IEnumerable<Inflight> All() => _slots.Where(static slot => slot.Stage != InflightStage.Free);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _slots = [];
        _resumed = null;
        _used = 0;
    }

    private int Mask => _slots.Length - 1;

    private ref Inflight Insert(ushort packetId)
    {
        if (_used * 2 >= _slots.Length)
        {
            Inflight[] old = _slots;
            _slots = new Inflight[Math.Max(Smallest, old.Length * 2)];
            foreach (ref readonly Inflight inflight in old.AsSpan())
            {
                if (inflight.Stage != InflightStage.Free)
                {
                    FreeSlotFor(inflight.PacketId) = inflight;
                }
            }
        }

        _used++;
        ref Inflight slot = ref FreeSlotFor(packetId);
        slot.PacketId = packetId;
        return ref slot;
    }

    private ref Inflight FreeSlotFor(ushort packetId)
    {
        int at = packetId & Mask;
        while (_slots[at].Stage != InflightStage.Free)
        {
            at = (at + 1) & Mask;
        }

        return ref _slots[at];
    }

    // Those behind it move up, as far as they are from their own slots, so that nothing between is free.
    private void Free(ref Inflight slot)
    {
        int hole = (int)(Unsafe.ByteOffset(ref _slots[0], ref slot) / Unsafe.SizeOf<Inflight>());
        for (int at = (hole + 1) & Mask; _slots[at].Stage != InflightStage.Free; at = (at + 1) & Mask)
        {
            int home = _slots[at].PacketId & Mask;
            if (((at - home) & Mask) >= ((at - hole) & Mask))
            {
                _slots[hole] = _slots[at];
                hole = at;
            }
        }

        _slots[hole] = default;
    }

    private void ResumeNoMore(in Inflight slot)
    {
        _resumed!.Remove((slot.Queue!, slot.EntryId));
        _resumed = _resumed.Count == 0 ? null : _resumed;
    }
}
