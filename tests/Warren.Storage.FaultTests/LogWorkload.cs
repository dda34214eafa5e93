using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Drives a log without threads by a seed, beside its model.</summary>
public sealed class LogWorkload
{
    public const string Directory = "/shard";

    private readonly Random _random;
    private readonly List<(ulong Owner, ulong Lsn)> _held = [];

    public LogWorkload(int seed, SimulatedDisk? disk = null)
    {
        _random = new Random(seed);
        Disk = disk ?? new SimulatedDisk(seed + 1);
        Options = new ShardLogOptions
        {
            ClusterUuid = Guid.Parse("5f9e2a0c-0000-4000-8000-000000000001"),
            SegmentBytes = 8 * 1024 << _random.Next(3),
            BatchBytesSoftMax = 2048,
            ReserveBytes = 32 * 1024,
            CheckpointBytes = 32 * 1024,
            CompactionSlackSegments = 1,
            RunThreads = false,
        };
    }

    public SimulatedDisk Disk { get; }

    public ShardLogOptions Options { get; set; }

    public LogModel Model { get; } = new();

    public ShardLog Log { get; private set; } = null!;

    /// <summary>Deleting owners, purging and maintenance; without them nothing is ever removed from the disk.</summary>
    public bool WithRemoval { get; set; } = true;

    /// <summary>Runs when the log says that everything up to an LSN is committed.</summary>
    public Action<ulong>? OnCommitted { get; set; }

    /// <summary>Steps until a number of them is done or the log stops.</summary>
    public void Steps(int count)
    {
        for (int i = 0; i < count && (Log.State is LogState.Open or LogState.OutOfSpace); i++)
        {
            Step();
        }
    }

    public FoundRecords Open()
    {
        var found = new FoundRecords();
        Log = ShardLog.Open(Disk, Directory, Options, TimeProvider.System, found);
        Log.Committed += lsn =>
        {
            if (!Options.RunThreads)
            {
                Model.Committed = Math.Max(Model.Committed, lsn); // else a commit may be faster than the model hears of its record
            }

            OnCommitted?.Invoke(lsn);
        };
        return found;
    }

    /// <summary>Opens after a crash and judges what is there.</summary>
    public void OpenAndJudge()
    {
        FoundRecords found = Open();
        if (Disk.HasFailed)
        {
            throw new IOException("the machine stopped while the log was opened");
        }

        Assert.DoesNotContain(Log.Damage, d => d.Kind != DamageKind.TornTail);
        Model.Judge(found.Records, Log.LastLsn);
        _held.Clear();
        _held.AddRange(Model.Held());
    }

    public void Step()
    {
        switch (_random.Next(WithRemoval ? 24 : 18))
        {
            case < 7:
                Publish();
                break;
            case < 9:
                Declare();
                break;
            case < 12:
                Release();
                break;
            case 12:
                Move();
                break;
            case 13:
                Group();
                break;
            case 14:
                Annotate();
                break;
            case < 17:
                Log.CommitOnce();
                break;
            case 17:
                Drain();
                break;
            case 18:
                Purge();
                break;
            case 19:
                DeleteOwner();
                break;
            case 20:
                Log.Writer.MarkOnce();
                break;
            case 21:
                Log.Checkpoint();
                break;
            default:
                Log.MaintainOnce();
                break;
        }
    }

    /// <summary>Commits everything and notes that it is durable.</summary>
    public void Drain()
    {
        while (Log.CommitOnce())
        {
        }

        if (Log.State is LogState.Open or LogState.OutOfSpace && Log.CommittedLsn == Log.LastLsn && !Log.Memory.HasWork)
        {
            Model.AllDurable();
        }
    }

    /// <summary>Clears everything that deleted owners and purges have given back.</summary>
    public void Sweep()
    {
        while (Log.Memory.SweepSlice())
        {
        }
    }

    public ulong Publish()
    {
        byte[] body = Payload();
        ulong[] owners = Owners();
        ulong lsn = Log.Append(new RecordDraft
        {
            Type = RecordType.Publish,
            TagA = 1,
            TagB = 2,
            Head = body.AsSpan(0, body.Length / 3),
            Body = body.AsSpan(body.Length / 3),
            Owners = owners,
        });
        Note(lsn, RecordType.Publish, 0, body, owners);
        return lsn;
    }

    public void CheckEverything()
    {
        using RecordReader reader = Log.OpenReader();
        foreach ((ulong _, ulong lsn) in Model.Held())
        {
            if (lsn > Log.CommittedLsn)
            {
                continue;
            }

            byte[] expected = Model.Records[lsn].Payload;
            byte[] bytes = new byte[expected.Length];
            Assert.Equal(expected.Length, reader.PayloadLength(lsn));
            Assert.Equal(RecordReadResult.Ok, reader.TryRead(lsn, bytes));
            Assert.Equal(expected, bytes);
        }
    }

