namespace Warren.Cli.Ctl;

/// <summary>A command that ends with a text for the operator and an exit code.</summary>
internal sealed class CtlError : Exception
{
    public CtlError(int exitCode, string message)
        : base(message) => ExitCode = exitCode;

    /// <summary>One of <see cref="CtlExit"/>.</summary>
    public int ExitCode { get; }

    /// <summary>Whether the message stands alone, without a line "Error:" before it.</summary>
    public bool IsBare { get; init; }

    /// <summary>Whether the usage of the command is worth a reminder.</summary>
    public bool IsValidation { get; init; }

    /// <summary>A command line that makes no sense.</summary>
    public static CtlError Usage(string message) => new(CtlExit.Usage, message) { IsValidation = true };
}
