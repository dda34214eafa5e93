namespace Warren.Storage.Recovery;

/// <summary>A record that gives references back or changes them, kept until all records are known.</summary>
/// <param name="Lsn">Its place in the order.</param>
/// <param name="Type">What it does.</param>
/// <param name="TagA">Owner of a purge or a deletion.</param>
/// <param name="TagB">Last LSN of a purge.</param>
/// <param name="Payload">Coded references.</param>
/// <param name="Releases">References a move gives back.</param>
internal sealed record ControlRecord(
    ulong Lsn, RecordType Type, ulong TagA, ulong TagB, byte[] Payload, RecordReference[] Releases);
