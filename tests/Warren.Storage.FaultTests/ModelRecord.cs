namespace Warren.Storage.FaultTests;

/// <summary>One record in the model of a log, with the references on it by owner.</summary>
public sealed record ModelRecord(RecordType Type, byte Flags, byte[] Payload, Dictionary<ulong, ModelReference> Owners);
