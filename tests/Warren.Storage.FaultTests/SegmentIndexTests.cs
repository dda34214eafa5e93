using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>The index of a segment against a list of records.</summary>
public sealed class SegmentIndexTests
{
    [Fact]
    public void The_index_says_what_a_list_of_records_says() => Operations.Check(9, 400, Run);

    private static void Run(IReadOnlyList<Operation> operations)
    {
        var index = new SegmentIndex();
        var records = new List<Entry>();
        ulong lsn = 100;
        long offset = 4096;
        foreach (Operation operation in operations)
        {
            switch (operation.Kind)
            {
                case < 4:
                    lsn += operation.A % 20 == 0 ? (ulong)(1 + (operation.B % 7)) : 1;
                    var entry = new Entry(lsn, offset, operation.B, operation.A % 3 == 0);
                    for (int i = operation.A % (operation.A % 50 == 0 ? 130 : 4); i > 0; i--)
                    {
                        entry.References.Add(new Reference((uint)((operation.B + i) % 9), operation.B % 5 != 0));
                    }

                    Add(index, entry);
                    records.Add(entry);
                    offset += 8 * (1 + operation.B);
                    break;
                case 4 or 5 when records.Count > 0:
                    ClearOne(index, records, operation);
                    break;
                case 6 when records.Count > 0:
                    Annotate(index, records, operation);
                    break;
                case 7 when records.Count > 0:
                    int count = operation.A % (records.Count + 1);
                    index.Truncate(count);
                    records.RemoveRange(count, records.Count - count);
                    lsn = records.Count == 0 ? 100 : records[^1].Lsn;
                    break;
                case 8 when records.Count > 0:
                    Move(index, records, operation.A % records.Count);
                    lsn = records.Count == 0 ? 100 : records[^1].Lsn;
                    break;
                default:
                    break;
            }

            Check(index, records);
        }

        index.Seal();
        Check(index, records);
    }

    private static void Add(SegmentIndex index, Entry entry)
    {
        index.Add(entry.Lsn, entry.Offset, new SidecarRow { PayloadLength = (uint)entry.Length }, entry.Keeps);
        foreach (Reference reference in entry.References)
        {
            index.AddReference(reference.Owner, reference.IsLive);
        }

        index.RecordAdded();
    }

    private static void ClearOne(SegmentIndex index, List<Entry> records, Operation operation)
    {
        int record = operation.A % records.Count;
        uint owner = (uint)(operation.B % 9);
        int found = index.FindReference(record, owner);
        int expected = records[record].References.FindIndex(r => r.Owner == owner && r.IsLive);
        Assert.Equal(expected, found < 0 ? -1 : found - index.FirstReference(record));
        if (found >= 0)
        {
            index.Clear(record, found);
            records[record].References[expected] = new Reference(owner, false);
        }
    }

    private static void Annotate(SegmentIndex index, List<Entry> records, Operation operation)
    {
        int record = operation.A % records.Count;
        int position = records[record].References.FindIndex(r => r.IsLive);
        if (position >= 0)
        {
            index.Annotate(index.FirstReference(record) + position, (uint)operation.B);
            records[record].References[position] = records[record].References[position] with { Value = (uint)operation.B };
        }
    }

    // The last records go to the next segment, as when a group does not fit.
    private static void Move(SegmentIndex index, List<Entry> records, int from)
    {
        var target = new SegmentIndex();
        List<Entry> moved = [.. records[from..]];
        long shift = 4096 - moved[0].Offset;
        index.MoveTail(from, target, shift);
        records.RemoveRange(from, records.Count - from);
        Check(target, [.. moved.Select(m => m with { Offset = m.Offset + shift })]);
    }

    private static void Check(SegmentIndex index, List<Entry> records)
    {
        Assert.Equal(records.Count, index.Count);
        Assert.Equal(records.Sum(r => r.References.Count), index.ReferenceCount);
        Assert.Equal(records.Sum(r => r.References.Count(x => x.IsLive)), index.LiveReferences);
        Assert.Equal(records.Count(r => r.References.Exists(x => x.IsLive)), index.LiveRecords);
        Assert.Equal(index.Recount(), (index.LiveReferences, index.LiveRecords, index.LiveBytes));
        int reference = 0;
        for (int i = 0; i < records.Count; i++)
        {
            Entry entry = records[i];
            Assert.Equal(entry.Lsn, index.LsnAt(i));
            Assert.Equal(entry.Offset, index.OffsetAt(i));
            Assert.Equal(entry.Length, index.PayloadLengthAt(i));
            Assert.Equal(entry.Keeps, index.KeepsOnPurge(i));
            Assert.Equal(i, index.Find(entry.Lsn));
            Assert.Equal(i, index.FindFrom(entry.Lsn));
            Assert.Equal(reference, index.FirstReference(i));
            foreach (Reference expected in entry.References)
            {
                Assert.Equal(expected.Owner, index.Owners[reference]);
                Assert.Equal(expected.IsLive, index.IsLive(reference));
                Assert.Equal(expected.IsLive ? expected.Value : 0, index.AnnotationAt(reference));
                Assert.Equal(i, index.RecordOf(reference));
                reference++;
            }
        }

        if (records.Count > 0)
        {
            ulong last = records[^1].Lsn;
            for (ulong lsn = records[0].Lsn - 2; lsn <= last + 2; lsn++)
            {
                Assert.Equal(records.FindIndex(r => r.Lsn == lsn), index.Find(lsn));
                int from = records.FindIndex(r => r.Lsn >= lsn);
                Assert.Equal(from < 0 ? records.Count : from, index.FindFrom(lsn));
            }
        }
    }

    private sealed record Entry(ulong Lsn, long Offset, int Length, bool Keeps)
    {
        public List<Reference> References { get; init; } = [];
    }

    private readonly record struct Reference(uint Owner, bool IsLive, uint Value = 0);
}
