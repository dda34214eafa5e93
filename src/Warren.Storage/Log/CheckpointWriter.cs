using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Makes a snapshot durable, in two copies, and removes the checkpoint before it.</summary>
/// <remarks>One thread at a time: the keeper's lock.</remarks>
internal sealed class CheckpointWriter
{
    private readonly LogFiles _files;
    private ulong _sequence;

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
        try
        {
            WriteCopies(sequence, bytes);
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            _files.GiveUpReserve();
            WriteCopies(sequence, bytes);
        }

        ulong before = _sequence;
        _sequence = sequence;
        if (before > 0)
        {
            _files.Delete(CheckpointFile.NameOf(before, copy: false));
            _files.Delete(CheckpointFile.NameOf(before, copy: true));
        }
    }

    private void WriteCopies(ulong sequence, byte[] bytes)
    {
        _files.WriteAtomically(CheckpointFile.NameOf(sequence, copy: false), bytes);
        _files.WriteAtomically(CheckpointFile.NameOf(sequence, copy: true), bytes);
        _files.Disk.SyncDirectory(_files.Directory);
    }
}
