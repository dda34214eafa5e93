using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>What a group does to references that were there before it.</summary>
internal enum GroupStepKind : byte
{
    /// <summary>Gives a reference back.</summary>
    Release = 0,

    /// <summary>Gives a reference back; a record of the group says so itself.</summary>
    ReleasedByRecord = 1,

    /// <summary>Keeps a number with a reference.</summary>
    Annotate = 2,
}

/// <summary>One step that waits until its group is complete, so that a group can be given up without a trace.</summary>
internal readonly record struct GroupStep(GroupStepKind Kind, ulong Owner, ulong Lsn, uint Value)
{
    /// <summary>Most bytes a step takes in the log.</summary>
    internal const int MaxBytes = 3 * Varint.MaxSize;
}
