namespace Warren.Protocols.Mqtt;

/// <summary>What one connection, or all together, have received and sent.</summary>
/// <remarks>
/// Plain numbers with one writer each: what comes in is counted on the read loop, what goes out under the lock of the
/// output. Readers take them as they are.
/// </remarks>
internal struct PacketCounts
{
    /// <summary>Packets of any kind from the client.</summary>
    public long PacketsIn;

    /// <summary>Packets of any kind to the client.</summary>
    public long PacketsOut;

    /// <summary>PUBLISH from the client.</summary>
    public long PublishesIn;

    /// <summary>PUBLISH to the client.</summary>
    public long PublishesOut;

    /// <summary>Messages the client did not get because they were too large for it.</summary>
    public long Dropped;

    /// <summary>Bytes of payload from the client.</summary>
    public long PayloadIn;

    /// <summary>Bytes of payload to the client.</summary>
    public long PayloadOut;

    /// <summary>Bytes from the network.</summary>
    public long BytesIn;

    /// <summary>Bytes to the network.</summary>
    public long BytesOut;

    /// <summary>A PUBLISH came, which is counted as a packet elsewhere.</summary>
    public void OnPublished(int payload)
    {
        PublishesIn++;
        PayloadIn += payload;
    }

    /// <summary>A PUBLISH was written.</summary>
    public void OnDelivered(int payload)
    {
        PacketsOut++;
        PublishesOut++;
        PayloadOut += payload;
    }

    /// <summary>Adds the numbers of another.</summary>
    public void Add(in PacketCounts other)
    {
        PacketsIn += other.PacketsIn;
        PacketsOut += other.PacketsOut;
        PublishesIn += other.PublishesIn;
        PublishesOut += other.PublishesOut;
        Dropped += other.Dropped;
        PayloadIn += other.PayloadIn;
        PayloadOut += other.PayloadOut;
        BytesIn += other.BytesIn;
        BytesOut += other.BytesOut;
    }
}
