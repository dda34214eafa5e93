namespace Warren.Core.Arguments;

/// <summary>A set of <see cref="QueueKind"/>.</summary>
[Flags]
internal enum QueueKinds
{
    None = 0,
    Classic = 1 << QueueKind.Classic,
    Quorum = 1 << QueueKind.Quorum,
    Stream = 1 << QueueKind.Stream,
    ClassicQuorum = Classic | Quorum,
    All = Classic | Quorum | Stream,
}

/// <summary>Membership in a set of queue types.</summary>
internal static class QueueKindsExtensions
{
    public static bool Includes(this QueueKinds kinds, QueueKind kind) => (kinds & (QueueKinds)(1 << (int)kind)) != 0;
}
