namespace Warren.Storage.Tests;

/// <summary>Keeps what recovery hands over.</summary>
public sealed class CollectingVisitor : IRecoveryVisitor
{
    public List<Found> Records { get; } = [];

    public void OnRecord(in RecoveredRecord record)
    {
        byte[] payload = new byte[record.PayloadLength];
        bool readable = record.TryReadPayload(payload);
        Records.Add(new Found(
            record.Lsn, record.Type, record.TagA, record.TagB, record.Owners.ToArray(), record.Annotations.ToArray(),
            readable ? payload : null));
    }

    public sealed record Found(
        ulong Lsn, RecordType Type, ulong TagA, ulong TagB, ulong[] Owners, uint[] Annotations, byte[]? Payload);
}
