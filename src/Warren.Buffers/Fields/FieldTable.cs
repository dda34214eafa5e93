using System.Diagnostics.CodeAnalysis;

namespace Warren.Buffers.Fields;

/// <summary>
/// Named, typed values in the order they were given: arguments of a declaration or headers of a message.
/// </summary>
/// <remarks>
/// Not thread-safe while it is being filled; afterwards it is only read. Of a doubled name the first one counts.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "The specification's word is table.")]
public sealed class FieldTable : IEquatable<FieldTable>
{
    private readonly List<KeyValuePair<string, FieldValue>> _fields;

    /// <summary>An empty table to fill.</summary>
    public FieldTable() => _fields = [];

    /// <summary>An empty table with room for <paramref name="capacity"/> fields.</summary>
    public FieldTable(int capacity) => _fields = new List<KeyValuePair<string, FieldValue>>(capacity);

    /// <summary>The table without fields. Do not add to it.</summary>
    public static FieldTable Empty { get; } = new();

    /// <summary>Number of fields.</summary>
    public int Count => _fields.Count;

    /// <summary>The fields in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, FieldValue>> Fields => _fields;

    /// <summary>Appends a field.</summary>
    public void Add(string name, FieldValue value) => _fields.Add(new KeyValuePair<string, FieldValue>(name, value));

    /// <summary>Replaces the field of that name, or appends it.</summary>
    public void Set(string name, FieldValue value)
    {
        int index = _fields.FindIndex(f => string.Equals(f.Key, name, StringComparison.Ordinal));
        var field = new KeyValuePair<string, FieldValue>(name, value);
        if (index < 0)
        {
            _fields.Add(field);
        }
        else
        {
            _fields[index] = field;
        }
    }

    /// <summary>Removes the field of that name, if there is one.</summary>
    public void Remove(string name) => _fields.RemoveAll(f => string.Equals(f.Key, name, StringComparison.Ordinal));

    /// <summary>Finds a field by its exact name.</summary>
    public bool TryGet(string name, out FieldValue value)
    {
        foreach (KeyValuePair<string, FieldValue> field in _fields)
        {
            if (string.Equals(field.Key, name, StringComparison.Ordinal))
            {
                value = field.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Same names with the same values, in any order; of a doubled name the first one counts.</summary>
    public bool Equals(FieldTable? other)
    {
        if (other is null || ReferenceEquals(this, other))
        {
            return other is not null;
        }

        // By hash: a client may send two tables of 40 000 names each.
        Dictionary<string, FieldValue> mine = ByName();
        Dictionary<string, FieldValue> theirs = other.ByName();
        if (mine.Count != theirs.Count)
        {
            return false;
        }

        foreach (KeyValuePair<string, FieldValue> field in mine)
        {
            if (!theirs.TryGetValue(field.Key, out FieldValue value) || value != field.Value)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldTable);

    /// <summary>The same for all tables that are not empty: tables are compared, not looked up.</summary>
    public override int GetHashCode() => Count == 0 ? 0 : 1;

    private Dictionary<string, FieldValue> ByName()
    {
        var fields = new Dictionary<string, FieldValue>(_fields.Count, StringComparer.Ordinal);
        foreach (KeyValuePair<string, FieldValue> field in _fields)
        {
            _ = fields.TryAdd(field.Key, field.Value);
        }

        return fields;
    }
}
