using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Applies what was given back after the checkpoint. Every step may be applied twice with the same result.</summary>
internal static class ControlReplay
{
    internal static void Apply(RecoveredState state)
    {
        ApplySweeps(state);
        state.Controls.Sort(static (a, b) => a.Lsn.CompareTo(b.Lsn));
        foreach (ControlRecord control in state.Controls)
        {
            foreach (RecordReference reference in control.Releases)
            {
                Clear(state, reference.Owner, reference.Lsn);
            }

            switch (control.Type)
            {
                case RecordType.Release:
                    ApplyReleases(state, control);
                    break;
                case RecordType.Annotate:
                    AnnotationCodec.TryRead(control.Payload, (owner, lsn, value) => Annotate(state, owner, lsn, value));
                    break;
                case RecordType.Purge:
                    ReferenceSweep.Clear(
                        state.Segments, state.Owners, control.TagA, Math.Min(control.TagB, control.Lsn), control.Lsn, keepMarked: true);
                    break;
                case RecordType.OwnerDelete:
                    ReferenceSweep.Clear(state.Segments, state.Owners, control.TagA, control.Lsn, control.Lsn, keepMarked: false);
                    break;
                default:
                    break;
            }
        }
    }

    private static void ApplySweeps(RecoveredState state)
    {
        var sweeps = new OwnerSweeps();
        foreach (PendingSweep sweep in state.Sweeps)
        {
            if (state.Owners.TryFind(sweep.Owner, out uint number))
            {
                sweeps.Add(number, sweep.Owner, state.Owners[number].FirstLsn, sweep.UpToLsn, sweep.KeepMarked);
            }
        }

        while (sweeps.Any)
        {
            sweeps.RunSlice(state.Segments, state.Owners, ulong.MaxValue);
        }
    }

    private static void ApplyReleases(RecoveredState state, ControlRecord control) =>
        ReleaseCodec.TryRead(control.Payload, (owner, first, run) =>
        {
            // A record can give back only what came before it, which also bounds the run.
            ulong end = Math.Min(control.Lsn, unchecked(first + run));
            for (ulong lsn = first; lsn < end; lsn++)
            {
                Clear(state, owner, lsn);
            }
        });

    private static void Clear(RecoveredState state, ulong owner, ulong lsn)
    {
        if (TryFind(state, owner, lsn, out Segment? segment, out int record, out int reference, out uint number))
        {
            segment.Index.Clear(record, reference);
            state.Owners.Drop(number, ulong.MaxValue);
        }
    }

    private static void Annotate(RecoveredState state, ulong owner, ulong lsn, uint value)
    {
        if (TryFind(state, owner, lsn, out Segment? segment, out _, out int reference, out _))
        {
            segment.Index.Annotate(reference, value);
        }
    }

    private static bool TryFind(
        RecoveredState state, ulong owner, ulong lsn, out Segment segment, out int record, out int reference, out uint number)
    {
        record = -1;
        reference = -1;
        segment = null!;
        number = 0;
        if (state.Segments.Count == 0 || !state.Owners.TryFind(owner, out number)
            || !state.Segments.TryFind(lsn, out segment))
        {
            return false;
        }

        record = segment.Index.Find(lsn);
        reference = record < 0 ? -1 : segment.Index.FindReference(record, number);
        return reference >= 0;
    }
}
