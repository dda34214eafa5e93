using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Makes a snapshot durable, in two copies, and removes the checkpoint before it.</summary>
/// <remarks>One thread at a time: the keeper's lock.</remarks>
internal sealed class CheckpointWriter
{
    private readonly LogFiles _files;
    private ulong _sequence;
    private bool _isOwn;

    internal CheckpointWriter(LogFiles files, ulong lastSequence)
    {
        _files = files;
        _sequence = lastSequence;
    }

    /// <summary>Returns when the checkpoint is durable; the reserve is given up when the disk is full.</summary>
    internal void Write(CheckpointSnapshot snapshot)
    {
        ulong sequence = _sequence + 1;
        byte[] bytes = CheckpointFile.From(snapshot, sequence, epoch: 1).Write(_files.Identity);
        _files.WantReserve(bytes.Length);
        if (!TryWriteCopies(sequence, bytes))
        {
            _files.GiveUpReserve();
            if (!TryWriteCopies(sequence, bytes))
            {
                WriteWithoutSpace(sequence, bytes);
            }
        }

        ulong before = _sequence;
        _sequence = sequence;
        _isOwn = true;
        if (before > 0)
        {
            _files.Delete(CheckpointFile.NameOf(before, copy: false));
            _files.Delete(CheckpointFile.NameOf(before, copy: true));
        }
    }

    // Somebody else took the space that was kept. The checkpoint before was found by a start, and who knows whether both
    // copies of it are intact; or it is ours, and one copy of it is enough until this one is there.
    private void WriteWithoutSpace(ulong sequence, byte[] bytes)
    {
        if (!_isOwn)
        {
            _files.Supply.GiveUpReserved();
            WriteOne(sequence, copy: false, bytes);
            WriteOne(sequence, copy: true, bytes);
            return;
        }

        _files.Delete(CheckpointFile.NameOf(_sequence, copy: true));
        WriteOne(sequence, copy: false, bytes);
        _files.Delete(CheckpointFile.NameOf(_sequence, copy: false));
        WriteOne(sequence, copy: true, bytes);
    }

    private bool TryWriteCopies(ulong sequence, byte[] bytes)
    {
        try
        {
            WriteOne(sequence, copy: false, bytes);
            WriteOne(sequence, copy: true, bytes);
            return true;
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            return false;
        }
    }

    private void WriteOne(ulong sequence, bool copy, byte[] bytes)
    {
        _files.WriteAtomically(CheckpointFile.NameOf(sequence, copy), bytes);
        _files.Disk.SyncDirectory(_files.Directory);
    }
}
