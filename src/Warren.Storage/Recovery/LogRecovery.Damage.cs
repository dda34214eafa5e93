using Warren.Storage.Directories;
using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>The part that judges what is not as it should be: files that are gone, cut, zeroed or something else by now.</summary>
internal sealed partial class LogRecovery
{
    // A file that a checkpoint names, and that is not there, or is something else by now.
    private void ReportGone(CheckpointFile checkpoint, CheckpointSegment listed, string name)
    {
        var segment = new Segment
        {
            Number = listed.Number,
            IsClosed = true,
            IsCompacted = listed.IsCompacted,
            FirstLsn = listed.IsCompacted ? listed.FirstLsn : 0,
            LastLsn = listed.IsCompacted ? listed.LastLsn : 0,
            File = new MissingFile(),
        };
        bool mayHoldMore = !listed.IsClosed && !checkpoint.IsClean;
        if (listed.Live == 0 && !mayHoldMore)
        {
            _state.Report(DamageKind.Repaired, name, 0, listed.FirstLsn, listed.LastLsn, "the segment's file is gone; nobody held anything of it");
            return;
        }

        ulong first = listed.FirstLsn == 0 ? checkpoint.Lsn + 1 : listed.FirstLsn;
        if (!_loader.TryRestore(segment, listed))
        {
            Lose(new DamageReport(
                DamageKind.LostRecords,
                name,
                0,
                first,
                mayHoldMore ? 0 : listed.LastLsn,
                mayHoldMore ? "the segment's file is gone, and with it what was written since the last checkpoint" : "the segment's file is gone")
            {
                Records = listed.Live,
            });
            return;
        }

        _loader.ReportUnreadable(segment, "the segment's file is gone");
        if (mayHoldMore)
        {
            _state.Report(DamageKind.LostRecords, name, 0, segment.LastLsn + 1, 0, "what was written to the segment since the last checkpoint is gone");
        }

        Adopt(segment, name);
    }

    // Segments that no checkpoint names, of which only the sidecar is left. Compacted ones may have been deleted properly.
    private void FindMissing()
    {
        foreach (ulong number in _sidecars)
        {
            if (_found.ContainsKey(number) || (_checkpoint?.Segments.Exists(s => s.Number == number) ?? false))
            {
                continue;
            }

            if (KnowsLater(number))
            {
                _missing.Add(number);
            }
            else
            {
                _obsolete.Add(Segment.NameOf(number, ".idx"));
            }
        }
    }

    // The checkpoint does not list a tail without records, but says that it had a file.
    private void CheckTailFile()
    {
        if (MustHoldTail(_checkpoint?.TailNumber ?? 0) && !_found.ContainsKey(_checkpoint!.TailNumber) && !_missing.Contains(_checkpoint.TailNumber))
        {
            Lose(new DamageReport(
                DamageKind.LostRecords, Segment.NameOf(_checkpoint.TailNumber, ".log"), 0, _checkpoint.Lsn + 1, 0,
                "the segment's file is gone, and with it what was written since the last checkpoint"));
        }
    }

    private bool MustHoldTail(ulong number) =>
        _checkpoint is { IsClean: false, HasTailFile: true } && _checkpoint.TailNumber == number && !_used.Contains(number);

    // There is a sidecar of a segment that no checkpoint covers, and that nobody can have deleted properly.
    private bool KnowsLater(ulong number) =>
        _sidecars.Contains(number) && number >= (_checkpoint?.TailNumber ?? 0)
        && _loader.ReadSidecar(number) is { IsCompacted: false, Count: > 0 } sidecar && sidecar.FirstLsn > _state.CheckpointLsn;

    // A segment that no checkpoint names and of which its own file tells nothing any more.
    private bool TryRestoreWhole(ulong number, string name)
    {
        if (!KnowsLater(number))
        {
            return false;
        }

        bool isGone = _missing.Contains(number);
        var segment = new Segment { Number = number, IsClosed = true };
        segment.File = isGone ? new MissingFile() : _disk.Open(_files.PathOf(name), BlockFileMode.OpenRead);
        if (!_loader.TryRestore(segment, covered: null))
        {
            segment.File.Dispose();
            return false;
        }

        _loader.ReportUnreadable(segment, isGone ? "the segment's file is gone" : "the segment's header is broken");
        _state.Report(
            DamageKind.ReleasesForgotten, name, 0, segment.FirstLsn, segment.LastLsn, "what was given back in this segment may be delivered again");
        Adopt(segment, name);
        return true;
    }

