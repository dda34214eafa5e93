using System.Diagnostics;

namespace Warren.Core.Exchanges;

/// <summary>Bindings without order, of which one is drawn at a time: many readers without a lock, one writer at a time.</summary>
/// <remarks>Adding, removing and drawing take constant time and drawing allocates nothing.</remarks>
internal sealed class BindingBag
{
    private const int FirstCapacity = 4;

    private Slots _slots = new(FirstCapacity);

    /// <summary>Draws one binding's destination, each binding as likely as any other; null when there is none.</summary>
    public RoutingTarget? Draw(Random random)
    {
        while (true)
        {
            Slots slots = Volatile.Read(ref _slots);
            int count = Volatile.Read(ref slots.Count);
            if (count == 0)
            {
                return null;
            }

            // A place past the end was given up after the count was read: draw again, from fewer.
            if (Volatile.Read(ref slots.Places[count == 1 ? 0 : random.Next(count)]) is { } place)
            {
                return place.Target;
            }
        }
    }

    /// <summary>Adds a binding. Writer's lock.</summary>
    public void Add(Binding binding)
    {
        if (_slots.Count == _slots.Places.Length)
        {
            Resize(_slots.Count * 2);
        }

        Slots slots = _slots;
        var place = new Place(binding.Destination, slots.Count);
        binding.Compiled = place;
        slots.Places[place.Index] = place;
        Volatile.Write(ref slots.Count, slots.Count + 1);
    }

    /// <summary>Takes a binding out; the last one moves into its place. Writer's lock.</summary>
    public void Remove(Binding binding)
    {
        var removed = (Place)binding.Compiled!;
        Slots slots = _slots;
        int last = slots.Count - 1;
        Debug.Assert(slots.Places[removed.Index] == removed, "a binding is removed once, after it was added");
        Place moved = slots.Places[last]!;
        moved.Index = removed.Index;
        Volatile.Write(ref slots.Places[moved.Index], moved);
        Volatile.Write(ref slots.Count, last);
        Volatile.Write(ref slots.Places[last], null);
        if (last > FirstCapacity && last < slots.Places.Length / 4)
        {
            Resize(slots.Places.Length / 2);
        }
    }

    // The old array stays as it is for the readers on it.
    private void Resize(int capacity)
    {
        var resized = new Slots(capacity) { Count = _slots.Count };
        Array.Copy(_slots.Places, resized.Places, _slots.Count);
        Volatile.Write(ref _slots, resized);
    }

    private sealed class Place(RoutingTarget target, int index)
    {
        public RoutingTarget Target { get; } = target;

        public int Index { get; set; } = index; // the writer's
    }

    private sealed class Slots(int capacity)
    {
        public readonly Place?[] Places = new Place?[capacity];
        public int Count; // written after the place
    }
}
