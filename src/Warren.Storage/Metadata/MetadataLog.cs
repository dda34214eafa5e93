using System.Buffers.Binary;
using Warren.Buffers;
using Warren.Storage.Directories;

namespace Warren.Storage.Metadata;

/// <summary>The log behind one snapshot: every write since, each synced before it counts.</summary>
/// <remarks>Not thread-safe: the store's writer lock. File: a header of 32 bytes, then batches (<see cref="MetadataBatch"/>).</remarks>
internal sealed class MetadataLog : IDisposable
{
    /// <summary>Bytes of a log without writes.</summary>
    internal const int HeaderSize = 32;

    private const ushort Version = 1;
    private const int ScanSize = 1024 * 1024;

    private readonly IBlockFile _file;
    private readonly uint _number;
    private uint _previousCrc;
    private bool _failed; // what is on the disk is not known any more

    private MetadataLog(IBlockFile file, uint number, uint snapshotCrc)
    {
        _file = file;
        _number = number;
        _previousCrc = snapshotCrc;
        Size = HeaderSize;
    }

    private static ReadOnlySpan<byte> Magic => "WARRNMET"u8;

    /// <summary>Bytes of the file that count.</summary>
    internal long Size { get; private set; }

    /// <summary>Whether it takes no more writes: what is on the disk is not known any more.</summary>
    internal bool HasFailed => _failed;

    /// <summary>Bytes cut off when the log was opened: the remains of a write that never was confirmed.</summary>
    internal long CutBytes { get; private set; }

    /// <summary>Makes and syncs an empty log.</summary>
    internal static MetadataLog Create(IBlockFile file, uint number, uint snapshotCrc)
    {
        // | WARRNMET | version u16 | minReader u16 | 0 u32 | number u64 | snapshotCrc u32 | crc32c u32 |
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], snapshotCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], Crc32C.Compute(header[..28]));
        file.Write(0, header);
        file.DataSync();
        return new MetadataLog(file, number, snapshotCrc);
    }

    /// <summary>Opens a log and replays it into a map.</summary>
    /// <exception cref="DataDirectoryDamagedException">A batch is unreadable that is followed by a readable one.</exception>
    /// <exception cref="NewerFormatException">A newer program wrote it.</exception>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for the errors.</param>
    /// <param name="number">Its number.</param>
    /// <param name="snapshotCrc">Checksum of its snapshot.</param>
    /// <param name="map">What the snapshot holds.</param>
    /// <param name="keep">Puts the range of an unfinished write aside before it is cut; null: it stays, nothing is written.</param>
    internal static MetadataLog Open(
        IBlockFile file, string path, uint number, uint snapshotCrc, MetadataMap map, Action<IBlockFile, long, long>? keep)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        int read = file.Read(0, header);
        if (read < HeaderSize
            || !header.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(header[28..]) != Crc32C.Compute(header[..28]))
        {
            throw new DataDirectoryDamagedException(path, "this is not a metadata log");
        }

        ushort minReader = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        if (minReader > Version)
        {
            throw new NewerFormatException($"{path} needs a reader of format {minReader}; this one reads up to {Version}");
        }

        if (BinaryPrimitives.ReadInt64LittleEndian(header[16..]) != number
            || BinaryPrimitives.ReadUInt32LittleEndian(header[24..]) != snapshotCrc)
        {
            throw new DataDirectoryDamagedException(path, "the log does not belong to its snapshot");
        }

        var log = new MetadataLog(file, number, snapshotCrc);
        log.Replay(path, map, keep);
        return log;
    }

    /// <summary>Appends one write; durable on return. After an exception nobody may rely on it,
    /// though after a failed sync it may be found at the next start.</summary>
    internal void Append(ReadOnlySpan<MetadataOperation> operations, long revision)
    {
        if (_failed)
        {
            throw new IOException("the metadata log takes no more writes after an error of the disk; restart the broker");
        }

        byte[] batch = MetadataBatch.Encode(operations, revision, _previousCrc, _number);
        try
        {
            _file.Write(Size, batch);
        }
        catch
        {
            TakeBack();
            throw;
        }

        _failed = true;
        _file.DataSync();
        _failed = false;
        Size += batch.Length;
        _previousCrc = BinaryPrimitives.ReadUInt32LittleEndian(batch.AsSpan(28));
    }

    /// <summary>Whether its file is the one at a path.</summary>
    internal bool IsLinked(string path) => _file.IsLinked(path);

    /// <summary>Takes no more writes: it is not known whether this log or another one will count after a restart.</summary>
    internal void Fail() => _failed = true;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // A disk that was full may have room later: the next write goes to the same place, and no remains stand behind it.
    private void TakeBack()
    {
        _failed = true;
        _file.SetLength(Size);
        _failed = false;
    }

    private void Replay(string path, MetadataMap map, Action<IBlockFile, long, long>? keep)
    {
        var operations = new List<MetadataOperation>();
        Span<byte> bytes = stackalloc byte[MetadataBatch.HeaderSize];
        long length = _file.Length;
        while (Size < length)
        {
            int read = _file.Read(Size, bytes);
            if (!MetadataBatch.TryReadHeader(bytes[..read], _number, out MetadataBatch.Header header)
                || header.Size > length - Size
                || !TryReadBody(header, out byte[] body))
            {
                CutTail(path, map.Revision, length, keep);
                return;
            }

            if (header.PreviousCrc != _previousCrc || header.Revision != map.Revision + 1)
            {
                throw new DataDirectoryDamagedException(path, $"the batch at {Size} does not follow the one before");
            }

            if (!MetadataBatch.TryReadOperations(body, header.Count, operations))
            {
                throw new DataDirectoryDamagedException(path, $"the batch at {Size} holds what this version does not know");
            }

            map.Apply([.. operations]);
            _previousCrc = header.HeaderCrc;
            Size += header.Size;
        }
    }

    private bool TryReadBody(in MetadataBatch.Header header, out byte[] body)
    {
        body = new byte[header.Size - MetadataBatch.HeaderSize];
        return _file.Read(Size + MetadataBatch.HeaderSize, body) == body.Length && Crc32C.Compute(body) == header.BodyCrc;
    }

    // An unreadable batch is a write cut short only if nothing was written behind it: one write follows the other's sync.
    private void CutTail(string path, long revision, long length, Action<IBlockFile, long, long>? keep)
    {
        byte[] chunk = new byte[Math.Min(ScanSize, length - Size)];
        for (long at = Size + 8; at < length; at += ScanSize - MetadataBatch.HeaderSize)
        {
            int read = _file.Read(at, chunk);
            for (int offset = 0; offset + MetadataBatch.HeaderSize <= read; offset += 8)
            {
                if (MetadataBatch.TryReadHeader(chunk.AsSpan(offset, read - offset), _number, out MetadataBatch.Header later)
                    && later.Revision > revision + 1)
                {
                    throw new DataDirectoryDamagedException(
                        path, $"the batch at {Size} is unreadable, and one of revision {later.Revision} follows at {at + offset}");
                }
            }
        }

        CutBytes = length - Size;
        if (keep is null)
        {
            return; // somebody only looks
        }

        keep(_file, Size, length);
        _file.SetLength(Size);
        _file.DataSync();
    }
}
