namespace Warren.Core.Metrics;

/// <summary>The places of numbers in the samples of a <see cref="SampleHistory"/>: first every <see cref="MessageCounter"/>, then these.</summary>
public static class Series
{
    /// <summary>Ready messages.</summary>
    public const int Ready = MessageCounts.Length;

    /// <summary>Messages delivered and not acknowledged.</summary>
    public const int Unacknowledged = Ready + 1;

    /// <summary>Both.</summary>
    public const int Messages = Ready + 2;

    /// <summary>Numbers in a sample of a queue.</summary>
    public const int QueueCount = Messages + 1;

    /// <summary>Octets from clients.</summary>
    public const int ReceivedOctets = QueueCount;

    /// <summary>Octets to clients.</summary>
    public const int SentOctets = ReceivedOctets + 1;

    /// <summary>Numbers in a sample of a virtual host.</summary>
    public const int VirtualHostCount = SentOctets + 1;

    /// <summary>First of the numbers of <see cref="Churn"/>.</summary>
    public const int Churn = VirtualHostCount;

    /// <summary>Batches written to the disk.</summary>
    public const int DiskWrites = Churn + Metrics.Churn.Length;

    /// <summary>Messages read back from the disk.</summary>
    public const int DiskReads = DiskWrites + 1;

    /// <summary>Numbers in a sample of the whole broker.</summary>
    public const int BrokerCount = DiskReads + 1;

    /// <summary>Numbers in a sample of a connection: <see cref="ConnectionReceived"/> and <see cref="ConnectionSent"/>.</summary>
    public const int ConnectionCount = 2;

    /// <summary>Octets from this client.</summary>
    public const int ConnectionReceived = 0;

    /// <summary>Octets to this client.</summary>
    public const int ConnectionSent = 1;
}
