using Warren.Storage.Format;
using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Finds out what a directory holds: the newest checkpoint, the segments it names, and what came after it.</summary>
/// <remarks>Runs before any thread of the log; one thread.</remarks>
internal sealed partial class LogRecovery
{
    private readonly IBlockDisk _disk;
    private readonly string _directory;
    private readonly bool _isReadOnly;
    private readonly ShardLogOptions _options;
    private readonly LogIdentity _identity;
    private readonly RecoveredState _state = new();
    private readonly SortedDictionary<ulong, SegmentHeader?> _found = [];
    private readonly HashSet<ulong> _used = [];
    private readonly List<string> _obsolete = [];
    private readonly LogFiles _files;
    private readonly SegmentLoader _loader;
    private CheckpointFile? _checkpoint;
    private readonly SortedSet<ulong> _sidecars = [];
    private readonly SortedSet<ulong> _missing = []; // of which there is a sidecar only
    private readonly List<string> _putAside = [];
    private DamageReport? _gone; // the first file that is not there, is cut or is no segment any more
    private bool _checkpointLost;
    private ulong _lastSequence;

    internal LogRecovery(IBlockDisk disk, string directory, ShardLogOptions options, TimeProvider time, bool isReadOnly = false)
    {
        _disk = disk;
        _directory = directory;
        _isReadOnly = isReadOnly;
        _options = options;
        _identity = new LogIdentity(options.ClusterUuid, options.ShardId);
        IReadOnlyList<string> names = disk.List(directory);
        ulong highest = 0;
        foreach (string name in names)
        {
            if (TryNumber(name, "seg-", ".log", out ulong number) || TryNumber(name, "seg-", ".idx", out number))
            {
                highest = Math.Max(highest, number);
            }
        }

        _files = new LogFiles(disk, directory, options, time, highest + 1);
        _loader = new SegmentLoader(_files, _state) { LaterBatch = LaterBatch, IsReadOnly = isReadOnly };
        ReadNames(names);
        foreach (CheckpointSegment listed in _checkpoint?.Segments ?? [])
        {
            _files.SkipNumber(listed.Number); // whatever stands in its place is not ours to write over
        }

        _files.SkipNumber(_checkpoint?.TailNumber ?? 0);
    }

    internal LogFiles Files => _files;

    internal ulong LastSequence => _lastSequence;

    /// <summary>Files that the first checkpoint makes superfluous.</summary>
    internal IReadOnlyList<string> Obsolete => _obsolete;

    internal RecoveredState Run()
    {
        _state.CheckpointLsn = _checkpoint?.Lsn ?? 0;
        _state.DurableLsn = _state.CheckpointLsn;
        _state.LastLsn = _state.CheckpointLsn;
        if (_checkpoint is not null)
        {
            _state.Sweeps.AddRange(_checkpoint.Sweeps);
            _state.UncertainThroughLsn = _checkpoint.UncertainThroughLsn;
            LoadListed(_checkpoint);
        }

        FindMissing();
        CheckTailFile();
        LoadTail();
        RequireSomething();
        if (_state.LastLsn > 0 && _checkpointLost)
        {
            _state.Report(DamageKind.ReleasesForgotten, "ckpt", 0, 1, _state.LastLsn, "no checkpoint can be read: everything in the segments counts as held unless a record in them says otherwise");
        }

        ControlReplay.Apply(_state);
        _state.Owners.EndRecovery(_state.LastLsn);
        _state.IsClean = _checkpoint is { IsClean: true } && _state.LastLsn == _state.CheckpointLsn && _state.Damage.Count == 0;
        return _state;
    }

    /// <summary>Reads every record of a segment that is held and reports those that are wrong.</summary>
    internal void ReportUnreadable(Segment segment) => _loader.ReportUnreadable(segment, "the segment is damaged");

    /// <summary>Lets go of every file after a failed start.</summary>
    internal void Close()
    {
        foreach (Segment segment in _state.Segments)
        {
            segment.File?.Dispose();
        }

        _files.CloseSpare(delete: false);
    }

    /// <summary>Puts broken sidecars aside, before they are written anew.</summary>
    internal void PutAsideSidecars()
    {
        foreach (string name in _loader.Damaged)
        {
            _files.PutAside(name);
        }
    }