    // What the cheap look at a segment that was open tells: damage in it, and whether its sidecar knows better.
    private bool CheckTail(Segment segment, SegmentHeader? header, SegmentWindow window, CheckpointSegment? listed, int damageBefore)
    {
        string name = segment.FileName;
        bool isShort = header is { Allocated: > 0 } made && window.FileLength < made.Allocated
            && !_sidecars.Contains(segment.Number) && (segment.PlannedEnd < window.FileLength || !HasLaterFile(segment.Number));
        if (isShort)
        {
            Lose(new DamageReport(
                DamageKind.LostRecords, name, window.FileLength, Math.Max(segment.LastLsn, _state.CheckpointLsn) + 1, 0,
                $"the file has {window.FileLength} of its {header!.Value.Allocated} bytes: it was cut, and what followed is gone"));
        }

        if (header is null && listed is { IsClosed: false } && segment.Index.Count == 0)
        {
            Lose(new DamageReport(
                DamageKind.LostRecords, name, 0, Math.Max(listed.FirstLsn, 1), 0, "the segment's bytes are wrong from its header on, and nothing of it can be read"));
            _putAside.Add(name);
        }

        bool isDamaged = KnowsLater(segment.Number) && _loader.ReadSidecar(segment.Number)!.LastLsn > segment.Index.LastLsn;
        for (int i = damageBefore; i < _state.Damage.Count; i++)
        {
            isDamaged |= _state.Damage[i].Kind is DamageKind.LostRecords or DamageKind.DamagedRecord;
        }

        if (!isDamaged || !_loader.TryRestore(segment, listed))
        {
            return false;
        }

        _state.Damage.RemoveRange(damageBefore, _state.Damage.Count - damageBefore);
        _gone = _state.Damage.Contains(_gone!) ? _gone : null;
        segment.File = _disk.Open(_files.PathOf(name), BlockFileMode.OpenRead);
        _loader.ReportUnreadable(segment, "the segment is damaged");
        segment.File.Dispose();
        segment.File = null;
        ReportForgotten(segment);
        return true;
    }

    // Records of returned references have no owners, so that nobody holds them and no check reads them.
    private void ReportForgotten(Segment segment)
    {
        if (_state.Damage.Exists(d => d.File == segment.FileName && d.Kind == DamageKind.DamagedRecord))
        {
            _state.Report(
                DamageKind.ReleasesForgotten, segment.FileName, 0, segment.FirstLsn, segment.LastLsn,
                "what was given back in the damaged part may be delivered again");
        }
    }

    private void Lose(DamageReport report)
    {
        _gone ??= report;
        _state.Damage.Add(report);
    }

    private bool HasLaterFile(ulong number)
    {
        foreach ((ulong other, SegmentHeader? header) in _found)
        {
            if (other > number && header is not { IsCompacted: true })
            {
                return true;
            }
        }

        return false;
    }

    // A file that is no segment any more, if it was one: never made ready, or zeroed, or garbage. Nobody can tell.
    private void PutAsideUnlessKnown(ulong number, SegmentHeader? header, string name)
    {
        // Numbers follow LSNs, so this does not happen: but if it has, the records are not thrown away without a word.
        if (number < (_checkpoint?.TailNumber ?? 0) && header is not { IsCompacted: true } && FirstBatch(number) > _state.CheckpointLsn)
        {
            _putAside.Add(name);
            _state.Report(
                DamageKind.TornTail, name, 0, FirstBatch(number), 0, "records from after the checkpoint in a file from before it: left from a start that was cut short; it is kept in quarantine/");
            return;
        }

        if (header is not null || number < (_checkpoint?.TailNumber ?? 0))
        {
            return;
        }

        using SegmentWindow window = _loader.OpenWindow(name);
        if (TryFirstBatch(window, number, out BatchHeader batch) && (batch.Flags & BatchHeader.CompactedFlag) != 0)
        {
            return; // an unfinished copy; what it was copied from is there
        }

        if (MustHoldTail(number))
        {
            _putAside.Add(name);
            Lose(new DamageReport(
                DamageKind.LostRecords, name, 0, _state.LastLsn + 1, 0, "the segment's bytes are wrong from its header on, and nothing of it can be read"));
            return;
        }

        _state.Report(
            DamageKind.TornTail, name, 0, _state.LastLsn + 1, 0, "a segment without a header: it was never finished, or its bytes are gone; it is kept in quarantine/");
        _putAside.Add(name);
    }

    // Nothing at all where there was something: whoever goes on with that has lost everything without a word.
    private void RequireSomething()
    {
        if (_options.AcceptLoss)
        {
            return;
        }

        bool anyLive = false;
        foreach (Segment segment in _state.Segments)
        {
            anyLive |= segment.Index.Count > 0;
        }

        if (!anyLive && _gone is { } lost)
        {
            throw new DataDirectoryDamagedException(
                _files.PathOf(lost.File), $"{lost.Text}, and there is nothing else; {DataDirectory.Ways(Path.GetDirectoryName(_directory)!)}");
        }

        if (_options.IsExpected && _checkpoint is null && !anyLive)
        {
            throw new DataDirectoryDamagedException(
                _directory, $"there is no checkpoint and no record of a log; {DataDirectory.Ways(Path.GetDirectoryName(_directory)!)}");
        }
    }
}