    private void Note(ulong lsn, RecordType type, byte flags, byte[] body, ulong[] owners)
    {
        if (lsn == 0)
        {
            return;
        }

        Model.Append(lsn, type, flags, body, owners);
        foreach (ulong owner in owners)
        {
            _held.Add((owner == ShardLog.Self ? lsn : owner, lsn));
        }
    }

    private byte[] Payload()
    {
        byte[] bytes = new byte[_random.Next(10) == 0 ? _random.Next(5000) : _random.Next(300)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private ulong[] Owners()
    {
        var owners = new HashSet<ulong>();
        int count = _random.Next(10) == 0 ? _random.Next(200) : _random.Next(4);
        for (int i = 0; i < count; i++)
        {
            owners.Add(1_000_000_000UL + (ulong)_random.Next(_random.Next(2) == 0 ? 6 : 300));
        }

        return [.. owners];
    }

    public void Declare()
    {
        byte[] body = Payload();
        ulong[] owners = [ShardLog.Self];
        ulong lsn = Log.Append(new RecordDraft
        {
            Type = RecordType.QueueDeclare,
            Flags = RecordDraft.KeepOnPurge,
            Body = body,
            Owners = owners,
        });
        Note(lsn, RecordType.QueueDeclare, RecordDraft.KeepOnPurge, body, owners);
    }

    private bool TryPick(out ulong owner, out ulong lsn)
    {
        (owner, lsn) = (0, 0);
        if (_held.Count == 0)
        {
            return false;
        }

        int position = _random.Next(3) == 0 ? _random.Next(_held.Count) : Math.Min(_held.Count - 1, _random.Next(5));
        (owner, lsn) = _held[position];
        _held.RemoveAt(position);
        return true;
    }

    public void Release()
    {
        for (int i = _random.Next(12); i >= 0 && TryPick(out ulong owner, out ulong lsn); i--)
        {
            Model.Release(owner, lsn, 0);
            Log.Release(owner, lsn);
        }
    }

    public void Move()
    {
        if (!TryPick(out ulong owner, out ulong from))
        {
            return;
        }

        byte[] body = Payload();
        ulong[] owners = Owners();
        RecordReference[] releases = [new RecordReference(owner, from)];
        bool wasHeld = Model.IsHeld(owner, from);
        ulong lsn = Log.Append(new RecordDraft { Type = RecordType.Move, Body = body, Owners = owners, Releases = releases });
        Note(lsn, RecordType.Move, 0, body, owners);
        if (lsn != 0 && wasHeld)
        {
            Model.Release(owner, from, lsn);
        }
    }

    public void Group()
    {
        ulong first = 0;
        ulong last = 0;
        var notes = new List<Action>();
        using (LogGroup group = Log.BeginGroup())
        {
            for (int i = _random.Next(1, 6); i > 0; i--)
            {
                byte[] body = Payload();
                ulong[] owners = Owners();
                ulong lsn = group.Append(new RecordDraft { Type = RecordType.Publish, Body = body, Owners = owners });
                if (lsn == 0)
                {
                    Assert.False(group.Complete());
                    return;
                }

                notes.Add(() => Note(lsn, RecordType.Publish, 0, body, owners));
                first = first == 0 ? lsn : first;
                last = lsn;
            }

            if (last != 0 && TryPick(out ulong owner, out ulong given))
            {
                group.Release(owner, given);
                notes.Add(() => Model.Release(owner, given, last));
            }

            bool abort = _random.Next(3) == 0;
            if (abort || !group.Complete())
            {
                _held.Clear();
                _held.AddRange(Model.Held());
                return;
            }
        }

        notes.ForEach(n => n());
        if (last != 0)
        {
            Model.Group(first, last);
        }
    }

    public void Annotate()
    {
        if (_held.Count > 0)
        {
            (ulong owner, ulong lsn) = _held[_random.Next(_held.Count)];
            uint value = (uint)_random.Next(1, 100);
            Model.Annotate(owner, lsn, value);
            Log.Annotate(owner, lsn, value);
        }
    }

    public void Purge()
    {
        if (_held.Count > 0)
        {
            (ulong owner, ulong lsn) = _held[_random.Next(_held.Count)];
            Model.Purge(owner, lsn);
            Log.Purge(owner, lsn);
        }
    }

    public void DeleteOwner()
    {
        if (_held.Count > 0 && _random.Next(3) == 0)
        {
            ulong owner = _held[_random.Next(_held.Count)].Owner;
            if (!Log.DeleteOwner(owner).IsRefused)
            {
                Model.DeleteOwner(owner);
            }
        }
    }
}
