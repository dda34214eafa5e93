namespace Warren.Cli.Ctl.Admin;

/// <summary>rabbitmqadmin was asked for something it cannot do; it ends with 1.</summary>
internal sealed class AdminError : Exception
{
    public AdminError(string message, bool isUsage = false)
        : base(message) => IsUsage = isUsage;

    /// <summary>Whether the command line was wrong, and not the broker's answer.</summary>
    public bool IsUsage { get; }
}
