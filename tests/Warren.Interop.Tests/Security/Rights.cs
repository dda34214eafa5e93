namespace Warren.Interop.Tests.Security;

/// <summary>The permissions of a user in the virtual host of the matrix.</summary>
public enum Rights
{
    /// <summary>No entry: the user may not even enter.</summary>
    NoAccess,

    /// <summary>An entry whose three patterns match nothing.</summary>
    None,

    /// <summary>Configure everything, nothing else.</summary>
    Configure,

    /// <summary>Write everything, nothing else.</summary>
    Write,

    /// <summary>Read everything, nothing else.</summary>
    Read,

    /// <summary>Everything.</summary>
    All,
}
