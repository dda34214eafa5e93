namespace Warren.Storage.Format;

/// <summary>References of an owner that are given back and that the bitmaps of a checkpoint may still show as live.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="UpToLsn">The last LSN concerned.</param>
/// <param name="KeepMarked">Records marked <see cref="RecordDraft.KeepOnPurge"/> are not concerned.</param>
internal readonly record struct PendingSweep(ulong Owner, ulong UpToLsn, bool KeepMarked);
