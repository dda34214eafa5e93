namespace Warren.Storage.Log;

/// <summary>A segment file that waits to be used, with its space.</summary>
/// <param name="File">Open, allocated and durable.</param>
/// <param name="Number">0 as long as a reserved one waits: it gets its number when it is taken.</param>
/// <param name="Allocated">Bytes the file has.</param>
/// <param name="ReservedName">Name of the file when it is a reserved one; null when it has its final name and header.</param>
internal readonly record struct ReadySegment(IBlockFile File, ulong Number, long Allocated, string? ReservedName);
