namespace Warren.Storage;

/// <summary>One owner's reference on one record.</summary>
/// <param name="Owner">The opaque owner id.</param>
/// <param name="Lsn">The record.</param>
public readonly record struct RecordReference(ulong Owner, ulong Lsn);
