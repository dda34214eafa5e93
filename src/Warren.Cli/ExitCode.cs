namespace Warren.Cli;

/// <summary>Exit codes beside those of a failed start, as sysexits(3) has them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command has run, and what it looked at is not as it should be.</summary>
    public const int Found = 1;

    /// <summary>EX_USAGE: the command line makes no sense.</summary>
    public const int Usage = 64;

    /// <summary>EX_SOFTWARE: a bug.</summary>
    public const int Software = 70;

    /// <summary>EX_CANTCREAT: a file cannot be made.</summary>
    public const int CannotCreate = 73;

    /// <summary>EX_CONFIG: the configuration cannot be used.</summary>
    public const int Configuration = 78;
}
