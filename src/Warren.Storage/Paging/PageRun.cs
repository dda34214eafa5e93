namespace Warren.Storage.Paging;

/// <summary>Extents in a row that are free for the next bytes.</summary>
/// <param name="First">The first of them; behind the last extent there is when the file is to grow.</param>
/// <param name="Count">How many.</param>
/// <param name="NewBytes">Bytes of them that the file system has to find room for.</param>
internal readonly record struct PageRun(int First, int Count, long NewBytes);
