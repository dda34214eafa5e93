using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>The table of owners against a list of references.</summary>
public sealed class OwnerTableTests
{
    [Fact]
    public void The_table_knows_of_every_owner_what_a_list_of_references_says() => Operations.Check(6, 400, Run);

    [Fact]
    public void Numbers_that_were_freed_while_the_log_was_read_are_used_again()
    {
        var table = new OwnerTable();
        uint number = table.Retain(id: 1, lsn: 5);
        table.Drop(number, ulong.MaxValue);
        table.EndRecovery(lastLsn: 9);

        table.SealedThroughLsn = 8;
        Assert.NotEqual(number, table.Retain(id: 2, lsn: 10));
        table.SealedThroughLsn = 9;
        Assert.Equal(number, table.Retain(id: 3, lsn: 11));
    }

    private static void Run(IReadOnlyList<Operation> operations)
    {
        var table = new OwnerTable();
        var references = new List<(uint Number, ulong Id)>();
        var deleted = new HashSet<uint>();
        var freed = new Dictionary<uint, ulong>();
        ulong lsn = 1;
        foreach (Operation operation in operations)
        {
            switch (operation.Kind)
            {
                case < 3:
                    ulong id = 1 + (ulong)(operation.A % 12);
                    bool known = table.TryFind(id, out uint before);
                    uint number = table.Retain(id, ++lsn);
                    Assert.True(!known || number == before);
                    Assert.DoesNotContain(references, r => r.Number == number && (r.Id != id || deleted.Contains(number)));
                    if (freed.Remove(number, out ulong freedAt))
                    {
                        Assert.True(freedAt <= table.SealedThroughLsn, "a number is used again while a sidecar may need it");
                        deleted.Remove(number);
                    }

                    references.Add((number, id));
                    break;
                case 3 when references.Count > 0:
                    int dropped = operation.A % references.Count;
                    uint of = references[dropped].Number;
                    references.RemoveAt(dropped);
                    table.Drop(of, lsn);
                    if (!references.Exists(r => r.Number == of))
                    {
                        freed[of] = lsn;
                    }

                    break;
                case 4 when table.TryFind(1 + (ulong)(operation.A % 12), out uint gone):
                    table.Delete(gone);
                    deleted.Add(gone);
                    break;
                default:
                    table.SealedThroughLsn = Math.Max(table.SealedThroughLsn, lsn - (ulong)Math.Min((int)lsn, operation.B % 5));
                    break;
            }

            Check(table, references, deleted);
        }
    }

    private static void Check(OwnerTable table, List<(uint Number, ulong Id)> references, HashSet<uint> deleted)
    {
        var live = references.Where(r => !deleted.Contains(r.Number)).ToList();
        Assert.Equal(live.Select(r => r.Id).Distinct().Count(), table.Count);
        Assert.Equal(references.Count - live.Count, table.DeletedReferences);
        for (ulong id = 1; id <= 12; id++)
        {
            Assert.Equal(live.Exists(r => r.Id == id), table.TryFind(id, out uint number));
            Assert.True(!live.Exists(r => r.Id == id) || live.Find(r => r.Id == id).Number == number);
        }

        foreach (IGrouping<uint, (uint Number, ulong Id)> owner in references.GroupBy(r => r.Number))
        {
            Assert.Equal(owner.Count(), table[owner.Key].Live);
            Assert.All(owner, r => Assert.Equal(table[owner.Key].Id, r.Id));
        }
    }
}
