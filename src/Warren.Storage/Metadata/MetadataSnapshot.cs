using System.Buffers.Binary;
using System.Text;
using Warren.Buffers;
using Warren.Storage.Directories;

namespace Warren.Storage.Metadata;

/// <summary>The form of a snapshot file: all entries at one revision.</summary>
/// <remarks>
/// <code>
/// 0          8         10          12    16       24          32      40
/// | WARRNSNP | version | minReader | 0   | number | revision  | count | entries … | crc32c u32 |
/// entry:  | keyLength u16 | 0 u16 | valueLength u32 | createRevision i64 | modRevision i64 | key | value |
/// </code>
/// Little-endian. The checksum covers everything before it.
/// </remarks>
internal static class MetadataSnapshot
{
    private const ushort Version = 1;
    private const int HeaderSize = 40;
    private const int EntryHeaderSize = 24;
    private const int ChunkSize = 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "WARRNSNP"u8;

    /// <summary>Writes and syncs a new file.</summary>
    /// <returns>The checksum, which the log's chain starts from, and the bytes written.</returns>
    internal static (uint Crc, long Size) Write(IBlockFile file, uint number, long revision, IReadOnlyList<MetadataEntry> entries)
    {
        var output = new Output(file);
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], number);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], revision);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], entries.Count);
        output.Append(header);
        Span<byte> entryHeader = header[..EntryHeaderSize];
        foreach (MetadataEntry entry in entries)
        {
            byte[] key = Encoding.UTF8.GetBytes(entry.Key);
            entryHeader.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(entryHeader, (ushort)key.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entryHeader[4..], (uint)entry.Value.Length);
            BinaryPrimitives.WriteInt64LittleEndian(entryHeader[8..], entry.CreateRevision);
            BinaryPrimitives.WriteInt64LittleEndian(entryHeader[16..], entry.ModRevision);
            output.Append(entryHeader);
            output.Append(key);
            output.Append(entry.Value.Span);
        }

        uint crc = output.Crc;
        BinaryPrimitives.WriteUInt32LittleEndian(entryHeader, crc);
        output.Append(entryHeader[..4]);
        output.Flush();
        file.DataSync();
        return (crc, output.Size);
    }

    /// <summary>Reads a file into a map.</summary>
    /// <returns>The checksum and the bytes read.</returns>
    /// <exception cref="DataDirectoryDamagedException">Anything is not as it was written.</exception>
    /// <exception cref="NewerFormatException">A newer program wrote it.</exception>
    internal static (uint Crc, long Size) Read(IBlockFile file, string path, uint number, MetadataMap map)
    {
        var input = new Input(file, path);
        Span<byte> header = stackalloc byte[HeaderSize];
        input.Read(header);
        if (!header.StartsWith(Magic))
        {
            throw new DataDirectoryDamagedException(path, "this is not a metadata snapshot");
        }

        ushort minReader = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        if (minReader > Version)
        {
            throw new NewerFormatException($"{path} needs a reader of format {minReader}; this one reads up to {Version}");
        }

        long revision = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        long count = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        if (BinaryPrimitives.ReadInt64LittleEndian(header[16..]) != number || revision < 0)
        {
            throw new DataDirectoryDamagedException(path, "the header is not this file's");
        }

        var entries = new List<MetadataEntry>();
        for (long i = 0; i < count; i++)
        {
            entries.Add(ReadEntry(ref input));
        }

        uint crc = input.Crc;
        Span<byte> trailer = header[..4];
        input.Read(trailer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != crc || !input.IsAtEnd)
        {
            throw new DataDirectoryDamagedException(path, "the checksum does not match");
        }

        entries.ForEach(map.Restore);
        map.Restore(revision);
        return (crc, file.Length);
    }

    private static MetadataEntry ReadEntry(ref Input input)
    {
        Span<byte> header = stackalloc byte[EntryHeaderSize];
        input.Read(header);
        int keyLength = BinaryPrimitives.ReadUInt16LittleEndian(header);
        uint valueLength = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        byte[] key = input.Read(keyLength, IMetadataStore.MaxKeyBytes);
        byte[] value = input.Read(valueLength, IMetadataStore.MaxValueBytes);
        return new MetadataEntry(
            Encoding.UTF8.GetString(key),
            value,
            BinaryPrimitives.ReadInt64LittleEndian(header[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[16..]));
    }

    // Collects small pieces into writes of up to 1 MiB.
    private sealed class Output
    {
        private readonly IBlockFile _file;
        private readonly byte[] _chunk = new byte[ChunkSize];
        private int _used;
        private long _written;

        internal Output(IBlockFile file) => _file = file;

        internal uint Crc { get; private set; }

        internal long Size => _written + _used;

        internal void Append(ReadOnlySpan<byte> bytes)
        {
            Crc = Crc32C.Compute(bytes, Crc);
            while (!bytes.IsEmpty)
            {
                int copied = Math.Min(bytes.Length, _chunk.Length - _used);
                bytes[..copied].CopyTo(_chunk.AsSpan(_used));
                _used += copied;
                bytes = bytes[copied..];
                if (_used == _chunk.Length)
                {
                    Flush();
                }
            }
        }

        internal void Flush()
        {
            _file.Write(_written, _chunk.AsSpan(0, _used));
            _written += _used;
            _used = 0;
        }
    }

    // Reads through a chunk; lengths are checked against the file before anything of that size is made.
    private struct Input
    {
        private readonly IBlockFile _file;
        private readonly string _path;
        private readonly byte[] _chunk;
        private int _start;
        private int _end;
        private long _position; // in the file, of _end

        internal Input(IBlockFile file, string path)
        {
            _file = file;
            _path = path;
            _chunk = new byte[Math.Min(ChunkSize, file.Length)];
        }

        internal uint Crc { get; private set; }

        internal readonly bool IsAtEnd => Remaining == 0;

        private readonly long Remaining => _file.Length - _position + (_end - _start);

        internal byte[] Read(long length, int limit)
        {
            if (length > limit || length > Remaining)
            {
                throw new DataDirectoryDamagedException(_path, $"an entry of {length} bytes {Remaining} bytes before the end");
            }

            byte[] bytes = new byte[length];
            Read(bytes);
            return bytes;
        }

        internal void Read(Span<byte> target)
        {
            for (Span<byte> rest = target; !rest.IsEmpty;)
            {
                if (_start == _end)
                {
                    _start = 0;
                    _end = _file.Read(_position, _chunk);
                    _position += _end;
                    if (_end == 0)
                    {
                        throw new DataDirectoryDamagedException(_path, "the file ends too early");
                    }
                }

                int copied = Math.Min(rest.Length, _end - _start);
                _chunk.AsSpan(_start, copied).CopyTo(rest);
                _start += copied;
                rest = rest[copied..];
            }

            Crc = Crc32C.Compute(target, Crc);
        }
    }
}
