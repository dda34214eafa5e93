using System.Diagnostics;
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
/// <remarks>Not thread-safe: the lock of the connection's output guards it. Allocates only while it grows.</remarks>
internal sealed class InflightTable
{
    private const int Smallest = 8;

    private Inflight[] _slots = [];
    private int _used; // slots, resumed ones included
    private ushort _last;

    /// <summary>Deliveries sent and not settled: what the client's Receive Maximum counts.</summary>
    public int Sent { get; private set; }

    /// <summary>Deliveries of an earlier connection not sent again yet.</summary>
    public int ResumedCount { get; private set; }

    /// <summary>Takes an identifier that is free.</summary>
    public ref Inflight Add()
    {
        if (_used * 2 >= _slots.Length)
        {
            Grow();
        }

        do
        {
            _last = _last == ushort.MaxValue ? (ushort)1 : (ushort)(_last + 1);
        }
        while (SlotOf(_last).Stage != InflightStage.Free);
        ref Inflight slot = ref SlotOf(_last);
        slot.PacketId = _last;
        slot.Stage = InflightStage.AwaitReceipt;
        _used++;
        Sent++;
        return ref slot;
    }

    /// <summary>Keeps the identifier of a delivery of an earlier connection.</summary>
    public void Resume(in NumberedDelivery delivery)
    {
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref Find(delivery.Number)))
        {
            return; // two under one number: the client can tell only one of them from a new message
        }

        while (_slots.Length == 0 || _used * 2 >= _slots.Length || SlotOf(delivery.Number).Stage != InflightStage.Free)
        {
            Grow();
        }

        ref Inflight slot = ref SlotOf(delivery.Number);
        slot = new Inflight
        {
            Queue = delivery.Queue,
            EntryId = delivery.EntryId,
            Lsn = delivery.Lsn,
            PacketId = delivery.Number,
            QoS = 2,
            Stage = InflightStage.Resumed,
            IsReceived = delivery.IsReceived,
        };
        _used++;
        ResumedCount++;
    }

    /// <summary>The delivery of an earlier connection that this entry is; null reference when it is none.</summary>
    public ref Inflight FindResumed(MessageQueue queue, long entryId)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            ref Inflight slot = ref _slots[i];
            if (slot.Stage == InflightStage.Resumed && slot.EntryId == entryId && ReferenceEquals(slot.Queue, queue))
            {
                return ref slot;
            }
        }

        return ref System.Runtime.CompilerServices.Unsafe.NullRef<Inflight>();
    }

    /// <summary>A resumed delivery is sent again.</summary>
    public void Sending(ref Inflight slot, InflightStage stage)
    {
        Debug.Assert(slot.Stage == InflightStage.Resumed, "only a resumed delivery is sent again");
        slot.Stage = stage;
        ResumedCount--;
        Sent++;
    }

    /// <summary>The delivery with this identifier; null reference when there is none.</summary>
    public ref Inflight Find(ushort packetId)
    {
        if (_slots.Length != 0)
        {
            ref Inflight slot = ref SlotOf(packetId);
            if (slot.PacketId == packetId && slot.Stage != InflightStage.Free)
            {
                return ref slot;
            }
        }

        return ref System.Runtime.CompilerServices.Unsafe.NullRef<Inflight>();
    }

    /// <summary>The client has settled a delivery; its identifier is kept until <see cref="Remove"/>.</summary>
    public void Settle(ref Inflight slot)
    {
        if (slot.Stage == InflightStage.Resumed)
        {
            Sending(ref slot, InflightStage.Settled);
        }

        slot.Stage = InflightStage.Settled;
    }

    /// <summary>The delivery is settled, and its identifier free.</summary>
    public void Remove(ref Inflight slot)
    {
        if (slot.Stage == InflightStage.Resumed)
        {
            ResumedCount--;
        }
        else
        {
            Sent--;
        }

        slot = default;
        _used--;
    }

    /// <summary>Every delivery not settled, in no order.</summary>
    public IEnumerable<Inflight> All() => _slots.Where(static slot => slot.Stage != InflightStage.Free);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _slots = [];
        _used = 0;
        Sent = 0;
        ResumedCount = 0;
    }

    private ref Inflight SlotOf(ushort packetId) => ref _slots[packetId & (_slots.Length - 1)];

    // Up to 65536 slots, one for each identifier: then nothing collides.
    private void Grow()
    {
        Inflight[] old = _slots;
        for (int size = Math.Max(Smallest, old.Length * 2); ; size *= 2)
        {
            _slots = new Inflight[size];
            if (TryMove(old))
            {
                return;
            }
        }
    }

    private bool TryMove(Inflight[] old)
    {
        foreach (ref readonly Inflight inflight in old.AsSpan())
        {
            if (inflight.Stage == InflightStage.Free)
            {
                continue;
            }

            ref Inflight slot = ref SlotOf(inflight.PacketId);
            if (slot.Stage != InflightStage.Free)
            {
                return false;
            }

            slot = inflight;
        }

        return true;
    }
}