    /// <summary>Deletes what the checkpoint that has just become durable makes superfluous.</summary>
    internal void DeleteObsolete()
    {
        foreach (string name in _putAside)
        {
            _files.PutAside(name);
        }

        // The sidecar first: one without its segment tells of a segment that is gone.
        foreach (string name in _obsolete.OrderByDescending(static n => n.EndsWith(".idx", StringComparison.Ordinal)))
        {
            if (!_putAside.Contains(name))
            {
                _files.Delete(name);
            }
        }

        if (_obsolete.Count > 0 || _putAside.Count > 0)
        {
            _disk.SyncDirectory(_directory);
        }
    }

    private static bool TryNumber(string name, string prefix, string suffix, out ulong number)
    {
        number = 0;
        return name.Length == prefix.Length + 16 + suffix.Length
            && name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal)
            && ulong.TryParse(name.AsSpan(prefix.Length, 16), System.Globalization.NumberStyles.AllowHexSpecifier, null, out number);
    }

    private void ReadNames(IReadOnlyList<string> names)
    {
        var checkpoints = new List<(ulong Sequence, string Name)>();
        foreach (string name in names)
        {
            if (TryNumber(name, "seg-", ".log", out ulong number))
            {
                _found.Add(number, ReadHeader(name, number));
            }
            else if (TryNumber(name, "seg-", ".idx", out number))
            {
                _sidecars.Add(number);
            }
            else if (TryNumber(name, "ckpt-", string.Empty, out number) || TryNumber(name, "ckpt-", ".copy", out number))
            {
                checkpoints.Add((number, name));
                _lastSequence = Math.Max(_lastSequence, number);
            }
            else if (name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                _obsolete.Add(name);
            }
        }

        checkpoints.Sort(static (a, b) => b.Sequence.CompareTo(a.Sequence));
        byte[] buffer = [];
        foreach ((ulong sequence, string name) in checkpoints)
        {
            var read = CheckpointFile.TryRead(_files.ReadAll(name, ref buffer).Span, _identity);
            if (read is null || read.Sequence != sequence)
            {
                _state.Report(DamageKind.Repaired, name, 0, 0, 0, "the checkpoint cannot be read; its copy or an older one is used");
                _putAside.Add(name);
            }
            else
            {
                _checkpoint ??= read;
            }

            _obsolete.Add(name);
        }

        _checkpointLost = _checkpoint is null;
    }

    private SegmentHeader? ReadHeader(string name, ulong number)
    {
        byte[] bytes = new byte[SegmentHeader.Size];
        using IBlockFile file = _disk.Open(_files.PathOf(name), BlockFileMode.OpenRead);
        int read = file.Read(0, bytes);
        if (!SegmentHeader.TryRead(bytes.AsSpan(0, read), out SegmentHeader header))
        {
            return null;
        }

        if (header.MajorVersion > SegmentHeader.Major)
        {
            throw new NewerFormatException($"'{name}' has format {header.MajorVersion}; this version reads up to {SegmentHeader.Major}");
        }

        if (header.ClusterUuid != _options.ClusterUuid || header.ShardId != _options.ShardId || header.Number != number)
        {
            throw new ForeignFileException(
                $"'{name}' is segment {header.Number} of shard {header.ShardId} in cluster {header.ClusterUuid}, not {number} of shard {_options.ShardId} in {_options.ClusterUuid}");
        }

        return header;
    }

    private void LoadListed(CheckpointFile checkpoint)
    {
        ulong previousLast = 0;
        foreach (CheckpointSegment listed in checkpoint.Segments)
        {
            string name = Segment.NameOf(listed.Number, ".log");
            _used.Add(listed.Number);
            if (listed.FirstLsn <= previousLast && listed.FirstLsn != 0)
            {
                throw new StorageException("the checkpoint names segments whose LSNs overlap");
            }

            previousLast = listed.LastLsn;
            if (!_found.TryGetValue(listed.Number, out SegmentHeader? header))
            {
                ReportGone(checkpoint, listed, name);
                continue;
            }

            if (header is null)
            {
                _state.Report(DamageKind.Repaired, name, 0, listed.FirstLsn, listed.LastLsn, "the segment's header is broken; its records are used");
            }

            var segment = new Segment
            {
                Number = listed.Number,
                IsClosed = true,
                IsCompacted = listed.IsCompacted,
                FirstLsn = listed.IsCompacted ? listed.FirstLsn : 0,
                LastLsn = listed.IsCompacted ? listed.LastLsn : 0,
            };
            if (!listed.IsClosed || !_loader.TryLoadSidecar(segment, listed))
            {
                using SegmentWindow window = _loader.OpenWindow(name);
                if (listed.IsClosed)
                {
                    window.CutAt(listed.End);
                }

                int before = _state.Damage.Count;
                _loader.Scan(segment, window, listed, listed.FirstLsn);
                CheckTail(segment, header, window, listed, before);
            }
            else if (header is null || LengthOf(name) < listed.End)
            {
                segment.File = _disk.Open(_files.PathOf(name), BlockFileMode.OpenRead);
                _loader.ReportUnreadable(segment, header is null ? "the segment's header is broken" : $"the file ends before byte {listed.End}");
            }

            Adopt(segment, name);
        }
    }

    // Segments that no checkpoint names: written after it, or left over from before it.
    private void LoadTail()
    {
        bool cut = false;
        List<ulong> covered = CompleteCopies();
        foreach ((ulong number, SegmentHeader? header) in InLsnOrder())
        {
            string name = Segment.NameOf(number, ".log");
            if (_used.Contains(number))
            {
                continue;
            }

            bool isLog = !_missing.Contains(number) && (covered.Contains(number) || IsLogSegment(number, header));
            if (header is null && !isLog && TryRestoreWhole(number, name))
            {
                continue;
            }

            _obsolete.Add(name);
            _obsolete.Add(Segment.NameOf(number, ".idx"));
            if (cut || !isLog)
            {
                PutAsideUnlessKnown(number, header, name);
                continue;
            }

            var segment = new Segment { Number = number, IsClosed = true };
            if (header is { IsCompacted: true } copy)
            {
                segment.IsCompacted = true;
                segment.FirstLsn = copy.FirstLsn;
                segment.LastLsn = copy.LastLsn;
            }

            using SegmentWindow window = _loader.OpenWindow(name);
            ulong expected = segment.IsCompacted ? segment.FirstLsn : FirstExpected(window, number);
            if (header is null)
            {
                _state.Report(DamageKind.Repaired, name, 0, 0, 0, "the segment's header is broken; its records are used");
            }

            int before = _state.Damage.Count;
            cut = !_loader.Scan(segment, window, covered: null, expected) && !segment.IsCompacted;
            cut &= !CheckTail(segment, header, window, listed: null, before);
            if (segment.Index.Count > 0)
            {
                _obsolete.Remove(name);
                _obsolete.Remove(Segment.NameOf(number, ".idx"));
                Adopt(segment, name);
            }
        }
    }

    private long LengthOf(string name)
    {
        using IBlockFile file = _disk.Open(_files.PathOf(name), BlockFileMode.OpenRead);
        return file.Length;
    }

    // Numbers grow with LSNs, except for copies, which count only without a checkpoint.
    private IEnumerable<KeyValuePair<ulong, SegmentHeader?>> InLsnOrder()
    {
        IEnumerable<KeyValuePair<ulong, SegmentHeader?>> all = _missing.Count == 0
            ? _found
            : _found.Concat(_missing.Select(static n => KeyValuePair.Create(n, (SegmentHeader?)null))).OrderBy(static s => s.Key).ToList();
        if (!_checkpointLost)
        {
            return all;
        }

        ulong FirstLsn(KeyValuePair<ulong, SegmentHeader?> segment) =>
            segment.Value is { IsCompacted: true } copy ? copy.FirstLsn
            : segment.Value is null && KnowsLater(segment.Key) ? _loader.ReadSidecar(segment.Key)!.FirstLsn
            : FirstBatch(segment.Key);
        return all
            .OrderBy(FirstLsn)
            .ThenBy(static segment => segment.Value is { IsCompacted: true } ? 0 : 1)
            .ThenBy(static segment => segment.Key)
            .ToList();
    }

    // Only without a checkpoint: finished copies stand for the segments they were made from, and come first.
    private List<ulong> CompleteCopies()
    {
        var copies = new List<ulong>();
        if (!_checkpointLost)
        {
            return copies;
        }

        foreach ((ulong number, SegmentHeader? header) in _found)
        {
            if (header is { IsCompacted: true })
            {
                copies.Add(number);
            }
        }

        return copies;
    }

    // With a checkpoint the LSNs go on after it. Without one the oldest segments may be gone for good reasons.
    private ulong FirstExpected(SegmentWindow window, ulong number)
    {
        if (!_checkpointLost || _state.Segments.Count > 0)
        {
            return _state.LastLsn + 1;
        }

        return Math.Max(1, FirstBatch(window, number));
    }

    private ulong LaterBatch(ulong number)
    {
        foreach ((ulong other, SegmentHeader? header) in _found)
        {
            if (other > number && !_used.Contains(other) && IsLogSegment(other, header)
                && FirstBatch(other) is > 0 and ulong first)
            {
                return first;
            }
        }

        return 0;
    }

    // Not left over from before the checkpoint, no copy by compaction, finished or not, and no file without a batch.
    private bool IsLogSegment(ulong number, SegmentHeader? header)
    {
        if (number < (_checkpoint?.TailNumber ?? 0))
        {
            return false;
        }

        if (header is { } known)
        {
            return !known.IsCompacted;
        }

        using SegmentWindow window = _loader.OpenWindow(Segment.NameOf(number, ".log"));
        return TryFirstBatch(window, number, out BatchHeader batch) && (batch.Flags & BatchHeader.CompactedFlag) == 0;
    }

    private ulong FirstBatch(ulong number)
    {
        using SegmentWindow window = _loader.OpenWindow(Segment.NameOf(number, ".log"));
        return FirstBatch(window, number);
    }

    private ulong FirstBatch(SegmentWindow window, ulong number) =>
        TryFirstBatch(window, number, out BatchHeader header) ? header.BaseLsn : 0;

    private bool TryFirstBatch(SegmentWindow window, ulong number, out BatchHeader header)
    {
        header = default;
        uint seed = _identity.SegmentSeed(number);
        long first = window.FindBatch(SegmentHeader.Size, seed);
        return first >= 0 && BatchHeader.TryRead(window.Slice(first, BatchHeader.Size), seed, out header);
    }

    private void Adopt(Segment segment, string name)
    {
        segment.File ??= _disk.Open(_files.PathOf(name), _isReadOnly ? BlockFileMode.OpenRead : BlockFileMode.Open);
        segment.Allocated = segment.File.Length;
        segment.CommittedEnd = segment.PlannedEnd;
        if (segment.Index.Count == 0)
        {
            segment.File.Dispose();
            if (_state.Damage.Exists(d => d.File == name && d.Kind is not DamageKind.TornTail))
            {
                _putAside.Add(name);
            }

            _obsolete.Add(name);
            _obsolete.Add(Segment.NameOf(segment.Number, ".idx"));
            return;
        }

        _state.Segments.Add(segment);
    }

    // The log never goes on in an old file. The last batch moves along unless it is known to be on the disk: after a
    // failed sync the system's cache may show bytes that the disk does not have.
    internal void StartSegment()
    {
        var active = new Segment();
        PrepareFirst();
        _files.TakeSpare(active);
        if (_state.LastBatch is { } last && _state.LastLsn > _state.DurableLsn && last.Segment.Index.LastLsn == _state.LastLsn)
        {
            byte[] batch = ReadAgain(last.Segment, last.Offset, last.Length, out BatchHeader header);
            active.ChainCrc = (header with { PreviousCrc = 0, Flags = BatchHeader.CopiedFlag })
                .Write(batch, _identity.SegmentSeed(active.Number));
            if (active.PlannedEnd + batch.Length > active.Allocated)
            {
                active.File!.Allocate(active.Allocated, active.PlannedEnd + batch.Length - active.Allocated);
                active.Allocated = active.PlannedEnd + batch.Length;
            }

            active.File!.Write(active.PlannedEnd, batch);
            active.File.DataSync();
            last.Segment.Index.MoveTail(last.FirstRecord, active.Index, active.PlannedEnd - last.Offset);
            last.Segment.PlannedEnd = last.Offset;
            last.Segment.CommittedEnd = last.Offset;
            active.PlannedEnd += batch.Length;
            if (last.Segment.Index.Count == 0)
            {
                _state.Segments.Replace(_state.Segments.IndexOf(last.Segment), 1, null);
                last.Segment.Release();
                _obsolete.Add(last.Segment.FileName);
            }
        }

        active.CommittedEnd = active.PlannedEnd;
        _state.Segments.Add(active);
    }

    private byte[] ReadAgain(Segment segment, long offset, int length, out BatchHeader header)
    {
        byte[] batch = GC.AllocateUninitializedArray<byte>(length);
        int read = segment.File!.Read(offset, batch);
        return SegmentScanner.Check(batch.AsSpan(0, read), 0, _identity.SegmentSeed(segment.Number), _identity.RecordSeed, out header) == BatchState.Whole
            ? batch
            : throw new StorageException($"'{segment.FileName}' changed while it was read");
    }

    // A start must also work on a full disk: the reserve makes room for a small segment.
    private void PrepareFirst()
    {
        try
        {
            _files.PrepareSpare();
            _files.FillSpare(firstPartOnly: true);
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            _files.GiveUpReserve();
            _files.PrepareSpare(Math.Min(_options.SegmentBytes, _options.ReserveBytes / 4));
        }
    }
}
