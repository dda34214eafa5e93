namespace Warren.FaultTests.Books;

/// <summary>What is known of a definition from the answers so far.</summary>
public enum Presence
{
    /// <summary>It was asked for or deleted, and the answer was no or missing.</summary>
    Unknown,

    /// <summary>Made, and answered with yes.</summary>
    There,

    /// <summary>Deleted, and answered with yes.</summary>
    Gone,
}
