namespace Warren.Storage.FaultTests;

/// <summary>Copies what recovery hands over.</summary>
public sealed class FoundRecords : IRecoveryVisitor
{
    public List<FoundRecord> Records { get; } = [];

    public void OnRecord(in RecoveredRecord record)
    {
        byte[] payload = new byte[record.PayloadLength];
        bool readable = record.TryReadPayload(payload);
        Records.Add(new FoundRecord(
            record.Lsn, record.Type, record.TagA, record.TagB, record.Owners.ToArray(), record.Annotations.ToArray(),
            readable ? payload : null));
    }
}
