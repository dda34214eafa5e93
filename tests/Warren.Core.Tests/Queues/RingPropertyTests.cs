using FsCheck;
using FsCheck.Fluent;
using Warren.Core.Queues;
using Xunit;

namespace Warren.Core.Tests.Queues;

/// <summary>The rings of a queue against sorted lists: what is where, in which order, whatever comes back or goes.</summary>
public sealed class RingPropertyTests
{
    private enum Step
    {
        Add,
        AddMany,
        AddUnacked,
        HandOut,
        Return,
        RemoveUnacked,
        RemoveReady,
        RemoveMany,
        Drain,
        Visit,
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void They_do_what_sorted_lists_do(int maxPriority)
    {
        Gen<(Step, int)[]> steps =
            from many in Gen.Choose(1, 300)
            from all in Gen.Frequency(
                (10, Gen.Constant(Step.Add)),
                (3, Gen.Constant(Step.AddMany)),
                (4, Gen.Constant(Step.AddUnacked)),
                (12, Gen.Constant(Step.HandOut)),
                (6, Gen.Constant(Step.Return)),
                (8, Gen.Constant(Step.RemoveUnacked)),
                (3, Gen.Constant(Step.RemoveReady)),
                (1, Gen.Constant(Step.RemoveMany)),
                (1, Gen.Constant(Step.Drain)),
                (2, Gen.Constant(Step.Visit))).Zip(Gen.Choose(0, int.MaxValue - 1)).ArrayOf(many)
            select all;

        Prop.ForAll(steps.ToArbitrary(), all => new Model(maxPriority).Check(all))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private sealed class Model(int maxPriority)
    {
        private readonly PriorityRings _rings = new(maxPriority);
        private readonly SortedSet<(int Level, long Id)> _ready = new(
            Comparer<(int Level, long Id)>.Create(static (a, b) =>
                a.Level != b.Level ? b.Level.CompareTo(a.Level) : a.Id.CompareTo(b.Id)));
        private readonly SortedDictionary<long, ulong> _all = []; // by id: the mark of the entry
        private readonly List<long> _unacked = [];
        private ulong _mark;

        public void Check((Step Step, int Choice)[] steps)
        {
            foreach ((Step step, int choice) in steps)
            {
                Take(step, choice);
                Assert.Equal(_ready.Count, _rings.ReadyCount);
                Assert.Equal(_ready.Count > 0, _rings.TryPeek(out long id));
                Assert.Equal(_ready.Count > 0 ? _ready.Min.Id : -1, id);
            }

            CheckAll();
        }

        private void Take(Step step, int choice)
        {
            switch (step)
            {
                case Step.Add:
                    Add(choice);
                    break;
                case Step.AddMany:
                    for (int i = 0; i < 1 + (choice % 700); i++)
                    {
                        Add(choice);
                    }

                    break;
                case Step.AddUnacked when _ready.Count == 0:
                    int priority = choice % (maxPriority + 2);
                    long expected = _rings.NextId(priority);
                    long added = _rings.AddUnacked(priority, Entry(EntryState.Unacked));
                    Assert.Equal(expected, added);
                    _all.Add(added, _mark);
                    _unacked.Add(added);
                    break;
                case Step.HandOut:
                    for (int i = 0; i < 1 + (choice % 50) && _rings.TryPeek(out long next); i++)
                    {
                        _rings.MarkUnacked(next);
                        Assert.True(_ready.Remove((PriorityRings.LevelOf(next), next)));
                        _unacked.Add(next);
                    }

                    break;
                case Step.Return when _unacked.Count > 0:
                    long returned = TakeUnacked(choice);
                    _rings.MarkReturned(returned);
                    _ready.Add((PriorityRings.LevelOf(returned), returned));
                    break;
                case Step.RemoveUnacked when _unacked.Count > 0:
                    Remove(TakeUnacked(choice));
                    break;
                case Step.RemoveReady when _ready.Count > 0:
                    RemoveReady(_ready.ElementAt(choice % _ready.Count));
                    break;
                case Step.RemoveMany:
                    foreach ((int, long) one in _ready.Where((_, i) => (i + choice) % 3 != 0).ToList())
                    {
                        RemoveReady(one);
                    }

                    break;
                case Step.Drain:
                    while (_rings.TryPeek(out long head))
                    {
                        RemoveReady((PriorityRings.LevelOf(head), head));
                    }

                    break;
                case Step.Visit:
                    CheckAll();
                    break;
                default:
                    break;
            }
        }

        private void Add(int choice)
        {
            int priority = choice % (maxPriority + 2); // one above the highest, too
            long expected = _rings.NextId(priority);
            long id = _rings.Add(priority, Entry(EntryState.Ready));
            Assert.Equal(expected, id);
            _all.Add(id, _mark);
            _ready.Add((PriorityRings.LevelOf(id), id));
        }

        private QueueEntry Entry(EntryState state) => new() { State = state, Locator = ++_mark };

        private long TakeUnacked(int choice)
        {
            int at = choice % _unacked.Count;
            long id = _unacked[at];
            _unacked.RemoveAt(at);
            return id;
        }

        private void RemoveReady((int Level, long Id) one)
        {
            _ready.Remove(one);
            Remove(one.Id);
        }

        private void Remove(long id)
        {
            Assert.True(_rings.Contains(id));
            Assert.Equal(_all[id], _rings[id].Locator);
            _rings.Remove(id);
            Assert.False(_rings.Contains(id));
            _all.Remove(id);
        }

        private void CheckAll()
        {
            var seen = new List<long>();
            _rings.VisitAll((long id, ref QueueEntry entry) =>
            {
                Assert.Equal(_all[id], entry.Locator);
                Assert.Equal(_ready.Contains((PriorityRings.LevelOf(id), id)) ? EntryState.Ready : EntryState.Unacked, entry.State);
                seen.Add(id);
                return true;
            });
            Assert.Equal(_all.Keys.OrderByDescending(PriorityRings.LevelOf).ThenBy(static id => id), seen);
            if (_rings.TryPeekLowest(out long lowest))
            {
                Assert.Equal(_ready.Min(static one => one.Level), PriorityRings.LevelOf(lowest));
            }
        }
    }
}
