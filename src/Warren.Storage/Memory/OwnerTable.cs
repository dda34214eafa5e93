using System.Runtime.InteropServices;

namespace Warren.Storage.Memory;

/// <summary>Owners by number, so that a reference costs four bytes. An owner without references is forgotten.</summary>
/// <remarks>
/// Not thread-safe: the append lock. A number is used again only when every segment that may name it has its sidecar,
/// because the sidecar is written from the numbers.
/// </remarks>
internal sealed class OwnerTable
{
    private readonly Dictionary<ulong, uint> _numbers = [];
    private readonly Queue<(uint Number, ulong Lsn)> _freed = new();
    private Owner[] _owners = new Owner[64];
    private uint _used;
    private ulong _lastId;
    private uint _lastNumber;
    private bool _hasLast;

    /// <summary>Owner number of a reference that was already dead when its segment was loaded.</summary>
    internal const uint Nobody = uint.MaxValue;

    /// <summary>Segments with LSNs up to this have sidecars.</summary>
    internal ulong SealedThroughLsn { get; set; }

    /// <summary>Owners with a live reference.</summary>
    internal int Count => _numbers.Count;

    /// <summary>References of deleted owners that no sweep has cleared yet.</summary>
    internal long DeletedReferences { get; private set; }

    internal ref Owner this[uint number] => ref _owners[number];

    internal bool TryFind(ulong id, out uint number)
    {
        if (_hasLast && _lastId == id)
        {
            number = _lastNumber;
            return true;
        }

        if (!_numbers.TryGetValue(id, out number))
        {
            return false;
        }

        _hasLast = true;
        _lastId = id;
        _lastNumber = number;
        return true;
    }

    /// <summary>The number of an owner that receives a reference on <paramref name="lsn"/>.</summary>
    internal uint Retain(ulong id, ulong lsn)
    {
        if (!TryFind(id, out uint number))
        {
            number = Add(id);
        }

        ref Owner owner = ref _owners[number];
        owner.Live++;
        owner.FirstLsn = Math.Min(owner.FirstLsn, lsn);
        owner.LastLsn = Math.Max(owner.LastLsn, lsn);
        return number;
    }

    internal void Drop(uint number, ulong lastLsn)
    {
        ref Owner owner = ref _owners[number];
        DeletedReferences -= owner.IsDeleted ? 1 : 0;
        if (--owner.Live == 0)
        {
            if (!owner.IsDeleted)
            {
                _numbers.Remove(owner.Id);
                _hasLast = false;
            }

            _freed.Enqueue((number, lastLsn));
        }
    }

    /// <summary>Nobody finds the owner any more; its references are dropped one by one. The same id later is another owner.</summary>
    internal void Delete(uint number)
    {
        ref Owner owner = ref _owners[number];
        owner.IsDeleted = true;
        DeletedReferences += owner.Live;
        _numbers.Remove(owner.Id);
        _hasLast = false;
    }

    /// <summary>Numbers freed while the log was read may be named by every segment there is, and by none that comes.</summary>
    /// <param name="lastLsn">The last LSN that was read.</param>
    internal void EndRecovery(ulong lastLsn)
    {
        for (int i = _freed.Count; i > 0; i--)
        {
            (uint number, ulong lsn) = _freed.Dequeue();
            _freed.Enqueue((number, Math.Min(lsn, lastLsn)));
        }
    }

    private uint Add(ulong id)
    {
        uint number = _freed.TryPeek(out (uint Number, ulong Lsn) freed) && freed.Lsn <= SealedThroughLsn
            ? _freed.Dequeue().Number
            : _used++;
        if (number == _owners.Length)
        {
            Array.Resize(ref _owners, _owners.Length * 2);
        }

        _owners[number] = new Owner { Id = id, FirstLsn = ulong.MaxValue };
        CollectionsMarshal.GetValueRefOrAddDefault(_numbers, id, out _) = number;
        _hasLast = true;
        _lastId = id;
        _lastNumber = number;
        return number;
    }

    /// <summary>One owner.</summary>
    internal struct Owner
    {
        internal ulong Id;
        internal int Live;

        /// <summary>No reference of the owner is before this.</summary>
        internal ulong FirstLsn;

        /// <summary>No reference of the owner is after this.</summary>
        internal ulong LastLsn;

        /// <summary>A purge has cleared everything up to this but marked records.</summary>
        internal ulong PurgedThroughLsn;

        internal bool IsDeleted;
    }
}
