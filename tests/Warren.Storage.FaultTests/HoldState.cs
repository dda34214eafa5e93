namespace Warren.Storage.FaultTests;

/// <summary>What a test knows about one reference.</summary>
public enum HoldState
{
    /// <summary>Somebody holds it.</summary>
    Held = 0,

    /// <summary>It was given back; a crash may bring it back.</summary>
    Returned = 1,

    /// <summary>It was given back and that is on the disk.</summary>
    ReturnedDurably = 2,
}
