namespace Warren.Core.Exchanges;

/// <summary>Which destination each part of the hash space belongs to: shares in proportion to weights.</summary>
/// <remarks>
/// The hash space is cut into <see cref="SlotCount"/> slots, and a slot belongs to the destination with the best score
/// for it, a number drawn from slot and name and scaled by the weight (weighted rendezvous hashing). So a new
/// destination takes its share evenly from all others, one that goes leaves its share to all others, nothing else
/// moves, and the result depends on names and weights only, not on the order they came in. A share is exact up to the
/// chance of the draw: with n equal destinations about the square root of n / <see cref="SlotCount"/>, which is 1 % for
/// ten of them. Up to <see cref="FewMembers"/> the scores are compared for each message; above, a table of the owners
/// is kept (512 KiB). Readers take no lock, one writer at a time.
/// </remarks>
internal sealed class WeightedShares
{
    /// <summary>Slots of the hash space, a power of two.</summary>
    public const int SlotCount = 1 << SlotBits;

    /// <summary>Members up to which no table is kept.</summary>
    public const int FewMembers = 8;

    private const int SlotBits = 16;

    private Shares _shares = new([], null);
    private float[] _scores = []; // of the owners in the table; the writer's

    /// <summary>The destination a hash belongs to; null when there is none.</summary>
    public RoutingTarget? Find(ulong hash)
    {
        Shares shares = Volatile.Read(ref _shares);
        if (shares.Members.Length == 0)
        {
            return null;
        }

        int slot = (int)(hash >> (64 - SlotBits));
        int owner = shares.Owners is { } owners ? owners[slot] : BestOf(shares.Members, slot, out _);
        return shares.Members[owner].Target;
    }

    /// <summary>Adds a destination that is not there. Writer's lock.</summary>
    public void Add(RoutingTarget target, int weight)
    {
        Member[] members = [.. _shares.Members, new Member(target, StableHash.Of(target), weight)];
        int[]? owners = null;
        if (members.Length > FewMembers)
        {
            owners = _shares.Owners is { } before ? Extend(before, members) : Build(members);
        }

        Volatile.Write(ref _shares, new Shares(members, owners));
    }

    /// <summary>Takes a destination out. Writer's lock.</summary>
    public void Remove(RoutingTarget target)
    {
        Member[] members = [.. _shares.Members];
        int removed = Array.FindIndex(members, member => ReferenceEquals(member.Target, target));
        int last = members.Length - 1;
        members[removed] = members[last];
        Array.Resize(ref members, last);
        int[]? owners = null;
        if (members.Length > FewMembers)
        {
            owners = Reassign(_shares.Owners!, members, removed, last);
        }
        else
        {
            _scores = [];
        }

        Volatile.Write(ref _shares, new Shares(members, owners));
    }

    private int[] Build(Member[] members)
    {
        int[] owners = new int[SlotCount];
        _scores = new float[SlotCount];
        for (int slot = 0; slot < owners.Length; slot++)
        {
            owners[slot] = BestOf(members, slot, out _scores[slot]);
        }

        return owners;
    }

    private int[] Extend(int[] before, Member[] members)
    {
        int[] owners = [.. before];
        int added = members.Length - 1;
        for (int slot = 0; slot < owners.Length; slot++)
        {
            float score = members[added].Score(slot);
            if (IsBetter(score, members[added], _scores[slot], members[owners[slot]]))
            {
                owners[slot] = added;
                _scores[slot] = score;
            }
        }

        return owners;
    }

    private int[] Reassign(int[] before, Member[] members, int removed, int last)
    {
        int[] owners = [.. before];
        for (int slot = 0; slot < owners.Length; slot++)
        {
            if (owners[slot] == removed)
            {
                owners[slot] = BestOf(members, slot, out _scores[slot]);
            }
            else if (owners[slot] == last)
            {
                owners[slot] = removed;
            }
        }

        return owners;
    }

    private static int BestOf(Member[] members, int slot, out float best)
    {
        int owner = 0;
        best = members[0].Score(slot);
        for (int i = 1; i < members.Length; i++)
        {
            float score = members[i].Score(slot);
            if (IsBetter(score, members[i], best, members[owner]))
            {
                owner = i;
                best = score;
            }
        }

        return owner;
    }

    // Of equal scores the lower identity wins, so that the order of members makes no difference.
    private static bool IsBetter(float score, in Member member, float best, in Member owner) =>
        score < best || (score == best && member.Identity < owner.Identity);

    private readonly record struct Member(RoutingTarget Target, ulong Identity, int Weight)
    {
        // The time until the first event at a rate of Weight: the earliest of several comes from each with a
        // probability in proportion to its rate.
        public float Score(int slot)
        {
            ulong random = StableHash.Of((ulong)slot, Identity);
            double uniform = ((random >> 11) + 0.5) * (1.0 / (1UL << 53)); // within (0, 1)
            return (float)(-Math.Log(uniform) / Weight);
        }
    }

    // Owners holds indexes of Members; null while these are few.
    private sealed record Shares(Member[] Members, int[]? Owners);
}
