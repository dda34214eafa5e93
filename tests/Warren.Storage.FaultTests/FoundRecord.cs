namespace Warren.Storage.FaultTests;

/// <summary>A copy of a recovered record.</summary>
public sealed record FoundRecord(
    ulong Lsn, RecordType Type, ulong TagA, ulong TagB, ulong[] Owners, uint[] Annotations, byte[]? Payload);
