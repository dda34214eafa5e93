using System.Runtime.InteropServices;

namespace Warren.Storage.Memory;

/// <summary>What a scan of a segment would tell about one record without its payload. Also the file's layout, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SidecarRow
{
    /// <summary>File offset / 8.</summary>
    internal uint Place;

    internal uint PayloadLength;

    /// <summary>LSN minus the segment's first LSN.</summary>
    internal uint LsnDelta;

    internal byte Type;

    internal byte Flags;

    internal ushort OwnerCount;

    internal ulong TagA;

    internal ulong TagB;
}
